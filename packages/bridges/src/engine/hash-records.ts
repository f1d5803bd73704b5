import { createHash } from 'node:crypto';

/** A revision for systems that keep none of their own. Independent of the order in which records come. */
export function hashRecords(records: readonly object[]): string {
  const texts = records.map((record) => JSON.stringify(record)).sort();
  return createHash('sha256').update(texts.join('\n')).digest('base64url').slice(0, 22);
}
