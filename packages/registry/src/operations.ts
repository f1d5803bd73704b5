import {
  createWriterError,
  followPages,
  type DiscoveryError,
  type AuthMode,
  type EndpointKind,
} from '@amplify-discovery/core';
import { executeOperation, type OperationOptions } from './execute-operation.ts';
import type { GraphqlTransport } from './graphql-transport.ts';

export type { OperationOptions } from './execute-operation.ts';
export type { GraphqlRequest, GraphqlResponse, GraphqlTransport } from './graphql-transport.ts';
export {
  isRuleAbout,
  listRules,
  removeRule,
  setRule,
  type Rule,
  type RuleInput,
  type RuleKind,
  type RuleVerb,
} from './rules.ts';
export { listRows, restoreRow, type BackupRow, type RestoreChange, type RowRestoration } from './rows.ts';
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
  /** 0 to 65535, lower first: the next priority serves only while the one before it cannot be reached. @default 0 */
  readonly priority?: number | undefined;
  /** @default 100 */
  readonly weight?: number | undefined;
  /** May be read with an API key, and is part of the public snapshot. @default false, unless the registry says otherwise */
  readonly public?: boolean | undefined;
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
  /** Registrars only: the name of the scope that the deployment may write in. @default no limit */
  readonly scope?: string | undefined;
}

export interface DeregisterEndpointInput {
  readonly stage: string;
  readonly service: string;
  /** @default 'default' */
  readonly id?: string | undefined;
  readonly owner: string;
  /** Remove only the record that still has this token. */
  readonly token?: string | undefined;
  /** Remove a record that another owner holds, such as a stack that is gone. Needs `token` and `reason`. @default false */
  readonly takeover?: boolean | undefined;
  /** Why it is taken over: stays in the log. */
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
  /** When the request was made, ISO 8601. Of one owner's requests, one older than the latest does nothing. */
  readonly requestedAt?: string | undefined;
  /** Registrars only: the name of the scope that the deployment may write in. @default no limit */
  readonly scope?: string | undefined;
}

/** A record as the registry holds it. Times are ISO 8601; owner, token, actor and the times are for deployers, else null. */
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
  readonly priority: number;
  readonly weight: number;
  readonly public: boolean;
  /** JSON text of an object of strings. */
  readonly metadata: string | null;
  readonly expiresAt: string | null;
  readonly owner: string | null;
  readonly token: string | null;
  /** Who wrote the record last: the ARN of its IAM identity. */
  readonly actor: string | null;
  readonly registeredAt: string | null;
  readonly updatedAt: string | null;
  /** While something else serves than the deployment registered. */
  readonly override: EndpointOverride | null;
}

export interface EndpointOverride {
  /** What serves again when the override is over. */
  readonly registered: OverriddenValues;
  readonly until: string;
  readonly reason: string;
  readonly actor: string | null;
}

export type OverriddenValues = Pick<
  RegisteredEndpoint,
  'target' | 'region' | 'signingService' | 'version' | 'priority' | 'weight'
>;

export interface EndpointChange {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly change: 'registered' | 'updated' | 'deregistered' | 'overridden' | 'unchanged';
  /** The record as it is now; null when there is none. */
  readonly endpoint: RegisteredEndpoint | null;
}

/** What a registry is. */
export interface RegistryInfo {
  /** Of its contract: 0 for one from before registries could tell. */
  readonly version: number;
  /** What was added since version 0: `head`, `notices`, `priority`, `public`, `actor`, `rules`, `override`, `backup`. */
  readonly capabilities: readonly string[];
}

const olderFields =
  'stage service id kind target region signingService authMode version tenant weight metadata expiresAt';
const olderDeployerFields = 'owner token registeredAt updatedAt';
/** What a registry of version 0 does not have, as its records mean it. */
const absent = {
  priority: 0,
  public: false,
  owner: null,
  token: null,
  actor: null,
  registeredAt: null,
  updatedAt: null,
  override: null,
};

/** The fields of a record that a registry has, with or without those for deployers. */
function selectFields(isOlder: boolean, withOwner: boolean): string {
  const own = isOlder
    ? olderDeployerFields
    : `${olderDeployerFields} actor override { registered { target region signingService version priority weight } until reason actor }`;
  return `${olderFields}${isOlder ? '' : ' priority public'}${withOwner ? ` ${own}` : ''}`;
}

