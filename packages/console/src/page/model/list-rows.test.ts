import { expect, test } from '@jest/globals';
import type { Overview, ShownFinding } from '../../overview.ts';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';
import { filterRows, findReached, listGeneralFindings, listRows } from './list-rows.ts';
import { parseView } from './view.ts';

const endpoint = (stage: string, service: string, more: Partial<ListedEndpoint> = {}): ListedEndpoint => ({
  stage,
  service,
  id: 'default',
  kind: 'rest',
  target: `https://${service}.${stage}.example.com`,
  priority: 0,
  weight: 100,
  public: false,
  ...more,
});
const finding = (subject: string, severity: 'error' | 'warning' = 'error'): ShownFinding => ({
  check: 'dns',
  severity,
  subject,
  problem: 'does not resolve',
  fix: 'deploy it again',
});
const overview = (endpoints: readonly ListedEndpoint[], findings: readonly ShownFinding[] = []): Overview => ({
  registry: 'https://registry.example.com/graphql',
  stages: [...new Set(endpoints.map(({ stage }) => stage))],
  endpoints,
  findings,
  unchecked: [],
  mayWrite: false,
  hasHistory: false,
});
const list = (shown: Overview, query = '') => filterRows(listRows(shown, parseView(query)), parseView(query));

test('what is broken comes first, then what will be, then the rest by name', () => {
  const shown = overview(
    ['a', 'b', 'c', 'd'].map((service) => endpoint('dev', service)),
    [finding('dev/d/default'), finding('dev/c/default', 'warning')],
  );
  expect(list(shown).map(({ service, severity }) => `${service} ${severity}`)).toEqual([
    'd error',
    'c warning',
    'a none',
    'b none',
  ]);
  expect(list(shown, '?faults').map(({ service }) => service)).toEqual(['d', 'c']);
});

test('a service has a cell in every column, also where it is not', () => {
  const shown = overview([endpoint('dev', 'a'), endpoint('Production', 'b')]);
  expect(list(shown).map(({ cells }) => cells.map(({ endpoints }) => endpoints.length))).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(list(shown, '?stage=Production')[0]?.cells.map(({ stage }) => stage)).toEqual(['Production']);
});

test('endpoints stand by priority, and by weight within one', () => {
  const shown = overview([
    endpoint('dev', 'a', { id: 'backup', priority: 1, weight: 1000 }),
    endpoint('dev', 'a', { id: 'small', weight: 1 }),
    endpoint('dev', 'a', { id: 'large', weight: 2 }),
  ]);
  expect(list(shown)[0]?.cells[0]?.endpoints.map(({ id }) => id)).toEqual(['large', 'small', 'backup']);
});

test('the filter finds all its words in names, targets, versions and owners', () => {
  const shown = overview([
    endpoint('dev', 'users', { version: '1.2.3', owner: 'team-a' }),
    endpoint('dev', 'orders', { version: '1.2.4', owner: 'team-a' }),
  ]);
  const find = (words: string) => list(shown, `?q=${encodeURIComponent(words)}`).map(({ service }) => service);
  expect(find('TEAM-a')).toEqual(['orders', 'users']);
  expect(find('team-a 1.2.3')).toEqual(['users']);
  expect(find('orders.dev.example')).toEqual(['orders']);
  expect(find('constructor')).toEqual([]);
});

test('an app reaches the first of its stages that has the service, and none that has expired', () => {
  const now = Date.parse('2030-01-01T00:00:00Z');
  const shown = overview([
    endpoint('dev', 'users'),
    endpoint('pr-1', 'users', { expiresAt: '2029-12-31T00:00:00Z' }),
    endpoint('pr-1', 'orders', { expiresAt: '2030-01-02T00:00:00Z' }),
  ]);
  const find = (service: string) => findReached(shown, service, ['pr-1', 'dev'], now)?.stage;
  expect([find('users'), find('orders'), find('billing')]).toEqual(['dev', 'pr-1', undefined]);
});

test('a finding about something else than a record is not lost', () => {
  const shown = overview([endpoint('dev', 'users')], [finding('dev/users/default'), finding('the API key')]);
  expect(listGeneralFindings(shown).map(({ subject }) => subject)).toEqual(['the API key']);
});
