import { expect, test } from '@jest/globals';
import { findNextExpiry } from './find-next-expiry.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const at = (time: string) => Date.parse(`2026-11-26T${time}Z`);

test.each<[string, readonly unknown[], number]>([
  ['nothing ends', [{}, { expiresAt: null, overriddenUntil: null }], Infinity],
  ['a record expires', [{ expiresAt: '2026-11-26T14:00:00Z' }, { expiresAt: '2026-11-26T13:00:00Z' }], at('13:00:00')],
  [
    'an override ends before a record expires',
    [{ expiresAt: '2026-11-26T13:00:00Z', overriddenUntil: '2026-11-26T12:30:00Z' }],
    at('12:30:00'),
  ],
  ['a record has expired, which nobody serves', [{ expiresAt: '2026-11-26T11:00:00Z' }], Infinity],
  ['an override has ended by this clock alone', [{ overriddenUntil: '2026-11-26T11:59:59Z' }], at('12:01:00')],
  [
    'whatever else stands there',
    [null, 'text', 5, Object.create(null), { expiresAt: 5 }, { expiresAt: 'soon', overriddenUntil: { toString: 1 } }],
    Infinity,
  ],
])('the next reading without a notice, where %s', (_, records, expected) => {
  expect(findNextExpiry(records, now)).toBe(expected);
});
