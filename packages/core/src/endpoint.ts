import { DiscoveryError } from './discovery-error.ts';
import { parseTarget } from './parse-target.ts';

/** What answers at an endpoint's target. */
export type EndpointKind = 'rest' | 'http' | 'graphql' | 'events' | 'websocket' | 'function' | 'resource';

/** How the deployer expects callers to authenticate. Advice only: the calling code decides. */
export type AuthMode = 'none' | 'apiKey' | 'iam' | 'userPool' | 'oidc' | 'lambda';

/** One deployment of a service in a stage, as callers see it. */
export interface Endpoint {
  readonly stage: string;
  readonly service: string;
  /** `default` unless the service has several endpoints in the stage: a region, a canary. */
  readonly id: string;
  readonly kind: EndpointKind;
  /** An absolute https URL without query, hash, userinfo or trailing slash; an ARN for `function` and `resource`. */
  readonly target: string;
  /** What SigV4 needs travels with the target. */
  readonly region?: string;
  readonly signingService?: string;
  readonly authMode?: AuthMode;
  /** Semantic version, `1.4.2`. */
  readonly version?: string;
  /** A tenant's own endpoint. Callers that name no tenant get the endpoints without one. */
  readonly tenant?: string;
  /** Share of traffic among the endpoints that match, 0 to 1000. */
  readonly weight: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. From then on the endpoint is as good as not registered. */
  readonly expiresAt?: number;
}

const name = /^(?!\.)[\w.-]{1,128}$/;
const awsName = /^[a-z0-9-]{1,64}$/;

/** The fields that a pattern describes; `weight` alone is a number. */
const patterns = {
  service: name,
  id: name,
  kind: /^(rest|http|graphql|events|websocket|function|resource)$/,
  region: awsName,
  signingService: awsName,
  authMode: /^(none|apiKey|iam|userPool|oidc|lambda)$/,
  version: /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/,
  tenant: name,
  weight: /^(1000|\d{1,3})$/,
} as const;

const defaults = { id: 'default', kind: 'rest', weight: 100 };

/** Tells whether a value can name a stage, a service, an endpoint id or a tenant: `[A-Za-z0-9._-]{1,128}`, no leading dot. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && name.test(value);
}

/**
 * Turns one untrusted record into an {@link Endpoint}; a record's `null`s count as absent, fields it doesn't know are left out.
 * `expiresAt` may be ISO 8601 text or milliseconds, `metadata` an object or its JSON text.
 * Whether the target's host may be called is not decided here: that is the trust rule.
 *
 * @throws DiscoveryError `InvalidRecord`, naming the field, and nothing else, whatever the input.
 */
export function parseEndpoint(record: unknown, stage: string): Endpoint {
  const input = { ...defaults, ...withoutNulls(record) } as Record<string, unknown>;
  const endpoint: Record<string, unknown> = { stage };

  function accept(field: string, value: unknown): void {
    if (value === undefined) {
      const service = isName(input.service) ? input.service : undefined;
      throw new DiscoveryError('InvalidRecord', `Endpoint of "${service}" in "${stage}": bad ${field}`, { service, stage });
    }
    endpoint[field] = value;
  }

  for (const [field, pattern] of Object.entries(patterns)) {
    const value = input[field];
    if (value === undefined && field !== 'service') continue;
    const isWellFormed = typeof value === (field === 'weight' ? 'number' : 'string') && pattern.test(value as string);
    accept(field, isWellFormed ? value : undefined);
  }
  accept('target', parseTarget(input.target, endpoint.kind as EndpointKind));
  if (input.metadata !== undefined) accept('metadata', parseMetadata(input.metadata));
  if (input.expiresAt !== undefined) accept('expiresAt', parseTime(input.expiresAt));
  return endpoint as never;
}

function parseMetadata(value: unknown): object | undefined {
  try {
    const metadata = typeof value === 'string' ? (JSON.parse(value) as object) : value;
    const isFlat = Object.values(metadata as object).every((entry) => typeof entry === 'string');
    return isFlat && !Array.isArray(metadata) && typeof metadata === 'object' ? (metadata as object) : undefined;
  } catch {
    return undefined;
  }
}

function parseTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : value;
  return typeof time === 'number' && time >= 0 ? time : undefined;
}

function withoutNulls(record: unknown): object {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([, value]) => value != null));
}
