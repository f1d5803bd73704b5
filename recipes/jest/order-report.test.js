import { nockRegistry } from '@amplify-discovery/testing/nock';
import { startTestRegistry } from '@amplify-discovery/testing/registry';
import nock from 'nock';
import { countOrders } from './order-report.js';

const outputs = {
  custom: {
    discovery: {
      registry: {
        url: 'https://registry.example.com/graphql',
        region: 'eu-west-1',
        auth: { mode: 'apiKey', apiKey: 'da2-example' },
      },
      stage: 'Production',
      trustedHosts: ['*.example.com'],
    },
  },
};
afterEach(() => nock.cleanAll());

test('with nock for registry and service, the program is tested with its own outputs', async () => {
  nockRegistry(nock, outputs, { orders: 'https://orders.example.com' });
  nock('https://orders.example.com').get('/v1/orders').reply(200, ['one']);
  expect(await countOrders(outputs)).toBe(1);
});

test('with a real registry on a free port', async () => {
  const registry = await startTestRegistry({ trustedHosts: ['*.example.com'] });
  try {
    await registry.register('orders', 'https://orders.example.com');
    nock('https://orders.example.com').get('/v1/orders').reply(200, ['one', 'two']);
    expect(await countOrders(registry.outputs)).toBe(2);
    expect(registry.requests).toMatchObject({ snapshot: 1 });
  } finally {
    await registry.stop();
  }
});
