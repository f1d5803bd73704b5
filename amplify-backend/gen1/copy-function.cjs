/**
 * Puts a function that npm installed where the Amplify CLI packages it from. The CLI runs it at each build of the function
 * (the scripts `amplify:…` in package.json), so a push deploys the installed version.
 */
const { copyFileSync, mkdirSync } = require('node:fs');
const { basename, join } = require('node:path');

const functions = {
  discoveryAnnouncer: '@amplify-discovery/publisher/lambda/announce.js',
  discoveryAudit: '@amplify-discovery/publisher/lambda/audit.js',
  discoveryRegistrar: '@amplify-discovery/registrar/lambda/index.js',
  discoveryPublisher: '@amplify-discovery/publisher/lambda/publisher.js',
  discoveryRouter: '@amplify-discovery/router/lambda/router.js',
};
const [name] = process.argv.slice(2);
if (!Object.hasOwn(functions, name)) throw new Error(`Name one of ${Object.keys(functions).join(', ')}, not ${name}`);

const source = join(__dirname, 'amplify/backend/function', name, 'src');
mkdirSync(source, { recursive: true });
copyFileSync(require.resolve(functions[name]), join(source, basename(functions[name])));