/**
 * Registers an endpoint and gives back what changed. Needs a transport with IAM credentials.
 *
 * @throws DiscoveryError `RegistrationConflict` when another owner holds the key, `ConcurrentChange` when
 * another request changed it at the same moment, `InvalidRecord`, `RegistryDenied`, `RegistryUnavailable`.
 */
export async function registerEndpoint(
  transport: GraphqlTransport,
  input: RegisterEndpointInput,
  options?: OperationOptions,
): Promise<EndpointChange> {
  const { metadata, priority, public: isPublic, scope, ...rest } = input;
  const older = metadata === undefined ? rest : { ...rest, metadata: JSON.stringify(metadata) };
  const added = {
    ...(priority !== undefined && { priority }),
    ...(isPublic !== undefined && { public: isPublic }),
    ...(scope !== undefined && { scope }),
  };
  return change(transport, 'registerEndpoint', input, options, (isOlder) => {
    // Everything is public in a registry of version 0, nothing has a priority, and no scope limits anyone.
    if (isOlder && (priority || scope)) throw outdated(input, priority ? 'priorities' : 'scopes');
    return isOlder ? older : { ...older, ...added };
  });
}

/**
 * Removes exactly this owner's record, or does nothing (`change: 'unchanged'`) when it is gone, has another
 * owner or another token. Needs a transport with IAM credentials.
 *
 * @throws DiscoveryError `ConcurrentChange`, `InvalidRecord`, `RegistryDenied`, `RegistryUnavailable`.
 */
export async function deregisterEndpoint(
  transport: GraphqlTransport,
  input: DeregisterEndpointInput,
  options?: OperationOptions,
): Promise<EndpointChange> {
  return change(transport, 'deregisterEndpoint', input, options, (isOlder) => {
    if (isOlder && (input.scope || input.takeover))
      throw outdated(input, input.scope ? 'scopes' : 'removals by takeover');
    return input;
  });
}

function outdated({ service, stage }: EndpointChangeSubject, what: string): DiscoveryError {
  const message = `"${service}" in "${stage}": this registry does not know ${what} yet`;
  return createWriterError('RegistryOutdated', message, { service, stage });
}

async function change(
  transport: GraphqlTransport,
  field: 'registerEndpoint' | 'deregisterEndpoint' | 'overrideEndpoint',
  about: EndpointChangeSubject,
  options: OperationOptions | undefined,
  makeInput: (isOlder: boolean) => object,
): Promise<EndpointChange> {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const {
    stage,
    service,
    id,
    change: kind,
    endpoint,
  } = await executeOperation<EndpointChange>(transport, {
    field,
    query: (isOlder) =>
      `mutation ${field}($input: ${type}!) { ${field}(input: $input) { stage service id change endpoint { ${selectFields(isOlder, true)} } } }`,
    variables: (isOlder) => ({ input: makeInput(isOlder) }),
    ...options,
    about,
  });
  return { stage, service, id, change: kind, endpoint: endpoint && { ...absent, ...endpoint } };
}

export interface OverrideEndpointInput {
  readonly stage: string;
  readonly service: string;
  /** @default 'default' */
  readonly id?: string | undefined;
  /** What serves instead, of the record's kind. What is left out stays; without any value the override ends. */
  readonly target?: string | undefined;
  readonly region?: string | undefined;
  readonly signingService?: string | undefined;
  readonly version?: string | undefined;
  readonly priority?: number | undefined;
  readonly weight?: number | undefined;
  /** ISO 8601 with an offset or Z. */
  readonly until?: string | undefined;
  /** Stays in the log. */
  readonly reason?: string | undefined;
}

/**
 * Lets another target, or other weights, serve for a time, or ends that. The record stays its owner's, and what the owner deploys meanwhile takes
 * effect when the time is over.
 *
 * @throws DiscoveryError `InvalidRecord`, also where nothing is registered; `RegistryDenied`, `ConcurrentChange`,
 * `RegistryOutdated`, `RegistryUnavailable`.
 */
export async function overrideEndpoint(
  transport: GraphqlTransport,
  input: OverrideEndpointInput,
  options?: OperationOptions,
): Promise<EndpointChange> {
  return change(transport, 'overrideEndpoint', input, options, () => input);
}

