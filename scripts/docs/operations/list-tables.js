import { measureRecord } from './measure-record.js';
import { planColdReads, planCosts, planWatching, planWrites } from './plan-tables.js';

/** What the alarms of a registry with publisher, log and key watch: 16, one of them four metrics. */
const alarms = 19;

/** Every computed table of docs/operations, by the name in its mark: `<!-- computed: cold-reads -->`. */
export async function listTables() {
  const sizes = {
    fresh: await measureRecord({ deployments: 1 }),
    // A record remembers ten requests.
    settled: await measureRecord({ deployments: 12 }),
  };
  return new Map([
    ['cold-reads', planColdReads(sizes)],
    ['writes', planWrites(sizes)],
    ['costs', planCosts(sizes, { alarms })],
    ['watching', planWatching(sizes)],
  ]);
}

/** The tables of a page that are marked as computed: `[name, its lines]`. */
export function findTables(text) {
  return [...text.matchAll(/<!-- computed: ([\w-]+) -->\n\n((?:\|.*\n)+)/g)].map(([, name, table]) => [name, table]);
}

/** A table without what only lines its columns up. */
export function normaliseTable(table) {
  return table
    .trim()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .map((cell) => cell.trim().replace(/^-+$/, '---'))
        .join('|'),
    )
    .join('\n');
}
