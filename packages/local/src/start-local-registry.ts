import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DiscoveryError } from '@amplify-discovery/core';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { createResolverRuntime } from './appsync-runtime.ts';
import { buildExecutableSchema, localUserArn } from './build-executable-schema.ts';
import { openDynamoTable, type DynamoTable } from './dynamo-table.ts';
import { openItemStore } from './item-store.ts';
import { createRouterMount } from './create-router-mount.ts';
import { createGraphqlHandler } from './handle-request.ts';
import { createLocalCredentials, findLocalCredentials, writeLocalCredentials } from './local-credentials.ts';

export interface LocalRegistryOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Keeps the data here between runs. @default in memory */
  readonly dataFolder?: string;
  /** Keeps the credentials here between runs, mode 0600. @default new credentials for each start, in no file */
  readonly credentialsFile?: string;
  /** What SigV4 signs for. @default 'us-east-1' */
  readonly region?: string;
  /** Where `/r/{stage}/{service}/…` may be forwarded to. @default this machine, any port */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * What an API key may read where a registration doesn't say `public`.
   *
   * @default true: everything but ARNs, since only this machine can ask. A deployed registry has false.
   */
  readonly publicByDefault?: boolean | undefined;
  /** The stages whose public records an API key may read: names, or `pr-*`. @default every stage */
  readonly openStages?: readonly string[] | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface LocalRegistry {
  /** The GraphQL endpoint, `http://127.0.0.1:…/graphql`. */
  readonly url: string;
  /** Where services are reached by name: `{routerUrl}/{stage}/{service}/…`, `http://127.0.0.1:…/r`. */
  readonly routerUrl: string;
  readonly port: number;
  readonly region: string;
  /** For reading. */
  readonly apiKey: string;
  /** For reading and writing, by SigV4 with service `appsync`. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How often each root field was asked for since the start; `denied` counts the requests that were refused. */
  readonly requests: Readonly<Record<string, number>>;
  /** Ends open connections and closes the data. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a registry on 127.0.0.1: the deployed registry's schema and resolver files over an embedded DynamoDB.
 *
 * @throws DiscoveryError `InvalidOptions` when the port is taken or a folder or file cannot be used.
 *
 * @example
 * ```ts
 * const registry = await startLocalRegistry();
 * const source = registrySource({ transport: apiKeyTransport(registry) });
 * await registry.stop();
 * ```
 */
export async function startLocalRegistry(options: LocalRegistryOptions = {}): Promise<LocalRegistry> {
  const { port = 0, dataFolder, credentialsFile, region = 'us-east-1', now = Date.now } = options;
  const { publicByDefault = true, openStages = [] } = options;
  const { trustedHosts = ['127.0.0.1:*', 'localhost:*', '[::1]:*'] } = options;
  const credentials =
    (credentialsFile === undefined ? undefined : await findLocalCredentials(credentialsFile)) ??
    createLocalCredentials(region);

  const requests: Record<string, number> = {};
  const server = createServer();
  await listen(server, port);
  let table;
  try {
    table = await openTable(dataFolder);
    const address = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${address.port}/graphql`;
    const runResolver = createResolverRuntime({
      definition: registryDefinition,
      call: table.call,
      env: {
        PUBLIC_BY_DEFAULT: String(publicByDefault),
        OPEN_STAGES: openStages.join(','),
        // One identity stands for all that write here, the registrar among them.
        REGISTRARS: localUserArn,
      },
      now,
    });
    const handle = createGraphqlHandler({
      schema: buildExecutableSchema(registryDefinition, runResolver),
      credentials,
      now,
      onRequest: (fields) => {
        for (const field of fields) requests[field] = (requests[field] ?? 0) + 1;
      },
    });
    const route = createRouterMount({ url, apiKey: credentials.apiKey, trustedHosts, now });
    server.on('request', (request, response) => {
      const serve = async () => (await handle(request, response)) || (await route(request, response));
      serve().then(
        (isHandled) => {
          if (!isHandled) response.writeHead(404).end();
        },
        () => response.destroy(),
      );
    });
    if (credentialsFile !== undefined) await writeLocalCredentials(credentialsFile, credentials, url);
    const { accessKeyId, secretAccessKey } = credentials;
    let stopping: Promise<void> | undefined;
    const { close } = table;
    return {
      url,
      routerUrl: `http://127.0.0.1:${address.port}/r`,
      port: address.port,
      region: credentials.region,
      apiKey: credentials.apiKey,
      credentials: { accessKeyId, secretAccessKey },
      requests,
      stop: () => (stopping ??= closeServer(server).then(close)),
    };
  } catch (error) {
    await closeServer(server);
    await table?.close();
    throw error;
  }
}

async function openTable(dataFolder: string | undefined): Promise<DynamoTable> {
  const layout = registryDefinition.table;
  return openDynamoTable(layout, dataFolder === undefined ? undefined : await openItemStore(dataFolder, layout));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const found = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.message})`;
      reject(
        new DiscoveryError('InvalidOptions', `Port ${port} on 127.0.0.1 ${found}. Choose another one, or 0 for any.`, {
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
