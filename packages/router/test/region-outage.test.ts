import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createDiscovery, type DiscoveryOptions } from '@amplify-discovery/lambda';
import { countAnswers, startRegions, type Region } from '@amplify-discovery/test-rig/regions';
import { createRouterServer } from '../src/index.ts';

jest.setTimeout(60_000);

let regions: readonly [Region, Region];
let time: number;
beforeEach(async () => {
  time = Date.now();
  regions = (await startRegions(['eu-west-1', 'us-east-1'])) as unknown as typeof regions;
});
afterEach(() => Promise.all(regions.map((region) => region.stop())));

/** What a deployment in the first region sets. */
function makeDiscovery() {
  const [first, second] = regions;
  const env = {
    DISCOVERY_STAGE: 'dev',
    DISCOVERY_TRUSTED_HOSTS: '127.0.0.1:*',
    DISCOVERY_REGISTRY_URL: first.registry.url,
    DISCOVERY_API_KEY: first.registry.apiKey,
    DISCOVERY_FALLBACKS: JSON.stringify([{ registry: { url: second.registry.url, apiKey: second.registry.apiKey } }]),
    DISCOVERY_PREFER: 'eu-west-1,us-east-1',
  };
  const options: DiscoveryOptions = { env, cacheFolder: false, recheckSeconds: 60, now: () => time };
  return createDiscovery(options);
}

/** Counts calls before, while and after the first region is down. */
async function outlive(call: (method: string) => Promise<string>) {
  const [first] = regions;
  const during = await countAnswers({
    call: () => call('GET'),
    total: 600,
    meanwhile: { after: 200, act: () => first.stop() },
  });
  expect(during).toEqual({ 'eu-west-1': expect.any(Number), 'us-east-1': expect.any(Number), failed: 0 });
  expect(during['us-east-1']).toBeGreaterThan(300);
  expect(await countAnswers({ call: () => call('POST'), total: 100 })).toEqual({ 'us-east-1': 100, failed: 0 });
  await first.startService();
  expect(await countAnswers({ call: () => call('GET'), total: 20 })).toEqual({ 'us-east-1': 20, failed: 0 });
  time += 60_000;
  expect(await countAnswers({ call: () => call('POST'), total: 20 })).toEqual({ 'eu-west-1': 20, failed: 0 });
}

test('a function outlives a region that stops under load, registry and services, and goes back by itself', async () => {
  const discovery = makeDiscovery();
  const call = async (method: string) => (await discovery.fetchService('orders', '/', { method })).text();
  await outlive(call);
});

test('a router outlives a region that stops under load, registry and services, and goes back by itself', async () => {
  const discovery = makeDiscovery();
  const server = createRouterServer({ stage: 'dev', discovery: () => discovery });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const call = async (method: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/orders/`, { method });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.text();
  };
  try {
    await outlive(call);
  } finally {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
});
