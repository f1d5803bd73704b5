'use strict';
const { join } = require('node:path');

/** Where `npm run build` puts the page. */
exports.pageFolder = join(__dirname, 'dist', 'page');
