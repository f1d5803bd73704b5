import { readFileSync, writeFileSync } from 'node:fs';
import { listDocuments } from '../list-documents.js';
import { findTables, listTables } from './list-tables.js';

/** Writes the computed tables of docs/operations anew. `npm run format` lines them up. */
const tables = await listTables();
for (const { path } of listDocuments('docs/operations', '.md')) {
  const before = readFileSync(path, 'utf8');
  const after = findTables(before).reduce(
    (text, [name, table]) => text.replace(table, `${tables.get(name) ?? table.trim()}\n`),
    before,
  );
  if (after !== before) writeFileSync(path, after);
}
