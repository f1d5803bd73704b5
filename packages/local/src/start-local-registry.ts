import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createGraphqlHandler } from './create-graphql-handler.ts';
import {
  addIdentities,
  createLocalCredentials,
  findLocalCredentials,
  writeLocalCredentials,
  type AccessKeys,
  type LocalCredentials,
} from './local-credentials.ts';
import { dispatchRequests, type LocalHandler } from './dispatch-requests.ts';
import { closeServer, listen } from './listen.ts';
import { serveRealtime } from './realtime/serve-realtime.ts';
import { findAuditFolder, openRegistry, type OpenRegistry, type RegistryOptions } from './open-registry.ts';

export interface LocalRegistryOptions extends RegistryOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Stores the credentials here between runs, with mode 0600. @default new credentials at each start, in no file */
  readonly credentialsFile?: string;
  /** When the API key expires, in milliseconds since the epoch. @default never */
  readonly apiKeyExpiresAt?: number | undefined;
  /** What SigV4 signs for. @default 'us-east-1' */
  readonly region?: string;
  /**
   * Other identities, by name, to try rules with: `team-a` is `arn:aws:iam::000000000000:role/team-a`. Unlike the registry's own
   * credentials they are no registrar.
   *
   * @default none
   */
  readonly identities?: readonly string[];
  /**
   * What else the server answers, by the path at and below which it does: `{ '/r': router }`. Called when it is known where
   * the registry is. Requests of other machines' pages are refused before a handler sees them.
   *
   * @default nothing
   */
  readonly createHandlers?: (registry: RegistryAccess) => Readonly<Record<string, LocalHandler>>;
}

/** Where a registry is, and how it is read and written. */
export interface RegistryAccess {
  /** The GraphQL endpoint, `http://127.0.0.1:…/graphql`. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  /** For reading. */
  readonly apiKey: string;
  /** For reading and writing, by SigV4 with service `appsync`. */
  readonly credentials: AccessKeys;
  /** The credentials of the other identities, by their names. */
  readonly identities: Readonly<Record<string, AccessKeys>>;
}

export interface LocalRegistry extends RegistryAccess {
  /** How often each root field was requested since the start; `denied` counts refused requests. */
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
  const { port = 0, credentialsFile, region = 'us-east-1', createHandlers, now = Date.now } = options;
  const { apiKeyExpiresAt = Infinity } = options;
  const known = credentialsFile === undefined ? undefined : await findLocalCredentials(credentialsFile);
  const credentials = addIdentities(known ?? createLocalCredentials(region), options.identities ?? []);

  const requests: Record<string, number> = {};
  const count = (fields: readonly string[]) => {
    for (const field of fields) requests[field] = (requests[field] ?? 0) + 1;
  };
  const server = createServer();
  await listen(server, port);
  let opened: OpenRegistry | undefined;
  let realtime: { close(): void } | undefined;
  try {
    const registry = (opened = await openRegistry(options));
    const { execute, close } = registry;
    const access = describeAccess((server.address() as AddressInfo).port, credentials);
    const answerGraphql = createGraphqlHandler({ execute, credentials, apiKeyExpiresAt, now, onRequest: count });
    const handlers = { ...createHandlers?.(access), '/graphql': answerGraphql };
    const answer = dispatchRequests(handlers, () => count(['denied']));
    realtime = serveRealtime(server, {
      registry,
      credentials: { ...credentials, apiKeyExpiresAt },
      now,
      onRequest: count,
    });
    server.on('request', (request, response) => void answer(request, response).catch(() => response.destroy()));
    if (credentialsFile !== undefined) {
      const { dataFolder } = options;
      const auditFolder = dataFolder === undefined ? undefined : resolve(findAuditFolder(dataFolder));
      await writeLocalCredentials(credentialsFile, credentials, { url: access.url, auditFolder });
    }
    let stopping: Promise<void> | undefined;
    const stop = () => {
      realtime?.close();
      return closeServer(server).then(close);
    };
    return { ...access, requests, stop: () => (stopping ??= stop()) };
  } catch (error) {
    realtime?.close();
    await closeServer(server);
    await opened?.close();
    throw error;
  }
}

function describeAccess(port: number, credentials: LocalCredentials): RegistryAccess {
  const { region, apiKey, accessKeyId, secretAccessKey, identities = {} } = credentials;
  const url = `http://127.0.0.1:${port}/graphql`;
  return { url, port, region, apiKey, credentials: { accessKeyId, secretAccessKey }, identities };
}
