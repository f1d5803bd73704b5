'use strict';
const { dirname } = require('node:path');

/** CommonJS on purpose: `require.resolve` finds the registrar that this package depends on, for ESM and CommonJS alike. */
exports.findRegistrarBundle = () => dirname(require.resolve('@amplify-discovery/registrar/lambda/index.js'));
