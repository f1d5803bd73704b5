import type { ListedEndpoint } from '@amplify-discovery/console';
import { expect, test } from '@jest/globals';
import type { Rule } from '@amplify-discovery/registry/operations';
import { findAbandoned } from './plan-purge.ts';

const now = Date.parse('2026-03-31T00:00:00Z');
const days = (count: number) => new Date(now - count * 86_400_000).toISOString();
const make = (stage: string, age: number) =>
  ({ stage, service: 'users', id: 'default', updatedAt: days(age) }) as ListedEndpoint;
const rule = (kind: Rule['kind'], stage: string, more: Partial<Rule> = {}) =>
  ({ kind, name: kind, stages: [stage], services: null, seconds: null, ...more }) as Rule;
const week = rule('previews', 'pr-*', { seconds: 7 * 86_400 });
const find = (records: readonly ListedEndpoint[], rules: readonly Rule[], more: object = {}) =>
  findAbandoned({ records, rules, now, ...more }).map(({ stage, keptBy }) => [stage, keptBy]);

test('a preview is abandoned when nothing was deployed to it for as long as its rule says', () => {
  const records = [make('pr-1', 8), make('pr-2', 6), make('Production', 100)];
  expect(find(records, [week])).toEqual([['pr-1', undefined]]);
  expect(find(records, [])).toEqual([]);
});

test('a stage is abandoned as a whole: one recent record keeps it', () => {
  expect(find([make('pr-1', 80), make('pr-1', 1)], [week])).toEqual([]);
});

test('previews can be named, and so can the time', () => {
  const records = [make('pr-1', 8), make('dev-ann', 20)];
  expect(find(records, [week], { previews: ['dev-*'] })).toEqual([['dev-ann', undefined]]);
  expect(find(records, [], { previews: ['*'], olderThanMs: 30 * 86_400_000 })).toEqual([]);
});

test('what is protected or frozen is kept, also when it is named', () => {
  const records = [make('pr-1', 20), make('Production', 100)];
  const rules = [week, rule('freeze', 'pr-1'), rule('protection', 'Production')];
  expect(find(records, rules)).toEqual([['pr-1', 'freeze "freeze"']]);
  expect(find(records, rules, { previews: ['*'] })).toEqual([
    ['Production', 'protection "protection"'],
    ['pr-1', 'freeze "freeze"'],
  ]);
});

test('a record whose time is not known is taken for new', () => {
  expect(find([{ ...make('pr-1', 80), updatedAt: undefined }], [week])).toEqual([]);
});
