import type { RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planShift } from './plan-shift.ts';

const make = (id: string, weight: number, priority = 0) => ({ id, weight, priority }) as RegisteredEndpoint;
const plan = (weights: Record<string, number>, shares: Record<string, number>) =>
  planShift(
    Object.entries(weights).map(([id, weight]) => make(id, weight)),
    new Map(Object.entries(shares)),
  ).map(({ record, weight }) => [record.id, weight]);

test.each([
  [
    'a canary gets a tenth',
    { default: 100, canary: 0 },
    { canary: 10 },
    [
      ['default', 900],
      ['canary', 100],
    ],
  ],
  [
    'a share of half a percent',
    { default: 1000, canary: 0 },
    { canary: 0.5 },
    [
      ['canary', 5],
      ['default', 995],
    ],
  ],
  [
    'all of it',
    { default: 900, canary: 100 },
    { canary: 100 },
    [
      ['canary', 1000],
      ['default', 0],
    ],
  ],
  [
    'none of it',
    { default: 900, canary: 100 },
    { canary: 0 },
    [
      ['default', 1000],
      ['canary', 0],
    ],
  ],
  [
    'the others share the rest as before',
    { a: 30, b: 10, c: 0 },
    { c: 20 },
    [
      ['a', 600],
      ['c', 200],
      ['b', 200],
    ],
  ],
  [
    'others that had nothing share it evenly',
    { a: 0, b: 0, c: 100 },
    { c: 0 },
    [
      ['a', 500],
      ['b', 500],
      ['c', 0],
    ],
  ],
  ['weights that are that already are not written', { default: 900, canary: 100 }, { canary: 10 }, []],
])('%s', (_, weights, shares, expected) => {
  expect(plan(weights as Record<string, number>, shares as unknown as Record<string, number>)).toEqual(expected);
});

test('an id that is not there is refused with those that are', () => {
  expect(() => plan({ default: 100 }, { canary: 10 })).toThrow('There is no endpoint "canary"; there are default');
});

test('endpoints of another priority keep their weights, and are not shifted together', () => {
  const records = [make('default', 100), make('canary', 0), make('standby', 100, 1)];
  const changes = planShift(records, new Map([['canary', 10]]));
  expect(changes.map(({ record, weight }) => [record.id, weight])).toEqual([
    ['default', 900],
    ['canary', 100],
  ]);
  const both = new Map([
    ['canary', 10],
    ['standby', 10],
  ]);
  expect(() => planShift(records, both)).toThrow('--to names endpoints of the priorities 0 and 1');
});

test('shares that cannot add up are refused', () => {
  expect(() => plan({ a: 1, b: 1 }, { a: 60, b: 50 })).toThrow('add up to 110 %');
  expect(() => plan({ a: 1 }, { a: 10 })).toThrow('there is no other endpoint');
});

test('weights always add up to 1000, each from 0 to 1000, and the named get what was asked', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 1000 }), (all, permille) => {
      const records = all.map((weight, index) => make(String(index), weight));
      const changes = new Map(
        planShift(records, new Map([['0', permille / 10]])).map(({ record, weight }) => [record.id, weight]),
      );
      const after = records.map(({ id, weight }) => changes.get(id) ?? weight);
      expect(after[0]).toBe(permille);
      expect(after.reduce((sum, weight) => sum + weight, 0)).toBe(1000);
      expect(after.every((weight) => weight >= 0 && weight <= 1000)).toBe(true);
    }),
  );
});
