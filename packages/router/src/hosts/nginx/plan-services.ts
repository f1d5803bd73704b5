import {
  isName,
  listEligible,
  parseTarget,
  rankEndpoint,
  type Endpoint,
  type Snapshot,
  type Trust,
} from '@amplify-discovery/core';
import { fitsNginx, quoteValue } from './encode-nginx.ts';
import type { NginxOptions } from './nginx-options.ts';

/** One of a service's endpoints. */
export interface NginxCandidate {
  /** What it is called in the configuration, `3_0`. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly url: URL;
  /** Without a slash at the end. */
  readonly basePath: string;
  readonly trust: Trust;
}

export interface NginxService {
  readonly index: number;
  readonly service: string;
  /** Among the first ones the weights decide; each next group serves while the one before it can't be reached. */
  readonly tiers: readonly (readonly NginxCandidate[])[];
}

export interface SkippedService {
  readonly service: string;
  readonly reason: string;
}

/** nginx follows ten internal redirects in all, and takes up to four to leave a group. */
const maximumTiers = 3;

/** URLs allow more in a host than DNS does. */
const plainHost = /^([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])$/i;

/**
 * Which services nginx can serve, by which of their endpoints. Names and targets are checked once more, whatever the
 * snapshot's parser has let through.
 */
export function planServices(
  snapshot: Pick<Snapshot, 'services'>,
  { services, findTrust, prefer, now = Date.now }: NginxOptions,
): { readonly planned: readonly NginxService[]; readonly skipped: readonly SkippedService[] } {
  const planned: NginxService[] = [];
  const skipped: SkippedService[] = [];
  const names = [...snapshot.services.keys()].filter((service) => services?.includes(service) ?? true).sort();
  for (const [index, service] of names.entries()) {
    const found = listEligible(snapshot.services.get(service) ?? [], {}, now());
    const candidates = found.flatMap((endpoint, place): NginxCandidate[] => {
      const target = isName(endpoint.id) ? parseTarget(endpoint.target, endpoint.kind) : undefined;
      const trust = findTrust ? findTrust(endpoint.target) : 'derived';
      if (!target?.startsWith('http') || !trust || !fitsNginx(quoteValue(target))) return [];
      const url = new URL(target);
      const basePath = url.pathname.replace(/\/+$/, '');
      return plainHost.test(url.hostname) ? [{ key: `${index}_${place}`, endpoint, url, basePath, trust }] : [];
    });
    if (!isName(service)) skipped.push({ service, reason: 'not a valid service name' });
    else if (candidates.length === 0)
      skipped.push({ service, reason: 'no endpoint without tenant at a trusted http(s) URL' });
    else planned.push({ index, service, tiers: groupByRank(candidates, prefer).slice(0, maximumTiers) });
  }
  return { planned, skipped };
}

function groupByRank(
  candidates: readonly NginxCandidate[],
  prefer: readonly string[] | undefined,
): readonly (readonly NginxCandidate[])[] {
  const groups = new Map<number, NginxCandidate[]>();
  for (const candidate of candidates) {
    const rank = rankEndpoint(candidate.endpoint, { prefer });
    groups.set(rank, [...(groups.get(rank) ?? []), candidate]);
  }
  const ranked = [...groups].sort(([left], [right]) => left - right);
  return ranked.map(([, group]) => {
    const weighted = group.filter(({ endpoint }) => endpoint.weight > 0);
    return weighted.length > 0 ? weighted : group.slice(0, 1);
  });
}
