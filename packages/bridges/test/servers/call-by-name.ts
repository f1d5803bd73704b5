import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDiscovery } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { createResolver, type Source } from '@amplify-discovery/core';
import { createDiscovery as createLambdaDiscovery } from '@amplify-discovery/lambda';
import { createRouterServer } from '@amplify-discovery/router';

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

/** What a Lambda function gets that calls a service which only the source knows. */
export async function callFromLambda(source: Source, stage: string, service: string): Promise<string> {
  const discovery = createLambdaDiscovery({ source, stage, trustedHosts: ['127.0.0.1:*'], cacheFolder: false });
  const handler = discovery.wrap(async () => (await discovery.fetchService(service, '/')).text());
  return handler();
}

/** What curl gets from a router over the source. */
export async function callThroughRouter(source: Source, stage: string, service: string): Promise<string> {
  const resolver = createResolver({ source, stage, trustedHosts: ['127.0.0.1:*'] });
  const server = createRouterServer({ stage, discovery: () => resolver });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${service}/`)).text();
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}
