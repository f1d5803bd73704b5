import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startRegistryProcess, type RegistryProcess } from '../registry-process/index.ts';

/** A region with a registry of its own, and a service in it. */
export interface Region {
  readonly name: string;
  readonly registry: RegistryProcess;
  /** How many requests the service has had. */
  readonly served: () => number;
  /** Kills the registry, and the service with all requests under way. */
  stop(): Promise<void>;
  /** Starts the service again at its address. */
  startService(): Promise<void>;
}

/**
 * Starts regions as a bridge between their registries leaves them: each of the registries knows the service `orders` of the
 * stage `dev` in every region.
 */
export async function startRegions(names: readonly string[]): Promise<readonly Region[]> {
  const regions = await Promise.all(names.map(startRegion));
  const targets = regions.map(({ name, url }) => ({ name, url }));
  for (const { registry } of regions) {
    for (const { name, url } of targets) {
      const record = { stage: 'dev', service: 'orders', id: name, region: name, kind: 'http' as const };
      await registerEndpoint(sigv4Transport(registry), { ...record, target: url, owner: 'test' });
    }
  }
  return regions;
}

async function startRegion(name: string): Promise<Region & { readonly url: string }> {
  let served = 0;
  let server: Server;
  let port = 0;
  const startService = async () => {
    server = createServer((request, response) => {
      served++;
      request.resume().on('end', () => response.end(name));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const [registry] = await Promise.all([startRegistryProcess(), startService()]);
  return {
    name,
    registry,
    url: `http://127.0.0.1:${port}`,
    served: () => served,
    startService,
    async stop() {
      await registry.kill();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
