import { DiscoveryError } from '../discovery-error.ts';
import { authModes, type AuthMode } from './auth-mode.ts';
import { endpointKinds, type EndpointKind } from './endpoint-kind.ts';
import { parseDateTime } from './parse-date-time.ts';
import { parseTarget } from './parse-target.ts';

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
  /** 0 to 65535, lower first, as in DNS SRV (RFC 2782): the next priority serves only while the one before it can't be reached. */
  readonly priority: number;
  /** Share of traffic among the endpoints of one priority, 0 to 1000. */
  readonly weight: number;
  /** May be read with an API key, and is part of the public snapshot. */
  readonly public: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. From then on the endpoint counts as not registered. */
  readonly expiresAt?: number;
}

const name = /^(?!\.)[\w.-]{1,128}$/;
const awsName = /^[a-z\d-]{1,64}$/;

type Reader = (value: unknown, endpoint: Partial<Endpoint>) => unknown;

/** How each field is read; undefined, or anything thrown, means that the value is bad. */
const fields: Record<Exclude<keyof Endpoint, 'stage'>, Reader> = {
  service: matching(name),
  id: matching(name),
  kind: oneOf(endpointKinds),
  target: (value, { kind }) => parseTarget(value, kind as EndpointKind),
  region: matching(awsName),
  signingService: matching(awsName),
  authMode: oneOf(authModes),
  version: matching(/^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/),
  tenant: matching(name),
  priority: integerUpTo(65_535),
  weight: integerUpTo(1000),
  public: (value) => (typeof value === 'boolean' ? value : undefined),
  metadata: parseMetadata,
  expiresAt: parseTime,
};

const readers: readonly (readonly [field: string, read: Reader])[] = /* @__PURE__ */ Object.entries(fields);

/** In place of what a record leaves out; the empty ones are bad, so these fields are required. */
const defaults: { readonly [field: string]: unknown } = {
  service: '',
  target: '',
  id: 'default',
  kind: 'rest',
  priority: 0,
  weight: 100,
  public: false,
};

/** Whether a value can name a stage, a service, an endpoint id or a tenant: `[A-Za-z0-9._-]{1,128}`, no leading dot. */
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
  const endpoint: Record<string, unknown> & { readonly service?: string } = { stage };
  for (const [field, read] of readers) {
    let value: unknown;
    try {
      const given = (record as typeof endpoint)[field] ?? defaults[field];
      if (given === undefined) continue;
      value = read(given, endpoint);
    } catch {
      // A record's getter, or text that is not JSON.
    }
    if (value === undefined) {
      const { service } = endpoint;
      throw new DiscoveryError('InvalidRecord', `Endpoint of "${service}" in "${stage}": bad ${field}`, {
        service,
        stage,
      });
    }
    endpoint[field] = value;
  }
  return endpoint as never;
}

function matching(pattern: RegExp): (value: unknown) => unknown {
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined);
}

function oneOf(list: readonly unknown[]): (value: unknown) => unknown {
  return (value) => (list.includes(value) ? value : undefined);
}

function integerUpTo(maximum: number): (value: unknown) => unknown {
  return (value) => (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maximum ? value : undefined);
}

function parseMetadata(value: unknown): object | undefined {
  const metadata: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!metadata || typeof metadata !== 'object' || Array.isArray(metadata)) return undefined;
  const copy = { ...metadata };
  return Object.values(copy).every((entry) => typeof entry === 'string') ? copy : undefined;
}

function parseTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? parseDateTime(value) : value;
  return typeof time === 'number' && time >= 0 ? time : undefined;
}
