import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findNearNames } from './find-near-names.ts';

const services = ['user-management-service', 'users', 'orders', 'order', 'billing'];
const commands = ['register', 'deregister', 'stages', 'list'];
const properties = ['Service', 'Stage', 'Id', 'Target', 'SigningService'];

test.each([
  ['user-managment-service', services, ['user-management-service']],
  ['usres', services, ['users']],
  ['Orders', services, ['orders', 'order']],
  ['ordrs', services, ['orders']],
  ['user-management', services, ['user-management-service']],
  ['user-m', services, ['users']],
  ['xyz', services, []],
  ['us', services, []],
  ['payments', services, []],
  ['lsit', commands, ['list']],
  ['stage', commands, ['stages']],
  ['dereg', commands, ['deregister']],
  ['frobnicate', commands, []],
  ['', commands, []],
  ['Sevrice', properties, ['Service']],
  ['Servce', properties, ['Service']],
  ['Servicee', properties, ['Service']],
  ['SERVICE', properties, ['Service']],
  ['id', properties, ['Id']],
  ['Owner', properties, []],
  ['Ab', properties, []],
  ['Stare', ['Stage', 'Store', 'Stare1x', 'stored'], ['Stage', 'Store', 'Stare1x']],
])('for %s of %j: %j', (misspelt, names, expected) => {
  expect(findNearNames(misspelt, names)).toEqual(expected);
});

const name = fc.stringMatching(/^[ab]{1,9}$/);

test('at most three names are given, and none whose length is far from what was asked', () => {
  fc.assert(
    fc.property(name, fc.array(name), (misspelt, known) => {
      const near = findNearNames(misspelt, known);
      expect(near.length).toBeLessThanOrEqual(3);
      for (const found of near) {
        const bound = found.startsWith(misspelt) ? misspelt.length : misspelt.length / 3;
        expect(Math.abs(found.length - misspelt.length)).toBeLessThanOrEqual(bound);
      }
    }),
  );
});

test('one slip in a name of three letters or more is found, whatever the case', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z]{4,20}$/),
      fc.nat(),
      fc.nat(3),
      fc.boolean(),
      (meant, place, slip, isUpper) => {
        const at = place % (meant.length - 1);
        const slips = ['', 'X', `${meant[at]}x`, `${meant[at + 1]}${meant[at]}`];
        const written = meant.slice(0, at) + slips[slip] + meant.slice(at + (slip === 3 ? 2 : 1));
        expect(findNearNames(isUpper ? written.toUpperCase() : written, [meant])).toEqual([meant]);
      },
    ),
  );
});
