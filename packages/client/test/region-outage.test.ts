import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { countAnswers, startRegions, type Region } from '@amplify-discovery/test-rig/regions';
import { createDiscovery } from '../src/index.ts';
import { get, post } from '../src/api.ts';
import { memoryStorage } from './start-environment.ts';

jest.setTimeout(60_000);

let regions: readonly [Region, Region];
beforeAll(async () => {
  regions = (await startRegions(['eu-west-1', 'us-east-1'])) as unknown as typeof regions;
});
afterAll(() => Promise.all(regions.map((region) => region.stop())));

test('a region that stops under load, registry and services, fails no call that may be repeated', async () => {
  const [first, second] = regions;
  const auth = (region: Region) => ({ mode: 'apiKey' as const, apiKey: region.registry.apiKey });
  const discovery = createDiscovery({
    registry: { url: first.registry.url, auth: auth(first) },
    fallbacks: [{ registry: { url: second.registry.url, auth: auth(second) } }],
    stage: 'dev',
    prefer: ['eu-west-1', 'us-east-1'],
    trustedHosts: ['127.0.0.1:*'],
    storage: memoryStorage(),
    recheckSeconds: 60,
  });
  const context = discovery.context();
  const call = (verb: typeof get | typeof post, options: object) => async () => {
    const { body } = await verb(context, { apiName: 'orders', path: '/', options }).response;
    return body.text();
  };
  const during = await countAnswers({
    call: call(get, {}),
    total: 600,
    meanwhile: { after: 200, act: () => first.stop() },
  });
  expect(during).toEqual({ 'eu-west-1': expect.any(Number), 'us-east-1': expect.any(Number), failed: 0 });
  expect(during['us-east-1']).toBeGreaterThan(300);

  // From then on nobody tries the region that is down, so calls that may not be repeated succeed as well.
  const noRetry = { retryStrategy: { strategy: 'no-retry' } };
  expect(await countAnswers({ call: call(post, noRetry), total: 100 })).toEqual({ 'us-east-1': 100, failed: 0 });

  // The second registry gives what the first one gave.
  await discovery.refresh();
  expect(discovery.inspect()).toHaveLength(2);
  expect(await countAnswers({ call: call(get, {}), total: 100 })).toEqual({ 'us-east-1': 100, failed: 0 });
  discovery.close();
});
