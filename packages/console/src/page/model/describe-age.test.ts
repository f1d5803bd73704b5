import { expect, test } from '@jest/globals';
import { describeAge } from './describe-age.ts';

const now = Date.parse('2030-01-10T12:00:00Z');

test.each([
  ['2030-01-10T11:59:30Z', 'just now'],
  ['2030-01-10T11:48:00Z', '12 min ago'],
  ['2030-01-10T09:00:00Z', '3 h ago'],
  ['2030-01-07T11:00:00Z', '3 d ago'],
  ['2030-01-10T12:00:10Z', 'in a moment'],
  ['2030-01-10T14:30:00Z', 'in 2 h'],
  ['nonsense', ''],
  [undefined, ''],
])('%s is %s', (time, words) => {
  expect(describeAge(time, now)).toBe(words);
});
