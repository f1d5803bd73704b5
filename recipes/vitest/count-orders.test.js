import { testDiscovery } from '@amplify-discovery/testing';
import { mswHandlers } from '@amplify-discovery/testing/msw';
import { startTestRegistry } from '@amplify-discovery/testing/registry';
import { countOrders } from './count-orders.js';

// MSW 2 here; MSW 3, which needs Node 22, is called by the same lines.
const isNode22 = Number(process.versions.node.split('.')[0]) >= 22;
const { http, HttpResponse, passthrough } = await import(isNode22 ? 'msw3' : 'msw');
const { setupServer } = await import(isNode22 ? 'msw3/node' : 'msw/node');

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
const orders = 'https://orders.example.com/prod';
const server = setupServer(http.get(`${orders}/v1/orders`, () => HttpResponse.json(['one', 'two'])));
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('testDiscovery takes the place of discover: MSW answers for the service alone', async () => {
  const discovery = testDiscovery({ orders });
  expect(await countOrders(outputs)).toBe(2);
  expect(discovery.calls('orders')).toHaveLength(1);
});

test('MSW answers for the registry, too, and the app discovers for itself', async () => {
  server.use(...mswHandlers(http, outputs, { orders }));
  expect(await countOrders(outputs)).toBe(2);
});

test('a real registry on a free port', async () => {
  const registry = await startTestRegistry({ trustedHosts: ['*.example.com'] });
  server.use(http.post(registry.url, () => passthrough()));
  try {
    await registry.register('orders', orders);
    expect(await countOrders(registry.outputs)).toBe(2);
  } finally {
    await registry.stop();
  }
});
