import { createHash } from 'node:crypto';

/** The revision of records that have none: the same for the same records in any order. */
export function hashRecords(records: readonly object[]): string {
  const texts = records.map((record) => JSON.stringify(record)).sort();
  return createHash('sha256').update(texts.join('\n')).digest('base64url').slice(0, 22);
}
