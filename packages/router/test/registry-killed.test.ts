import type { AddressInfo } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { createResolver, type DiscoveryEvent } from '@amplify-discovery/core';
import { startLocalRegistry } from '@amplify-discovery/local';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createRouterServer } from '../src/index.ts';
import { startBackend } from './start-backend.ts';

jest.setTimeout(60_000);

test('a registry that dies under load changes no answer within the bound', async () => {
  const registry = await startLocalRegistry();
  const backend = await startBackend((_request, response) => response.end('served'));
  await registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service: 'orders',
    kind: 'http',
    target: backend.url,
    owner: 'test',
  });
  const events: DiscoveryEvent['type'][] = [];
  const resolver = createResolver({
    source: registrySource({ transport: apiKeyTransport(registry) }),
    stage: 'dev',
    trustedHosts: ['127.0.0.1:*'],
    // Always stale, so that every request would like a newer answer.
    freshSeconds: 0,
    recheckSeconds: 0,
    report: ({ type }) => events.push(type),
  });
  const server = createRouterServer({ stage: 'dev', discovery: () => resolver });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const total = 400;
  const texts: string[] = [];
  let asked = 0;
  let stopped: Promise<void> | undefined;
  async function load(): Promise<void> {
    while (asked++ < total) {
      if (asked === 100) stopped = registry.stop();
      const answer = await fetch(`http://127.0.0.1:${port}/orders/x`);
      texts.push(`${answer.status} ${await answer.text()}`);
    }
  }
  await Promise.all(Array.from({ length: 10 }, load));
  await stopped;
  // The refresh that found nobody may still be pausing before its second try.
  await resolver.settle();

  expect(texts).toEqual(Array.from({ length: total }, () => '200 served'));
  expect(backend.requests).toHaveLength(total);
  expect(events).toContain('refresh-failed');
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await backend.stop();
});
