import { isName, listCandidates, parseTarget, type Endpoint, type Snapshot, type Trust } from '@amplify-discovery/core';
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
  readonly candidates: readonly NginxCandidate[];
}

export interface SkippedService {
  readonly service: string;
  readonly reason: string;
}

/** URLs allow more in a host than DNS does. */
const plainHost = /^([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])$/i;

/**
 * Which services nginx can serve, by which of their endpoints. Names and targets are checked once more, whatever the
 * snapshot's parser has let through.
 */
export function planServices(
  snapshot: Pick<Snapshot, 'services'>,
  { services, findTrust, now = Date.now }: NginxOptions,
): { readonly planned: readonly NginxService[]; readonly skipped: readonly SkippedService[] } {
  const planned: NginxService[] = [];
  const skipped: SkippedService[] = [];
  const names = [...snapshot.services.keys()].filter((service) => services?.includes(service) ?? true).sort();
  for (const [index, service] of names.entries()) {
    const found = listCandidates(snapshot.services.get(service) ?? [], {}, now());
    const candidates = found.flatMap((endpoint, place): NginxCandidate[] => {
      const target = isName(endpoint.id) ? parseTarget(endpoint.target, endpoint.kind) : undefined;
      const trust = findTrust ? findTrust(endpoint.target) : 'derived';
      if (!target?.startsWith('http') || !trust || !fitsNginx(quoteValue(target))) return [];
      const url = new URL(target);
      const basePath = url.pathname.replace(/\/+$/, '');
      return plainHost.test(url.hostname) ? [{ key: `${index}_${place}`, endpoint, url, basePath, trust }] : [];
    });
    const weighted = candidates.filter(({ endpoint }) => endpoint.weight > 0);
    if (!isName(service)) skipped.push({ service, reason: 'not a valid service name' });
    else if (candidates.length === 0)
      skipped.push({ service, reason: 'no endpoint without tenant at a trusted http(s) URL' });
    else planned.push({ index, service, candidates: weighted.length > 0 ? weighted : candidates.slice(0, 1) });
  }
  return { planned, skipped };
}
