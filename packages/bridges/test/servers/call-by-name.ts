import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDiscovery } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import type { Source } from '@amplify-discovery/core';

export interface Backend {
  readonly url: string;
  stop(): Promise<void>;
}

/** A service that answers every request with this text. */
export async function startBackend(text: string): Promise<Backend> {
  const server = createServer((_request, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What an Amplify app gets that calls a service which only the source knows. */
export async function callByName(
  source: Source,
  stage: string,
  service: string,
  trustedHosts: readonly string[] = ['127.0.0.1:*'],
): Promise<string> {
  const entries = new Map<string, string>();
  const discovery = createDiscovery({
    source,
    stage,
    trustedHosts,
    storage: {
      getItem: async (key) => entries.get(key) ?? null,
      setItem: async (key, value) => void entries.set(key, value),
      removeItem: async (key) => void entries.delete(key),
      clear: async () => entries.clear(),
    },
  });
  const { body } = await get(discovery.context(), { apiName: service, path: '/' }).response;
  return body.text();
}
