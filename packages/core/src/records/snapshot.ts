import { DiscoveryError } from '../discovery-error.ts';
import { parseEndpoint, type Endpoint } from './endpoint.ts';
import type { FindTrust } from '../trust/trust.ts';

/** All callable endpoints of one stage at one revision. */
export interface Snapshot {
  readonly stage: string;
  readonly revision: string;
  /** In the order the source gave them. */
  readonly endpoints: readonly Endpoint[];
  /** The same by service name. */
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
  const endpoints: Endpoint[] = [];
  const services = new Map<string, Endpoint[]>();
  const rejected: DiscoveryError[] = [];
  try {
    const { revision, endpoints: records } = answer as { revision: unknown; endpoints: unknown };
    if (typeof revision !== 'string' || !Array.isArray(records)) throw new TypeError('No revision or no endpoints');
    for (const record of records) {
      try {
        const endpoint = parseEndpoint(record, stage);
        requireTrust(endpoint, findTrust);
        const group = services.get(endpoint.service) ?? [];
        group.push(endpoint);
        endpoints.push(endpoint);
        services.set(endpoint.service, group);
      } catch (error) {
        rejected.push(error as DiscoveryError);
      }
    }
    return { stage, revision, endpoints, services, rejected };
  } catch (cause) {
    throw new DiscoveryError('RegistryUnavailable', `What came for "${stage}" is no snapshot`, { stage, cause });
  }
}

/** An ARN names no host: whoever calls it goes to AWS. */
function requireTrust({ stage, service, target }: Endpoint, findTrust: FindTrust): void {
  if (target.startsWith('arn:') || findTrust(target)) return;
  const { host } = new URL(target);
  const message = `Endpoint of "${service}" in "${stage}": host ${host} is not trusted`;
  throw new DiscoveryError('UntrustedEndpoint', message, { service, stage });
}
