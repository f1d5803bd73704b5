import { expect, test } from '@jest/globals';
import { differences, readTable } from './differences.ts';

test.each([
  ['v6', 'Differences from Amplify’s verbs'],
  ['v5', 'Differences from Amplify v5'],
] as const)('the README shows the intended differences from Amplify %s, and no others', (version, heading) => {
  const rows = differences[version].map(({ case: what, amplify, ours }) => ({ case: what, amplify, ours }));
  expect(readTable(heading)).toEqual(rows);
});
