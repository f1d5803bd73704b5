import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findNearNames } from './find-near-names.ts';

const names = ['user-management-service', 'users', 'orders', 'order', 'billing'];

test.each([
  ['user-managment-service', ['user-management-service']],
  ['usres', ['users']],
  ['Orders', ['orders', 'order']],
  ['ordrs', ['orders']],
  ['xyz', []],
  ['us', []],
  ['payments', []],
])('for %s: %j', (wanted, expected) => {
  expect(findNearNames(wanted, names)).toEqual(expected);
});

test('a name is never further away than a third of it, and never more than three are told', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab]{1,6}$/), fc.array(fc.stringMatching(/^[ab]{1,6}$/)), (wanted, known) => {
      const near = findNearNames(wanted, known);
      expect(near.length).toBeLessThanOrEqual(3);
      for (const name of near) expect(Math.abs(name.length - wanted.length)).toBeLessThanOrEqual(wanted.length / 3);
    }),
  );
});
