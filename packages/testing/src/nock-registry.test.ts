import { afterAll, afterEach, expect, test } from '@jest/globals';
import { createDiscovery } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import nock from 'nock';
import { nockRegistry } from './nock-registry.ts';

afterEach(() => nock.cleanAll());
// Its changes of node:http would stay for the next file of the worker.
afterAll(() => nock.restore());

const registry = {
  url: 'https://registry.example.com/graphql',
  region: 'eu-west-1',
  auth: { mode: 'apiKey', apiKey: 'da2-example' },
} as const;
const outputs = { custom: { discovery: { registry, stage: 'Production', trustedHosts: ['*.example.com'] } } };
const orders = {
  target: 'https://orders.example.com/prod',
  version: '1.2.0',
  metadata: { team: 'shop' },
  expiresAt: Date.UTC(2040, 0, 1),
};

const call = async (discovery: ReturnType<typeof createDiscovery>) => {
  const { body } = await get(discovery.context(), { apiName: 'orders', path: '/v1' }).response;
  return body.json();
};

test('an app’s own discovery reads what the test says, whole records, and calls meet their interceptors', async () => {
  nockRegistry(nock, outputs, { orders, users: 'https://users.example.com' });
  nock('https://orders.example.com').get('/prod/v1').reply(200, ['an order']);
  const discovery = createDiscovery(outputs.custom.discovery);
  expect(await call(discovery)).toEqual(['an order']);
  expect((await discovery.resolve('orders')).endpoint).toMatchObject({ ...orders, stage: 'Production', id: 'default' });
});

test('what is registered anew has another revision, and the same has the same', async () => {
  nockRegistry(nock, outputs, { orders });
  const discovery = createDiscovery({ ...outputs.custom.discovery, stage: 'again' });
  const first = (await discovery.resolve('orders')).revision;
  expect((await discovery.resolve('orders')).revision).toBe(first);
  nock.cleanAll();
  nockRegistry(nock, outputs, { orders: { ...orders, target: 'https://moved.example.com' } });
  const next = createDiscovery({ ...outputs.custom.discovery, stage: 'again', recheckSeconds: 0 });
  await next.refresh();
  expect((await next.resolve('orders')).endpoint.target).toBe('https://moved.example.com');
});

test('published snapshots are not there, so the registry is asked', async () => {
  const snapshot = { url: 'https://cdn.example.com/a.b/{stage}.public.json' };
  nockRegistry(nock, { custom: { discovery: { ...outputs.custom.discovery, snapshot } } }, { orders });
  const discovery = createDiscovery({ ...outputs.custom.discovery, snapshot, stage: 'published' });
  expect((await discovery.resolve('orders')).endpoint.target).toBe(orders.target);
});

test.each([[{}], [{ custom: { discovery: { stage: 'dev' } } }], [{ custom: null }]])(
  'outputs without a registry are refused: %j',
  (without) => {
    expect(() => nockRegistry(nock, without, {})).toThrow('outputs: custom.discovery.registry.url is missing');
  },
);
