import type { AddressInfo } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { createResolver, type DiscoveryEvent } from '@amplify-discovery/core';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startRegistryProcess } from '@amplify-discovery/test-rig/registry-process';
import { createRouterServer } from '../src/index.ts';
import { startBackend } from './start-backend.ts';

jest.setTimeout(60_000);

test('killing the registry process under load changes no answer within the bound: 600 requests, 600 right ones', async () => {
  const registry = await startRegistryProcess();
  const backend = await startBackend(({ url }, response) => response.end(`served ${url}`));
  await registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service: 'orders',
    kind: 'http',
    target: backend.url,
    owner: 'test',
  });
  let time = Date.now();
  const events: DiscoveryEvent['type'][] = [];
  const resolver = createResolver({
    // A registry that is gone is asked twice, without a pause.
    source: registrySource({ transport: apiKeyTransport(registry), random: () => 0 }),
    stage: 'dev',
    trustedHosts: ['127.0.0.1:*'],
    // Stale from the first moment, so that every request has a refresh under way or starts one.
    freshSeconds: 0,
    staleWhileRevalidateSeconds: 60,
    staleIfErrorSeconds: 3600,
    recheckSeconds: 0,
    now: () => time,
    report: ({ type }) => events.push(type),
  });
  const server = createRouterServer({ stage: 'dev', discovery: () => resolver });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  /** The answers to that many requests of ten callers, each with a path of its own. */
  async function load(name: string, total: number, beforeEach: (asked: number) => void = () => {}) {
    const answers = new Map<string, string>();
    let asked = 0;
    async function call(): Promise<void> {
      while (asked < total) {
        const path = `/${name}/${asked++}`;
        beforeEach(asked);
        const answer = await fetch(`http://127.0.0.1:${port}/orders${path}`);
        answers.set(path, `${answer.status} ${answer.headers.get('retry-after')} ${await answer.text()}`);
      }
    }
    await Promise.all(Array.from({ length: 10 }, call));
    return answers;
  }
  const right = (name: string, total: number) =>
    new Map(Array.from({ length: total }, (_, index) => [`/${name}/${index}`, `200 null served /${name}/${index}`]));

  try {
    let killed: Promise<string | null> | undefined;
    const during = await load('during', 400, (asked) => {
      if (asked === 100) killed = registry.kill();
    });
    expect(await killed).toBe('SIGKILL');
    await resolver.settle();
    expect(during).toEqual(right('during', 400));
    expect(events.filter((type) => type === 'refresh').length).toBeGreaterThan(0);

    // Expired: each request waits for a refresh, which fails.
    time += 61_000;
    const failures = () => events.filter((type) => type === 'refresh-failed').length;
    const failedBefore = failures();
    expect(await load('expired', 200)).toEqual(right('expired', 200));
    expect(failures()).toBeGreaterThan(failedBefore);
    expect(backend.requests).toHaveLength(600);

    // Beyond the bound: the documented error, and nothing is sent anywhere.
    time += 3_600_000;
    const beyond = [...(await load('beyond', 50)).values()];
    expect(beyond).toHaveLength(50);
    expect(new Set(beyond.map((text) => text.slice(0, 5)))).toEqual(new Set(['503 5']));
    for (const text of beyond) expect(JSON.parse(text.slice(6))).toMatchObject({ code: 'RegistryUnavailable' });
    expect(backend.requests).toHaveLength(600);
  } finally {
    await registry.kill();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await backend.stop();
  }
});
