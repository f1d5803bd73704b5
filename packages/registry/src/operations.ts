import { DiscoveryError, type AuthMode, type EndpointKind } from '@amplify-discovery/core';
import { executeOperation, type OperationOptions } from './execute-operation.ts';
import type { GraphqlTransport } from './graphql-transport.ts';

export type { OperationOptions } from './execute-operation.ts';
export type { GraphqlRequest, GraphqlResponse, GraphqlTransport } from './graphql-transport.ts';
export { retryConcurrentChange, type RetryOptions } from './retry-concurrent-change.ts';

export interface RegisterEndpointInput {
  readonly stage: string;
  readonly service: string;
  /** @default 'default' */
  readonly id?: string | undefined;
  readonly kind: EndpointKind;
  readonly target: string;
  readonly region?: string | undefined;
  readonly signingService?: string | undefined;
  readonly authMode?: AuthMode | undefined;
  readonly version?: string | undefined;
  readonly tenant?: string | undefined;
  /** @default 100 */
  readonly weight?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** ISO 8601 with an offset or Z. */
  readonly expiresAt?: string | undefined;
  readonly owner: string;
  /** Replace a record that another owner holds. @default false */
  readonly takeover?: boolean | undefined;
  /** The token last seen: refused with `ConcurrentChange` when the record has moved on. */
  readonly token?: string | undefined;
  /** Makes a repeated delivery of the same request do nothing. */
  readonly requestId?: string | undefined;
  /** When the request was made, ISO 8601. Of one owner's requests, one older than the latest does nothing. */
  readonly requestedAt?: string | undefined;
}

export interface DeregisterEndpointInput {
  readonly stage: string;
  readonly service: string;
  /** @default 'default' */
  readonly id?: string | undefined;
  readonly owner: string;
  /** Remove only the record that still has this token. */
  readonly token?: string | undefined;
  readonly requestId?: string | undefined;
  /** When the request was made, ISO 8601. Of one owner's requests, one older than the latest does nothing. */
  readonly requestedAt?: string | undefined;
}

/** A record as the registry holds it. Times are ISO 8601; owner, token and the times are null for API keys. */
export interface RegisteredEndpoint {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly kind: EndpointKind;
  readonly target: string;
  readonly region: string | null;
  readonly signingService: string | null;
  readonly authMode: AuthMode | null;
  readonly version: string | null;
  readonly tenant: string | null;
  readonly weight: number;
  /** JSON text of an object of strings. */
  readonly metadata: string | null;
  readonly expiresAt: string | null;
  readonly owner: string | null;
  readonly token: string | null;
  readonly registeredAt: string | null;
  readonly updatedAt: string | null;
}

export interface EndpointChange {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly change: 'registered' | 'updated' | 'deregistered' | 'unchanged';
  /** Null when the stage has more than one page: load the snapshot. */
  readonly revision: string | null;
  /** The record as it is now; null when there is none. */
  readonly endpoint: RegisteredEndpoint | null;
}

const publicFields =
  'stage service id kind target region signingService authMode version tenant weight metadata expiresAt';
const deployerFields = 'owner token registeredAt updatedAt';
const changeFields = `stage service id change revision endpoint { ${publicFields} ${deployerFields} }`;
const maximumPages = 10_000;

/**
 * Registers an endpoint and gives back what changed. Needs a transport with IAM credentials.
 *
 * @throws DiscoveryError `RegistrationConflict` when another owner holds the key, `ConcurrentChange` when
 * another request changed it at the same moment, `InvalidRecord`, `RegistryDenied`, `RegistryUnavailable`.
 */
export function registerEndpoint(
  transport: GraphqlTransport,
  input: RegisterEndpointInput,
  options?: OperationOptions,
): Promise<EndpointChange> {
  const { metadata, ...rest } = input;
  return executeOperation(transport, {
    field: 'registerEndpoint',
    query: `mutation registerEndpoint($input: RegisterEndpointInput!) { registerEndpoint(input: $input) { ${changeFields} } }`,
    variables: { input: metadata === undefined ? rest : { ...rest, metadata: JSON.stringify(metadata) } },
    ...options,
    about: input,
  });
}

/**
 * Removes exactly this owner's record, or does nothing (`change: 'unchanged'`) when it is gone, has another
 * owner or another token. Needs a transport with IAM credentials.
 *
 * @throws DiscoveryError `ConcurrentChange`, `InvalidRecord`, `RegistryDenied`, `RegistryUnavailable`.
 */
export function deregisterEndpoint(
  transport: GraphqlTransport,
  input: DeregisterEndpointInput,
  options?: OperationOptions,
): Promise<EndpointChange> {
  return executeOperation(transport, {
    field: 'deregisterEndpoint',
    query: `mutation deregisterEndpoint($input: DeregisterEndpointInput!) { deregisterEndpoint(input: $input) { ${changeFields} } }`,
    variables: { input },
    ...options,
    about: input,
  });
}

/** Where a service is registered, in all stages. With `withOwner` (IAM only) owner, token and times come too. */
export async function findService(
  transport: GraphqlTransport,
  name: string,
  options: OperationOptions & { readonly withOwner?: boolean } = {},
): Promise<readonly RegisteredEndpoint[]> {
  const { withOwner = false, ...rest } = options;
  const nothing = { owner: null, token: null, registeredAt: null, updatedAt: null };
  const endpoints: RegisteredEndpoint[] = [];
  await followPages(async (nextToken) => {
    const page = await executeOperation<{ endpoints: RegisteredEndpoint[]; nextToken: string | null }>(transport, {
      field: 'service',
      query: `query service($name: String!, $nextToken: String) { service(name: $name, nextToken: $nextToken) {
        nextToken endpoints { ${publicFields} ${withOwner ? deployerFields : ''} } } }`,
      variables: { name, nextToken },
      ...rest,
      about: { service: name },
    });
    for (const endpoint of page.endpoints) endpoints.push({ ...nothing, ...endpoint });
    return page.nextToken;
  });
  return endpoints;
}

/** The stages that have at least one endpoint, sorted. */
export async function listStages(transport: GraphqlTransport, options?: OperationOptions): Promise<readonly string[]> {
  const stages = new Set<string>();
  await followPages(async (nextToken) => {
    const page = await executeOperation<{ stages: string[]; nextToken: string | null }>(transport, {
      field: 'stages',
      query: 'query stages($nextToken: String) { stages(nextToken: $nextToken) { stages nextToken } }',
      variables: { nextToken },
      ...options,
      about: {},
    });
    for (const stage of page.stages) stages.add(stage);
    return page.nextToken;
  });
  return [...stages].sort();
}

async function followPages(readPage: (nextToken: string | null) => Promise<string | null>): Promise<void> {
  let nextToken: string | null = null;
  for (let page = 0; page < maximumPages; page++) {
    const next = await readPage(nextToken);
    if (!next) return;
    if (next === nextToken) break;
    nextToken = next;
  }
  throw new DiscoveryError('RegistryUnavailable', 'The registry gives pages without an end');
}
