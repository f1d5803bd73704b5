import type { Endpoint } from '@amplify-discovery/core';

/** One place that requests go to, with the share of traffic that it gets within its priority, at least 1. */
export interface WeightedEndpoint {
  readonly endpoint: Endpoint;
  readonly weight: number;
}

/**
 * A service's endpoints in groups of one priority, the first group first. Endpoints of a group with one target are one place with
 * the weights of all. Where every weight is 0, all get the same share: proxies know no endpoint that serves only because there is
 * nothing else.
 */
export function groupByPriority(endpoints: readonly Endpoint[]): readonly (readonly WeightedEndpoint[])[] {
  const groups = new Map<number, Map<string, WeightedEndpoint>>();
  for (const endpoint of [...endpoints].sort((one, other) => one.priority - other.priority)) {
    const { priority, target } = endpoint;
    const group = groups.get(priority) ?? new Map<string, WeightedEndpoint>();
    groups.set(priority, group);
    const known = group.get(target);
    const weight = Math.max(endpoint.weight, 1) + (known?.weight ?? 0);
    group.set(target, { endpoint: known?.endpoint ?? endpoint, weight });
  }
  return [...groups.values()].map((group) => [...group.values()]);
}
