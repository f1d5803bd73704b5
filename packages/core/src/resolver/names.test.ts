import { expect, test } from '@jest/globals';
import { flush } from '../../test/scripted-source.ts';
import { createResolver } from './create-resolver.ts';

const names = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'length', 'name', 'then'];

function setUp(services: readonly string[], stage: string | readonly string[] = 'dev') {
  const endpoints = services.map((service) => ({ service, target: 'https://x.example.com' }));
  return createResolver({
    source: {
      name: 'test',
      load: async (request) => ({ revision: 'r', endpoints: request.stage === 'empty' ? [] : endpoints }),
    },
    stage,
    trustedHosts: ['*.example.com'],
  });
}

test.each(names)('%s as a service is found where it is registered, and nowhere else', async (name) => {
  await expect(setUp(['users']).resolve(name)).rejects.toMatchObject({ code: 'ServiceNotFound', service: name });
  const resolver = setUp([name, 'users']);
  expect((await resolver.resolve(name)).endpoint.service).toBe(name);
  expect([resolver.find(name)?.service, resolver.findFresh(name)?.endpoint.service]).toEqual([name, name]);
  expect(resolver.inspect()[0]?.endpoints?.map(({ service }) => service)).toEqual([name, 'users']);
});

test.each(names)('%s as a stage is a stage like any other', async (name) => {
  const resolver = setUp(['users'], ['empty', name]);
  expect((await resolver.resolve('users')).endpoint.stage).toBe(name);
  resolver.adopt(name, { revision: 'r2', endpoints: [], loadedAt: Date.now() });
  resolver.adopt('toString', undefined);
  await flush();
  expect(resolver.inspect().map(({ stage }) => stage)).toEqual(['empty', name]);
});

test.each(names)('%s as an id, a tenant or a key of metadata is one like any other', async (name) => {
  const record = { service: 'users', target: 'https://x.example.com' };
  const metadata = JSON.parse(`{"${name}":"own"}`) as object;
  const resolver = createResolver({
    source: {
      name: 'test',
      load: async () => ({ revision: 'r', endpoints: [record, { ...record, id: name, tenant: name, metadata }] }),
    },
    stage: 'dev',
    trustedHosts: ['*.example.com'],
  });
  const { endpoint } = await resolver.resolve('users', { id: name, tenant: name });
  expect(endpoint).toMatchObject({ id: name, tenant: name });
  expect(Object.entries(endpoint.metadata ?? {})).toEqual([[name, 'own']]);
  await expect(resolver.resolve('users', { id: `${name}x` })).rejects.toMatchObject({ code: 'ServiceNotFound' });
});
