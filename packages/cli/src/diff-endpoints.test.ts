import type { Endpoint } from '@amplify-discovery/core';
import { expect, test } from '@jest/globals';
import { diffEndpoints } from './diff-endpoints.ts';

const make = (service: string, fields: Partial<Endpoint> = {}): Endpoint => ({
  stage: 'dev',
  service,
  id: 'default',
  kind: 'rest',
  target: 'https://api.example.com',
  weight: 100,
  ...fields,
});
const diff = (before: Endpoint[], after: Endpoint[]) =>
  diffEndpoints(before, after).map(({ change, endpoint, fields }) => [
    change,
    `${endpoint.service}/${endpoint.id}`,
    ...fields,
  ]);

test('what is new, what is gone and what changed is told by service and id', () => {
  const before = [make('users'), make('orders'), make('jobs')];
  const after = [
    make('jobs', { id: 'canary' }),
    make('users', { target: 'https://b.example.com', version: '1.0.0' }),
    make('jobs'),
  ];
  expect(diff(before, after)).toEqual([
    ['registered', 'jobs/canary'],
    ['deregistered', 'orders/default'],
    ['updated', 'users/default', 'target', 'version'],
  ]);
});

test('the same endpoints in another order are no change', () => {
  const metadata = { a: '1', b: '2' };
  expect(diff([make('a', { metadata }), make('b')], [make('b'), make('a', { metadata: { b: '2', a: '1' } })])).toEqual(
    [],
  );
});

test('a field that went away is a change', () => {
  expect(diff([make('a', { version: '1.0.0' })], [make('a')])).toEqual([['updated', 'a/default', 'version']]);
});
