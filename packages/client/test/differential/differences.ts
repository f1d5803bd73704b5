import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One intended difference from what Amplify does. */
export interface Difference {
  /** What its test is called. */
  readonly id: string;
  readonly case: string;
  readonly amplify: string;
  readonly ours: string;
}

const client = join('packages', 'client');

/** The intended differences, which the README shows as well. */
export const differences = JSON.parse(
  readFileSync(join(client, 'test/differential/differences.json'), 'utf8'),
) as Record<'v5' | 'v6', readonly Difference[]>;

/** The table under a heading of the client's README, row by row. */
export function readTable(heading: string): Omit<Difference, 'id'>[] {
  const readme = readFileSync(join(client, 'README.md'), 'utf8');
  const [, section = ''] = readme.split(`# ${heading}\n`);
  const [table = ''] = /(^\|.*\n)+/m.exec(section) ?? [];
  const [, , ...rows] = table.trimEnd().split('\n');
  return rows.map((row) => {
    const [, what = '', amplify = '', ours = ''] = row.split(/\s*(?<!\\)\|\s*/);
    return { case: what, amplify, ours };
  });
}
