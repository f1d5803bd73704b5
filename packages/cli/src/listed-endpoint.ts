import type { Endpoint } from '@amplify-discovery/core';
import type { RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { toIsoTime } from './to-iso-time.ts';

/** One endpoint as `--json` prints it: absent fields are left out, metadata is an object, times are ISO 8601. */
export interface ListedEndpoint extends Omit<Endpoint, 'expiresAt'> {
  readonly expiresAt?: string | undefined;
  /** These four come with IAM credentials only. */
  readonly owner?: string | undefined;
  readonly token?: string | undefined;
  readonly registeredAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

/** The form of a parsed endpoint. */
export function listEndpoint(endpoint: Endpoint): ListedEndpoint {
  const { expiresAt, ...rest } = endpoint;
  return expiresAt === undefined ? rest : { ...rest, expiresAt: toIsoTime(expiresAt) };
}

/** The form of a record of the registry. Metadata that is no JSON stays the text it is. */
export function listRecord(record: RegisteredEndpoint): ListedEndpoint {
  const present = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
  if (record.metadata !== null) present['metadata'] = parseJson(record.metadata);
  return present as unknown as ListedEndpoint;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
