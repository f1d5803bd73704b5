import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { startSilentHost } from '@amplify-discovery/test-rig/silent-host';
import { createDiscovery } from '../src/index.ts';

test('an endpoint whose host is silent counts as gone after connectSeconds, and the next one serves', async () => {
  const silent = await startSilentHost();
  const server = createServer((request, response) => response.end(`second ${request.method}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const source = memorySource();
    const second = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [priority, target] of [silent.url, second].entries())
      source.register({ stage: 'dev', service: 'orders', id: `p${priority}`, target, priority });
    const { fetchService } = createDiscovery({
      source,
      stage: 'dev',
      trustedHosts: ['127.0.0.1:*'],
      cacheFolder: false,
      env: {},
      connectSeconds: 0.2,
      recheckSeconds: 60,
    });
    const startedAt = performance.now();
    for (const method of ['GET', 'POST'])
      expect(await (await fetchService('orders', '/', { method })).text()).toBe(`second ${method}`);
    // Node's own fetch waits ten seconds for a connection.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await silent.stop();
  }
});
