import type { Endpoint } from '@amplify-discovery/core';
import { groupByPriority } from '../facade/group-by-priority.ts';

/** A service as Envoy can have it. */
export interface ClusterPlan {
  readonly service: string;
  /** Of every endpoint's URL, without a slash at its end. */
  readonly path: string;
  /** Its connections become WebSockets, which a route has to allow. */
  readonly isWebSocket: boolean;
  /** By priority; Envoy wants them to be 0, 1, 2 … without gaps. */
  readonly groups: readonly (readonly ClusterEndpoint[])[];
}

export interface ClusterEndpoint {
  readonly id: string;
  readonly region: string;
  /** For the Host header: with a port where the URL has one. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly weight: number;
  /** What `hostname` stands for, where that has been looked up. */
  readonly addresses?: readonly string[];
}

/** Envoy's own limit: 0 to 128. */
const maximumPriorities = 129;

/** What of a service's endpoints one cluster can hold; the others are skipped. */
export function planCluster(
  service: string,
  endpoints: readonly Endpoint[],
  skip: (endpoint: Endpoint, reason: string) => void,
): ClusterPlan {
  const pathOf = ({ target }: Endpoint) => new URL(target).pathname.replace(/\/$/, '');
  const [first] = endpoints;
  const path = first ? pathOf(first) : '';
  const fitting = endpoints.filter((endpoint) => {
    const fits = pathOf(endpoint) === path;
    if (!fits)
      skip(
        endpoint,
        `a route of Envoy has one path, and "${pathOf(endpoint)}" is not "${path}" of ${service}/${first?.id}`,
      );
    return fits;
  });
  const groups = groupByPriority(fitting);
  for (const group of groups.slice(maximumPriorities))
    for (const { endpoint } of group) skip(endpoint, `Envoy has no more than ${maximumPriorities} priorities`);
  return {
    service,
    path,
    isWebSocket: fitting.some(({ target }) => target.startsWith('ws')),
    groups: groups.slice(0, maximumPriorities).map((group) =>
      group.map(({ endpoint, weight }) => {
        const { host, hostname, port, protocol } = new URL(endpoint.target);
        const isSecure = protocol === 'https:' || protocol === 'wss:';
        return {
          id: endpoint.id,
          region: endpoint.region ?? '',
          host,
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port: Number(port || (isSecure ? 443 : 80)),
          isSecure,
          weight,
        };
      }),
    ),
  };
}
