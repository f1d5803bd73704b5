import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { startTestRegistry } from '@amplify-discovery/testing/registry';
import { countOrders } from './order-report.ts';

const orders = createServer((_request, response) => response.end('["one","two"]'));
before(() => new Promise<void>((listening) => orders.listen(0, '127.0.0.1', listening)));
after(() => {
  orders.closeAllConnections();
  orders.close();
});

void test('a real registry on a free port is there until the end of its scope', async () => {
  let url: string;
  {
    await using registry = await startTestRegistry();
    url = registry.url;
    await registry.register('orders', `http://127.0.0.1:${(orders.address() as AddressInfo).port}`);
    assert.equal(await countOrders(registry.outputs), 2);
  }
  await assert.rejects(fetch(url), 'nobody listens any more');
});
