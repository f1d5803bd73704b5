/**
 * Puts the registrar that npm installed where the Amplify CLI packages the function from. The CLI runs it at each build of
 * the function (the script `amplify:discoveryRegistrar` in package.json), so a push deploys the installed version.
 */
const { copyFileSync, mkdirSync } = require('node:fs');
const { join } = require('node:path');

const source = join(__dirname, 'amplify/backend/function/discoveryRegistrar/src');
mkdirSync(source, { recursive: true });
copyFileSync(require.resolve('@amplify-discovery/registrar/lambda/index.js'), join(source, 'index.js'));
