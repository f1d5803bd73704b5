import { expect, test } from '@jest/globals';
import { measureExpiry } from './measure-expiry.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const never = 1e9;
const hourMs = 3_600_000;

test.each<[string, readonly unknown[], number]>([
  ['nothing ends', [{}, { expiresAt: null, overriddenUntil: null }], never],
  ['a record expires', [{ expiresAt: '2026-11-26T14:00:00Z' }, { expiresAt: '2026-11-26T13:00:00Z' }], hourMs],
  [
    'an override ends before a record expires',
    [{ expiresAt: '2026-11-26T14:00:00Z', overriddenUntil: '2026-11-26T13:00:00Z' }],
    hourMs,
  ],
  [
    'all that ends has ended',
    [{ expiresAt: '2026-11-26T11:00:00Z' }, { overriddenUntil: '2026-11-26T11:59:59Z' }],
    never,
  ],
  ['a record expires in a year', [{ expiresAt: '2027-11-26T12:00:00Z' }], never],
  [
    'something else stands there',
    [null, 'text', 5, Object.create(null), { expiresAt: 5 }, { expiresAt: 'soon', overriddenUntil: { toString: 1 } }],
    never,
  ],
])('the time until the next reading without a notice, where %s', (_, records, expected) => {
  expect(measureExpiry(records, now)).toBe(expected);
});
