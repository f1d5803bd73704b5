import type { BackupRow } from '@amplify-discovery/registry/operations';

/** For people: `12 records, 1 removed record and 3 rules`. */
export function countRows(rows: readonly BackupRow[]): string {
  const counts = { record: 0, 'removed record': 0, rule: 0, 'removed rule': 0 };
  for (const row of rows) {
    if (row['rule'] !== undefined) counts.rule += 1;
    else if (row.stage === '#rules') counts['removed rule'] += 1;
    else counts[row['removed'] === true ? 'removed record' : 'record'] += 1;
  }
  const parts = Object.entries(counts)
    .filter(([name, count]) => count > 0 || name === 'record')
    .map(([name, count]) => `${count} ${name}${count === 1 ? '' : 's'}`);
  return [parts.slice(0, -1).join(', '), ...parts.slice(-1)].filter((part) => part !== '').join(' and ');
}
