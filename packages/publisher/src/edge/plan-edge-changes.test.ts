import { expect, test } from '@jest/globals';
import { planEdgeChanges } from './plan-edge-changes.ts';

const stage = 'dev';
const settings = ['_settings', '{"stage":"dev"}'] as const;
const keysOf = ({ changes }: ReturnType<typeof planEdgeChanges>) =>
  changes.map(({ key, value }) => `${value === undefined ? '-' : '+'}${key}`);

test('entries come first, then the settings that point to them, then what is gone', () => {
  const current = new Map([
    ['dev/gone', '[]'],
    ['_settings', '{"stage":"old"}'],
  ]);
  const plan = planEdgeChanges({ current, stage, entries: new Map([['dev/users', '[]']]), settings });
  expect(keysOf(plan)).toEqual(['+dev/users', '+_settings', '-dev/gone']);
});

test('what is there already is not written', () => {
  const current = new Map<string, string>([['dev/users', '[1]'], settings]);
  const plan = planEdgeChanges({ current, stage, entries: new Map([['dev/users', '[1]']]), settings });
  expect(plan).toEqual({ changes: [], skipped: [] });
});

test('stages that are no longer served go, and only where the served ones are known', () => {
  const current = new Map([
    ['old/users', '[]'],
    ['prod/users', '[]'],
    ['own', 'of someone else'],
    ['dev2/users', '[]'],
  ]);
  const entries = new Map<string, string>();
  expect(keysOf(planEdgeChanges({ current, stage, entries }))).toEqual([]);
  expect(keysOf(planEdgeChanges({ current, stage, entries, stages: ['dev', 'prod'] }))).toEqual([
    '-old/users',
    '-dev2/users',
  ]);
});

test('a full store serves as many services as it holds, and says which ones it does not', () => {
  const value = 'x'.repeat(1000);
  const entries = new Map(Array.from({ length: 5000 }, (_, index) => [`dev/s${index}`, value]));
  const { changes, skipped } = planEdgeChanges({ current: new Map([['prod/users', value]]), stage, entries, settings });
  const bytes = [...changes, { key: 'prod/users', value }].reduce(
    (sum, { key, value = '' }) => sum + key.length + value.length,
    0,
  );
  expect(bytes).toBeGreaterThan(4_998_000);
  expect(bytes).toBeLessThanOrEqual(5_000_000);
  expect(changes.length + skipped.length).toBe(5001);
  expect(skipped[0]?.reason).toMatch(/the store is full/);
  expect(changes.some(({ key }) => key === '_settings')).toBe(true);
});

test('where old and new have no room beside each other, the old go first', () => {
  const value = 'x'.repeat(1000);
  const of = (letter: string) => new Map(Array.from({ length: 4000 }, (_, index) => [`dev/${letter}${index}`, value]));
  const { changes } = planEdgeChanges({ current: of('a'), stage, entries: of('b') });
  expect(changes).toHaveLength(8000);
  expect(changes.slice(0, 4000).every(({ value }) => value === undefined)).toBe(true);
});
