import { nockRegistry } from '@amplify-discovery/testing/nock';
import { countOrders } from './count-orders.js';

// nock 14 here; nock 15, which needs Node 22, is called by the same lines.
const isNode22 = Number(process.versions.node.split('.')[0]) >= 22;
const { default: nock } = await import(isNode22 ? 'nock15' : 'nock');

const outputs = {
  custom: {
    discovery: {
      registry: {
        url: 'https://registry.example.com/graphql',
        region: 'eu-west-1',
        auth: { mode: 'apiKey', apiKey: 'da2-example' },
      },
      snapshot: { url: 'https://cdn.example.com/{stage}.public.json' },
      stage: 'Production',
      trustedHosts: ['*.example.com'],
    },
  },
};
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

test('nock answers for the registry, and the app discovers for itself', async () => {
  nockRegistry(nock, outputs, { orders: 'https://orders.example.com/prod' });
  nock('https://orders.example.com').get('/prod/v1/orders').reply(200, ['one', 'two']);
  expect(await countOrders(outputs)).toBe(2);
  expect(nock.pendingMocks().filter((mock) => mock.includes('orders.example.com'))).toEqual([]);
});
