import { DiscoveryError, isDiscoveryError } from './discovery-error.ts';
import { parseEndpoint, type Endpoint } from './endpoint.ts';
import type { FindTrust } from './trust.ts';

/** All callable endpoints of one stage at one revision. */
export interface Snapshot {
  readonly stage: string;
  readonly revision: string;
  /** By service name, in the order the source gave them. */
  readonly services: ReadonlyMap<string, readonly Endpoint[]>;
  /** Why records were left out: malformed, or on a host that is not trusted. */
  readonly rejected: readonly DiscoveryError[];
}

/**
 * Builds a snapshot from untrusted records. A record that is malformed or whose host is not trusted is left out and
 * listed in `rejected`; it never spoils the others.
 *
 * @throws DiscoveryError `RegistryUnavailable` when the answer as a whole is no snapshot.
 */
export function parseSnapshot(answer: unknown, stage: string, findTrust: FindTrust): Snapshot {
  const { revision, endpoints } = (answer ?? {}) as { revision?: unknown; endpoints?: unknown };
  if (typeof revision !== 'string' || !Array.isArray(endpoints)) {
    throw new DiscoveryError('RegistryUnavailable', `What came for stage "${stage}" is no snapshot`, { stage });
  }
  const services = new Map<string, Endpoint[]>();
  const rejected: DiscoveryError[] = [];
  for (const record of endpoints) {
    try {
      const endpoint = parseEndpoint(record, stage);
      const { service, target } = endpoint;
      if (!target.startsWith('arn:') && !findTrust(target)) {
        throw new DiscoveryError('UntrustedEndpoint', `"${service}" in "${stage}" is at ${new URL(target).host}, which is not trusted`, { service, stage });
      }
      const known = services.get(service);
      if (known) known.push(endpoint);
      else services.set(service, [endpoint]);
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      rejected.push(error);
    }
  }
  return { stage, revision, services, rejected };
}
