import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memorySource, type MemorySource } from '@amplify-discovery/test-rig';
import { createDiscovery } from '../src/index.ts';
import { createMetrics } from '../src/metrics.ts';

/** Names that every object has without anyone giving them. */
const names = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'then', 'toJSON'];
const folder = mkdtempSync(join(tmpdir(), 'names-'));
let source: MemorySource;
beforeAll(() => {
  source = memorySource('registry');
});
afterAll(() => rmSync(folder, { recursive: true }));

const sent: Request[] = [];
const fetch: typeof globalThis.fetch = async (input, init) => {
  sent.push(new Request(input, init));
  return new Response('{}');
};

describe.each(names.filter((name) => /^[A-Za-z0-9._-]+$/.test(name)))('%s', (name) => {
  test('as a service, a stage or an id is like any other name', async () => {
    const discovery = createDiscovery({
      stage: name,
      source,
      cacheFolder: join(folder, 'cache'),
      trustedHosts: ['*.example.com'],
      metrics: createMetrics({ write: () => {} }),
      fetch,
      env: {},
    });
    await expect(discovery.resolve(name)).rejects.toMatchObject({ code: 'ServiceNotFound' });
    await expect(discovery.fetchService(name, '/')).rejects.toMatchObject({ code: 'ServiceNotFound' });
    await expect(discovery.invokeService(name)).rejects.toMatchObject({ code: 'InvalidOptions' });
    source.register({ stage: name, service: name, id: name, kind: 'rest', target: 'https://found.example.com' });
    const found = createDiscovery({
      stage: name,
      source,
      trustedHosts: ['*.example.com'],
      cacheFolder: false,
      fetch,
      env: {},
    });
    await expect(found.resolve(name, { id: name })).resolves.toMatchObject({ endpoint: { service: name, id: name } });
    // No auth of that name was given, so nothing is attached.
    await expect(found.fetchService(name, '/', { headers: { [name]: 'x' } })).resolves.toMatchObject({ status: 200 });
    expect(sent.at(-1)?.headers.get('authorization')).toBeNull();
  });

  test('as a name of the app’s own auth it is that service’s', async () => {
    const discovery = createDiscovery({
      stage: name,
      source,
      trustedHosts: ['*.example.com'],
      auth: Object.fromEntries([[name, { mode: 'bearer', token: () => 'own' }]]),
      cacheFolder: false,
      fetch,
      env: {},
    });
    await discovery.fetchService(name, '/');
    expect(sent.at(-1)?.headers.get('authorization')).toBe('Bearer own');
  });
});
