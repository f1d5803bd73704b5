import { parseEndpoint, type Endpoint } from '@amplify-discovery/core';
import type { EndpointOverride, RegisteredEndpoint } from '@amplify-discovery/registry/operations';

/** One endpoint as `--json` prints it and as it is registered: absent fields are left out, times are ISO 8601. */
export interface PlainEndpoint extends Omit<Endpoint, 'expiresAt'> {
  readonly expiresAt?: string | undefined;
}

/** The same with the fields that only signed requests may read. */
export interface ListedEndpoint extends PlainEndpoint {
  readonly owner?: string | undefined;
  readonly token?: string | undefined;
  /** Who wrote the record last. */
  readonly actor?: string | undefined;
  /** Set while `target` is overridden. */
  readonly override?: EndpointOverride | undefined;
  readonly registeredAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

/** Lists a parsed endpoint. */
export function listEndpoint({ expiresAt, ...endpoint }: Endpoint): PlainEndpoint {
  return expiresAt === undefined ? endpoint : { ...endpoint, expiresAt: toIsoTime(expiresAt) };
}

/**
 * The endpoint as its owner registered it, which differs from the record while its target is overridden.
 *
 * @throws DiscoveryError `InvalidRecord`.
 */
export function parseRegistered(record: RegisteredEndpoint): Endpoint {
  return parseEndpoint({ ...record, ...record.override?.registered }, record.stage);
}

/** Lists a record of the registry. Metadata that is not JSON stays text. */
export function listRecord(record: RegisteredEndpoint): ListedEndpoint {
  const present = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
  if (record.metadata !== null) present['metadata'] = parseJson(record.metadata);
  return present as unknown as ListedEndpoint;
}

/** Undefined for what is not a valid date. */
function toIsoTime(time: number): string | undefined {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
