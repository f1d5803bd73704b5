import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect, test } from '@playwright/test';
import { redirectService } from '@amplify-discovery/testing/playwright';
import { startTestRegistry } from '@amplify-discovery/testing/registry';
import { build, preview } from 'vite';

/** The app as it is deployed: its outputs trust the services' real hosts and no other. */
let registry, outputs, site, backend;
test.beforeAll(async () => {
  registry = await startTestRegistry();
  await registry.register('orders', 'https://orders.example.com/prod');
  outputs = structuredClone(registry.outputs);
  outputs.custom.discovery.trustedHosts = ['*.example.com'];
  await writeFile('amplify_outputs.json', JSON.stringify(outputs));
  await build({ logLevel: 'error' });
  site = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
  backend = createServer((request, response) =>
    response
      .writeHead(request.url === '/v1/orders' ? 200 : 404, { 'content-type': 'application/json' })
      .end('["one","two"]'),
  );
  await new Promise((listening) => backend.listen(0, '127.0.0.1', listening));
});
test.afterAll(async () => {
  await site.close();
  await registry.stop();
  backend.closeAllConnections();
  backend.close();
});

test('the built app is answered for one of its services by a server on this machine', async ({ page }) => {
  await redirectService(page, 'orders', `http://127.0.0.1:${backend.address().port}`, { outputs });
  await page.goto(site.resolvedUrls.local[0]);
  await expect(page.locator('#orders')).toHaveText('2 orders');
});

test('without that it asks the real address, which is not there', async ({ page }) => {
  await page.goto(site.resolvedUrls.local[0]);
  await expect(page.locator('#orders')).toHaveText(/^No orders/);
});
