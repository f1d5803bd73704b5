import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseKeyExpiry } from './choose-key-expiry.ts';

const dayMilliseconds = 24 * 60 * 60 * 1000;

test('a key that is deployed at any moment lives 334 to 365 days from then, as AppSync allows', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (now) => {
      const days = (chooseKeyExpiry(now).getTime() - now.getTime()) / dayMilliseconds;
      expect(days).toBeGreaterThan(333);
      expect(days).toBeLessThanOrEqual(365);
    }),
  );
});

test('templates of the same month are equal, those of the next month renew the key', () => {
  const first = chooseKeyExpiry(new Date('2026-11-01T00:00:00Z'));
  expect(chooseKeyExpiry(new Date('2026-11-30T23:59:59Z'))).toEqual(first);
  expect(chooseKeyExpiry(new Date('2026-12-01T00:00:00Z')).getTime()).toBeGreaterThan(first.getTime());
});
