import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLocalRegistry, type LocalRegistry, type LocalRegistryOptions } from '@amplify-discovery/local';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import type { KeyValueStorageInterface } from 'aws-amplify/utils';
import type { DiscoveryOptions } from '../src/index.ts';

/** What a backend was sent. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Backend {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  stop(): Promise<void>;
}

/** Undefined for the usual answer, null for none at all. */
type Answer = (
  request: ReceivedRequest,
) =>
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | null
  | undefined;

/** A real HTTP server that keeps what it is sent and answers with its own name, or as the test says. */
export async function startBackend(name: string, answer: Answer = () => undefined): Promise<Backend> {
  const requests: ReceivedRequest[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const received = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(received);
      const answered = answer(received);
      if (answered === null) return;
      const { status = 200, body = { name }, headers: more } = answered ?? {};
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Environment {
  readonly registry: LocalRegistry;
  /** What a deployment would write to amplify_outputs.json; every port of this machine is trusted. */
  readonly outputs: { readonly version: string; readonly custom: { readonly discovery: object } };
  /** Options by which the registry counts as a deployed one: what is stored of one on this machine does not outlive a start. */
  readonly deployed: Pick<DiscoveryOptions, 'registry' | 'source'>;
  register(service: string, target: string, more?: object): Promise<void>;
  deregister(service: string, stage?: string): Promise<void>;
  /** Started backends, registered under their names in stage Production. */
  startService(name: string, answer?: Answer): Promise<Backend>;
  stop(): Promise<void>;
}

/** A registry and whatever backends a test starts, all on 127.0.0.1. */
export async function startEnvironment(options: LocalRegistryOptions = {}): Promise<Environment> {
  const registry = await startLocalRegistry(options);
  const { url, region, apiKey, credentials } = registry;
  const transport = sigv4Transport({ url, region, credentials });
  const backends: Backend[] = [];
  const environment: Environment = {
    registry,
    outputs: {
      version: '1.4',
      custom: {
        discovery: {
          registry: { url, region, auth: { mode: 'apiKey', apiKey } },
          stage: 'Production',
          trustedHosts: ['127.0.0.1:*'],
        },
      },
    },
    deployed: {
      registry: { url: 'https://registry.example.com/graphql', region, auth: { mode: 'apiKey', apiKey } },
      source: registrySource({ transport: apiKeyTransport({ url, apiKey }) }),
    },
    async register(service, target, more = {}) {
      await registerEndpoint(transport, { stage: 'Production', service, kind: 'http', target, owner: 'test', ...more });
    },
    async deregister(service, stage = 'Production') {
      await deregisterEndpoint(transport, { stage, service, owner: 'test' });
    },
    async startService(name, answer) {
      const backend = await startBackend(name, answer);
      backends.push(backend);
      await environment.register(name, backend.url);
      return backend;
    },
    async stop() {
      await Promise.all(backends.map((backend) => backend.stop()));
      await registry.stop();
    },
  };
  return environment;
}

/** Storage of one test, which survives what a reload would end. */
export function memoryStorage(): KeyValueStorageInterface & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void items.delete(key),
    clear: async () => items.clear(),
  };
}
