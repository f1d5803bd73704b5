import { afterEach, expect, test } from '@jest/globals';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { discover } from 'amplify-discovery';
import { startTestRegistry, type TestRegistry } from './start-test-registry.ts';

let registry: TestRegistry | undefined;
afterEach(() => registry?.stop());

/** What the stage of its outputs has for an API key. */
async function readEndpoints({ url, apiKey }: TestRegistry) {
  const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
  const answer = await source.load({ stage: 'test', signal: AbortSignal.timeout(5000) });
  return answer.unchanged ? undefined : answer.endpoints;
}

test('an app reads it by its outputs, with the API key, and finds what is registered', async () => {
  registry = await startTestRegistry();
  await registry.register('orders', 'http://127.0.0.1:3000', { version: '1.2.0', metadata: { team: 'shop' } });
  expect(await readEndpoints(registry)).toMatchObject([
    { stage: 'test', target: 'http://127.0.0.1:3000', version: '1.2.0' },
  ]);
  const config = await discover(registry.outputs);
  expect(config.API?.REST).toMatchObject({ orders: { endpoint: 'http://127.0.0.1:3000' } });
  await registry.deregister('orders');
  expect(await readEndpoints(registry)).toEqual([]);
  expect(registry.requests).toMatchObject({ registerEndpoint: 1, deregisterEndpoint: 1 });
});

test('it ends with its scope, and stopping twice is no fault', async () => {
  let url: string;
  {
    await using scoped = await startTestRegistry({ stage: 'dev', trustedHosts: ['*.example.com'] });
    await scoped.register('orders', 'https://orders.example.com', { stage: 'other', expiresAt: Date.now() + 60_000 });
    expect(scoped.outputs.custom.discovery).toMatchObject({ stage: 'dev' });
    await scoped.stop();
    url = scoped.url;
  }
  await expect(fetch(url)).rejects.toThrow();
});

test('it ends with a scope that fails', async () => {
  let url = '';
  const failing = async () => {
    await using scoped = await startTestRegistry();
    url = scoped.url;
    throw new Error('the test has failed');
  };
  await expect(failing()).rejects.toThrow('the test has failed');
  await expect(fetch(url)).rejects.toThrow();
});
