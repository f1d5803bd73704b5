import { isIP } from 'node:net';
import type { ClusterEndpoint, ClusterPlan } from './plan-cluster.ts';

/** Turns host names into addresses: EDS takes no names. */
export interface AddressBook {
  /** The plan with the addresses of every host; an endpoint whose host has never been found is left out. */
  resolve(plan: ClusterPlan): Promise<ClusterPlan>;
}

const maximumHosts = 10_000;

/** A host that can't be found for a moment keeps the addresses that it had. */
export function createAddressBook(lookup: (hostname: string) => Promise<readonly string[]>): AddressBook {
  const known = new Map<string, readonly string[]>();

  async function find(hostname: string): Promise<readonly string[]> {
    if (isIP(hostname)) return [hostname];
    const found = await lookup(hostname).catch(() => []);
    const valid = [...new Set(found)].filter((address) => isIP(address) > 0).sort();
    if (valid.length === 0) return known.get(hostname) ?? [];
    const [oldest] = known.keys();
    if (!known.delete(hostname) && known.size >= maximumHosts && oldest !== undefined) known.delete(oldest);
    known.set(hostname, valid);
    return valid;
  }

  async function resolveEndpoint(endpoint: ClusterEndpoint): Promise<readonly ClusterEndpoint[]> {
    const addresses = await find(endpoint.hostname);
    return addresses.length > 0 ? [{ ...endpoint, addresses }] : [];
  }

  return {
    async resolve(plan) {
      const groups = await Promise.all(
        plan.groups.map(async (group) => (await Promise.all(group.map(resolveEndpoint))).flat()),
      );
      // No gaps between priorities.
      return { ...plan, groups: groups.filter((group) => group.length > 0) };
    },
  };
}
