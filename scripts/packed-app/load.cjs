const entries = require('./entries.json');

for (const entry of entries) require(entry);
