'use strict';
const { join } = require('node:path');

/** CommonJS on purpose: it knows its own folder, for ESM and CommonJS alike. */
exports.findVerificationAssets = () => join(__dirname, 'dist/verify');
