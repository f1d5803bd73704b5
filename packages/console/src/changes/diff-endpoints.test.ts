import { parseEndpoint, type Endpoint } from '@amplify-discovery/core';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diffEndpoints } from './diff-endpoints.ts';

const make = (service: string, fields: object = {}): Endpoint =>
  parseEndpoint({ service, target: 'https://api.example.com', ...fields }, 'dev');
const diff = (before: Endpoint[], after: Endpoint[]) =>
  diffEndpoints(before, after).map(({ change, service, id, fields }) => [change, `${service}/${id}`, ...fields]);

test('what is new, what is gone and what changed is found by service and id', () => {
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

test('a difference has the endpoint as it was and as it is', () => {
  const [before, after] = [make('users', { weight: 1 }), make('users', { weight: 2 })];
  expect(diffEndpoints([before], [after])).toEqual([
    { service: 'users', id: 'default', change: 'updated', before, after, fields: ['weight'] },
  ]);
  expect(diffEndpoints([], [after])).toEqual([
    { service: 'users', id: 'default', change: 'registered', after, fields: [] },
  ]);
  expect(diffEndpoints([before], [])).toEqual([
    { service: 'users', id: 'default', change: 'deregistered', before, fields: [] },
  ]);
});

test('a record of the registry and one of a snapshot that say the same do not differ', () => {
  const time = '2030-01-01T00:00:00.000Z';
  const ofRegistry = make('a', { metadata: '{"x":"1","y":"2"}', expiresAt: time, region: null, tenant: null });
  const ofSnapshot = make('a', { metadata: { y: '2', x: '1' }, expiresAt: Date.parse(time) });
  expect(diff([ofRegistry, make('b')], [make('b'), ofSnapshot])).toEqual([]);
});

test('a field that went away is a change', () => {
  expect(diff([make('a', { version: '1.0.0' })], [make('a')])).toEqual([['updated', 'a/default', 'version']]);
});

test('applying the differences to the old list gives the new one', () => {
  const endpoints = fc
    .uniqueArray(
      fc.record({
        service: fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString'),
        id: fc.constantFrom('default', 'canary', '__proto__'),
        weight: fc.integer({ min: 0, max: 2 }),
      }),
      { selector: ({ service, id }) => `${service}/${id}` },
    )
    .map((all) => all.map(({ service, ...fields }) => make(service, fields)));
  const sort = (all: Iterable<Endpoint>) => [...all].map((endpoint) => JSON.stringify(endpoint)).sort();
  fc.assert(
    fc.property(endpoints, endpoints, (before, after) => {
      const result = new Map(before.map((endpoint) => [`${endpoint.service}/${endpoint.id}`, endpoint]));
      for (const { service, id, after: now } of diffEndpoints(before, after)) {
        if (now) result.set(`${service}/${id}`, now);
        else result.delete(`${service}/${id}`);
      }
      expect(sort(result.values())).toEqual(sort(after));
    }),
  );
});
