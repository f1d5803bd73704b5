import type { ListedEndpoint } from '../../records/listed-endpoint.ts';

/**
 * The share of the traffic of its priority that an endpoint gets, 0 to 1, as core selects: by weight, and evenly where all
 * weights are 0.
 */
export function shareOf(endpoint: ListedEndpoint, endpoints: readonly ListedEndpoint[]): number {
  const peers = endpoints.filter(
    ({ priority, tenant }) => priority === endpoint.priority && tenant === endpoint.tenant,
  );
  const sum = peers.reduce((total, { weight }) => total + weight, 0);
  return sum > 0 ? endpoint.weight / sum : 1 / peers.length;
}
