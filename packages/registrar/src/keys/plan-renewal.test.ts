import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ApiKey } from '@amplify-discovery/aws';
import { planRenewal } from './plan-renewal.ts';

const daySeconds = 24 * 60 * 60;
const secondsOf = (text: string) => Date.parse(text) / 1000;

test('keys of the registry are renewed once a month, those of others are left alone', () => {
  const now = new Date('2026-11-26T12:00:00Z');
  const listed: ApiKey[] = [
    { id: 'ours', expires: secondsOf('2027-10-01T00:00:00Z') },
    { id: 'ours-too', expires: secondsOf('2027-11-01T00:00:00Z') },
    { id: 'theirs', expires: secondsOf('2026-11-27T00:00:00Z') },
  ];
  const { renewals, expires, gone } = planRenewal(['ours', 'ours-too', 'deleted'], listed, now);
  expect(renewals.map(({ id }) => id)).toEqual(['ours']);
  expect(new Date(expires * 1000).toISOString()).toBe('2027-11-01T00:00:00.000Z');
  expect(gone).toEqual(['deleted']);
});

test('day after day, for years, a key never has less than 333 days left, never moves back, and AppSync takes each of its ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3650 }), fc.integer({ min: 1, max: 365 }), (startDay, firstDays) => {
      const start = secondsOf('2026-01-01T09:30:00Z') + startDay * daySeconds;
      let key: ApiKey = { id: 'k', expires: start + firstDays * daySeconds };
      for (let day = 0; day < 800; day++) {
        const now = start + day * daySeconds;
        const { renewals, expires } = planRenewal(['k'], [key], new Date(now * 1000));
        if (renewals.length > 0) {
          expect(expires).toBeGreaterThan(key.expires);
          // Its rule: 1 to 365 days from the update.
          expect(expires - now).toBeGreaterThan(daySeconds);
          expect(expires - now).toBeLessThanOrEqual(365 * daySeconds);
          key = { ...key, expires };
        }
        expect(key.expires - now).toBeGreaterThan(333 * daySeconds);
      }
    }),
    { numRuns: 20 },
  );
});
