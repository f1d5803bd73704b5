/* oxlint-disable typescript/no-floating-promises -- node:test waits for its tests by itself */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { listDocuments } from './list-documents.js';
import { findTables, listTables, normaliseTable } from './operations/list-tables.js';

const pages = listDocuments('docs/operations', '.md');

test('the tables of the operations pages say what the size of a record and the limits and prices of AWS come to', async () => {
  const tables = await listTables();
  const found = pages.flatMap(({ path, text }) => findTables(text).map((table) => [path, ...table]));
  deepStrictEqual(found.map(([, name]) => name).sort(), [...tables.keys()].sort());
  for (const [path, name, table] of found) {
    const message = `${path}: ${name}. Run npm run docs:tables`;
    strictEqual(normaliseTable(table), normaliseTable(tables.get(name)), message);
  }
});

test('the index of the operations pages leads to each of them', () => {
  const index = readFileSync('docs/operations/README.md', 'utf8');
  for (const { path } of pages) {
    const name = path.split('/').at(-1);
    ok(name === 'README.md' || index.includes(`](${name})`), `docs/operations/README.md does not lead to ${name}`);
  }
});
