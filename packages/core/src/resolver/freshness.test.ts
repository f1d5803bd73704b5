import { describe, expect, test } from '@jest/globals';
import { judgeFreshness, measureAge, resolveFreshness } from './freshness.ts';

describe('freshness', () => {
  test('has defaults that an explicit undefined does not remove', () => {
    const defaults = {
      freshSeconds: 300,
      staleWhileRevalidateSeconds: 86_400,
      staleIfErrorSeconds: 604_800,
      recheckSeconds: 5,
    };
    expect(resolveFreshness()).toEqual(defaults);
    expect(resolveFreshness({ freshSeconds: undefined })).toEqual(defaults);
    expect(resolveFreshness({ recheckSeconds: 0 })).toEqual({ ...defaults, recheckSeconds: 0 });
  });

  test.each([
    [0, 'fresh'],
    [9.999, 'fresh'],
    [10, 'stale'],
    [29.999, 'stale'],
    [30, 'expired'],
    [109.999, 'expired'],
    [110, 'gone'],
    [Infinity, 'gone'],
    [Number.NaN, 'gone'],
  ])('is judged at %p seconds as %s', (ageSeconds, expected) => {
    const bounds = resolveFreshness({ freshSeconds: 10, staleWhileRevalidateSeconds: 20, staleIfErrorSeconds: 100 });
    expect(judgeFreshness(ageSeconds, bounds)).toBe(expected);
  });

  test('is gone right after the stale time when no error is to be bridged', () => {
    const bounds = resolveFreshness({ freshSeconds: 10, staleWhileRevalidateSeconds: 20, staleIfErrorSeconds: 0 });
    expect([9, 29, 30].map((age) => judgeFreshness(age, bounds))).toEqual(['fresh', 'stale', 'gone']);
  });

  test('takes a time stamp from the future for an old one', () => {
    expect(measureAge(1_000, 61_000)).toBe(60);
    expect(measureAge(61_000, 1_000)).toBe(60);
  });
});
