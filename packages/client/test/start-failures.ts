import { startLocalRegistry } from '@amplify-discovery/local';
import { startCdn } from './start-cdn.ts';
import { startBackend } from './start-environment.ts';
import type { Servers } from './ways-to-fail.ts';

/** The servers that ways to fail need. */
export async function startFailures(): Promise<{ readonly servers: Servers; stop(): Promise<void> }> {
  const [registry, page, cdn] = await Promise.all([
    startLocalRegistry(),
    startBackend('page', () => ({ body: '<!doctype html>' })),
    startCdn(),
  ]);
  await cdn.publish([{ service: 'users', target: 'https://users.example.com' }], { key: null });
  const { url, apiKey } = registry;
  return {
    servers: { registry: { url, apiKey }, page: page.url, snapshot: cdn.url },
    stop: async () => void (await Promise.all([registry.stop(), page.stop(), cdn.stop()])),
  };
}