type EndpointChangeSubject = Pick<EndpointChange, 'stage' | 'service'>;

/** Notifies the subscribers of a stage that it has changed. Needs a transport with IAM credentials. */
export async function announceStage(
  transport: GraphqlTransport,
  stage: string,
  revision: string,
  options?: OperationOptions,
): Promise<void> {
  await executeOperation(transport, {
    field: 'announceStage',
    query: () =>
      'mutation announceStage($stage: String!, $revision: String!) { announceStage(stage: $stage, revision: $revision) { stage revision } }',
    variables: () => ({ stage, revision }),
    ...options,
    about: { stage },
  });
}

/** What the registry can do. */
export async function getRegistryInfo(transport: GraphqlTransport, options?: OperationOptions): Promise<RegistryInfo> {
  return executeOperation(transport, {
    field: 'registry',
    query: (isOlder) => `query registry { ${isOlder ? 'registry: __typename' : 'registry { version capabilities }'} }`,
    variables: () => ({}),
    ...options,
    about: {},
  }).then((found) => (typeof found === 'string' ? { version: 0, capabilities: [] } : (found as RegistryInfo)));
}

/**
 * Where a service is registered, in all stages. With `withOwner` (IAM only) owner, token, actor and times come too. Needs IAM
 * credentials or a signed-in user.
 */
export async function findService(
  transport: GraphqlTransport,
  name: string,
  options: OperationOptions & { readonly withOwner?: boolean } = {},
): Promise<readonly RegisteredEndpoint[]> {
  const { withOwner = false, ...rest } = options;
  const endpoints: RegisteredEndpoint[] = [];
  await followPages({ what: 'The registry' }, async (nextToken) => {
    const page = await executeOperation<{ endpoints: RegisteredEndpoint[]; nextToken: string | null }>(transport, {
      field: 'service',
      query: (isOlder) =>
        `query service($name: String!, $nextToken: String) { service(name: $name, nextToken: $nextToken) { nextToken endpoints { ${selectFields(isOlder, withOwner)} } } }`,
      variables: () => ({ name, nextToken }),
      ...rest,
      about: { service: name },
    });
    for (const endpoint of page.endpoints) endpoints.push({ ...absent, ...endpoint });
    return page.nextToken;
  });
  return endpoints;
}

/**
 * The records of a stage, limited to `services` if given. Owner, token, actor and times need IAM credentials, or a signed-in user
 * of the group `discovery-operators`; `withOwner: false` leaves them out, for everyone who may read.
 */
export async function listStageRecords(
  transport: GraphqlTransport,
  stage: string,
  options: OperationOptions & {
    readonly services?: readonly string[] | undefined;
    /** @default true */
    readonly withOwner?: boolean;
  } = {},
): Promise<readonly RegisteredEndpoint[]> {
  const { services, withOwner = true, ...rest } = options;
  const records: RegisteredEndpoint[] = [];
  await followPages({ what: 'The registry' }, async (nextToken) => {
    const page = await executeOperation<{ endpoints: RegisteredEndpoint[]; nextToken: string | null }>(transport, {
      field: 'snapshot',
      query: (isOlder) =>
        `query records($stage: String!, $services: [String!], $nextToken: String) { snapshot(stage: $stage, services: $services, nextToken: $nextToken) { nextToken endpoints { ${selectFields(isOlder, withOwner)} } } }`,
      variables: () => ({ stage, services, nextToken }),
      ...rest,
      about: { stage },
    });
    for (const record of page.endpoints) records.push({ ...absent, ...record });
    return page.nextToken;
  });
  return records;
}

/** The stages that have at least one endpoint, sorted. Needs IAM credentials or a signed-in user. */
export async function listStages(transport: GraphqlTransport, options?: OperationOptions): Promise<readonly string[]> {
  const stages = new Set<string>();
  await followPages({ what: 'The registry' }, async (nextToken) => {
    const page = await executeOperation<{ stages: string[]; nextToken: string | null }>(transport, {
      field: 'stages',
      query: () => 'query stages($nextToken: String) { stages(nextToken: $nextToken) { stages nextToken } }',
      variables: () => ({ nextToken }),
      ...options,
      about: {},
    });
    for (const stage of page.stages) stages.add(stage);
    return page.nextToken;
  });
  return [...stages].sort();
}
