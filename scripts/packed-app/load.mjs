import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Both builds of an entry load, and export the same names. */
const require = createRequire(import.meta.url);
const entries = JSON.parse(readFileSync('entries.json', 'utf8'));

for (const entry of entries) deepStrictEqual(listNames(await import(entry)), listNames(require(entry)), entry);

function listNames(module) {
  return Object.keys(module)
    .filter((name) => name !== '__esModule' && name !== 'module.exports')
    .sort();
}
