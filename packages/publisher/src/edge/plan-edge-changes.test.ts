import { expect, test } from '@jest/globals';
import { planEdgeChanges } from './plan-edge-changes.ts';

const stage = 'dev';
const settings = ['_settings', '{"stage":"dev"}'] as const;
const keysOf = ({ changes }: ReturnType<typeof planEdgeChanges>) =>
  changes.map(({ key, value }) => `${value === undefined ? '-' : '+'}${key}`);

test('entries are written first, then the settings that point to them, then old entries are removed', () => {
  const current = new Map([
    ['dev/gone', '[]'],
    ['_settings', '{"stage":"old"}'],
  ]);
  const plan = planEdgeChanges({ current, stage, entries: new Map([['dev/users', '[]']]), settings });
  expect(keysOf(plan)).toEqual(['+dev/users', '+_settings', '-dev/gone']);
});

test('unchanged entries are not written', () => {
  const current = new Map<string, string>([['dev/users', '[1]'], settings]);
  const plan = planEdgeChanges({ current, stage, entries: new Map([['dev/users', '[1]']]), settings });
  expect(plan).toEqual({ changes: [], skipped: [] });
});

test('stages that are no longer served are removed, provided that the served ones are known', () => {
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

test('a full store serves as many services as fit, and reports the others', () => {
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

test('where old and new do not fit together, the old are removed first', () => {
  const value = 'x'.repeat(1000);
  const of = (letter: string) => new Map(Array.from({ length: 4000 }, (_, index) => [`dev/${letter}${index}`, value]));
  const { changes } = planEdgeChanges({ current: of('a'), stage, entries: of('b') });
  expect(changes).toHaveLength(8000);
  expect(changes.slice(0, 4000).every(({ value }) => value === undefined)).toBe(true);
});
