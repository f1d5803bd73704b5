import type { Endpoint } from '../records/endpoint.ts';
import { chooseWeighted } from './choose-weighted.ts';
import { listCandidates, type Ranking, type SelectionCriteria } from './list-candidates.ts';

/**
 * The one endpoint that serves the criteria, or undefined: of those that `listCandidates` finds, one by the weights.
 *
 * @throws DiscoveryError `InvalidOptions` for a version that is text.
 */
export function selectEndpoint(
  endpoints: readonly Endpoint[],
  criteria: SelectionCriteria,
  now: number,
  ranking?: Ranking,
): Endpoint | undefined {
  return chooseWeighted(listCandidates(endpoints, criteria, now, ranking), criteria.affinityKey ?? '');
}
