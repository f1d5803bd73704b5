import { expect, test } from '@jest/globals';
import { parseExpiry } from './parse-expiry.ts';

const now = Date.parse('2030-01-01T00:00:00Z');

test.each([
  ['30m', '2030-01-01T00:30:00.000Z'],
  ['12h', '2030-01-01T12:00:00.000Z'],
  ['2d', '2030-01-03T00:00:00.000Z'],
  ['2030-02-01T01:00:00+01:00', '2030-02-01T00:00:00.000Z'],
  ['2030-02-01T01:00:30+01:00:30', '2030-02-01T00:00:00.000Z'],
])('%s is %s', (text, time) => {
  expect(parseExpiry(text, now)).toBe(time);
});

test.each(['', '0d', '2', '2w', 'tomorrow', '-1d', '2029-12-31T23:59:59Z', '2030-02-01', '2030-13-01T00:00:00Z'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseExpiry(text, now)).toThrow(
      `must be a time in the future, such as 2d, 12h, 30m or 2030-01-31T12:00:00Z: it is ${JSON.stringify(text)}`,
    );
  },
);
