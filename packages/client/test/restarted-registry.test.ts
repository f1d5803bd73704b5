import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createDiscovery } from '../src/index.ts';
import { memoryStorage } from './start-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'restarted-registry-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As `discovery dev --memory` does: with the credentials of the last start, on the port that apps know. */
async function start(port: number, services: Readonly<Record<string, string>>): Promise<LocalRegistry> {
  const registry = await startLocalRegistry({ port, credentialsFile: join(folder, 'registry.json') });
  for (const [service, target] of Object.entries(services))
    await registerEndpoint(sigv4Transport(registry), { stage: 'local', service, kind: 'http', target, owner: 'test' });
  return registry;
}

test('a page that is loaded again uses what a restarted local registry has at the first call, and nothing old while it is down', async () => {
  const storage = memoryStorage();
  const first = await start(0, { users: 'http://localhost:3000', orders: 'http://localhost:3001' });
  const { url, port, region, apiKey } = first;
  const openPage = () =>
    createDiscovery({
      registry: { url, region, auth: { mode: 'apiKey', apiKey } },
      stage: 'local',
      trustedHosts: ['localhost:*'],
      storage,
    });
  await expect(openPage().resolve('users')).resolves.toMatchObject({ endpoint: { target: 'http://localhost:3000' } });
  expect([...storage.items.keys()]).toEqual([expect.stringContaining('local')]);

  await first.stop();
  await expect(openPage().resolve('users')).rejects.toMatchObject({ code: 'RegistryUnavailable' });

  const second = await start(port, { users: 'http://localhost:4000' });
  const page = openPage();
  await expect(page.resolve('users')).resolves.toMatchObject({
    endpoint: { target: 'http://localhost:4000' },
    origin: 'registry',
    stale: false,
  });
  await expect(page.resolve('orders')).rejects.toMatchObject({ code: 'ServiceNotFound' });
  await second.stop();
});
