/**
 * Keeps the registry's API key alive: AppSync lets a key live for at most 365 days from its last update. The date moves
 * on once a month, so pushes of one month stay equal, and a key outlives the last push by at least 334 days.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const file = join(__dirname, '../backend/custom/discoveryRegistry/parameters.json');
const now = new Date();
const apiKeyExpires = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1) / 1000 + 365 * 24 * 60 * 60;
const parameters = JSON.parse(readFileSync(file, 'utf8'));
if (parameters.apiKeyExpires !== apiKeyExpires) {
  writeFileSync(file, `${JSON.stringify({ ...parameters, apiKeyExpires }, undefined, 2)}\n`);
}
