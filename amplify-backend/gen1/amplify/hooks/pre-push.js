/** Moves the expiry of the registry's API key on, once a month: a key outlives the last push by at least 334 days. */
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { chooseKeyExpiry } = require('@amplify-discovery/registry');

const file = join(__dirname, '../backend/custom/discoveryRegistry/parameters.json');
const apiKeyExpires = chooseKeyExpiry(new Date()).getTime() / 1000;
const parameters = JSON.parse(readFileSync(file, 'utf8'));
if (parameters.apiKeyExpires !== apiKeyExpires) {
  writeFileSync(file, `${JSON.stringify({ ...parameters, apiKeyExpires }, undefined, 2)}\n`);
}
