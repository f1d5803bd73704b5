import { DiscoveryError } from '../discovery-error.ts';
import type { Endpoint } from '../records/endpoint.ts';
import type { VersionRange } from './version-range.ts';

/** Which of a service's endpoints a caller wants. */
export interface SelectionCriteria {
  /** @default any */
  readonly id?: string | undefined;
  /** Made by `versionRange('^1.2')`. Of the versions in the range, the highest is called. @default any release */
  readonly version?: VersionRange | undefined;
  /** The tenant's own endpoint where there is one, otherwise an endpoint without tenant. @default no tenant */
  readonly tenant?: string | undefined;
  /** The same key gets the same endpoint while weights stay as they are: a user id, a session id. @default '' */
  readonly affinityKey?: string | undefined;
}

/** How a reader ranks the endpoints that may all serve a call. */
export interface Ranking {
  /** Regions in order: their endpoints come before those of other regions, whatever the priorities. @default none */
  readonly prefer?: readonly string[] | undefined;
  /** Whether nothing answers at a target: it is then taken only when there is nothing else. @default everything answers */
  readonly isDown?: ((target: string) => boolean) | undefined;
}

/**
 * The endpoints among which the weights decide: of those that `listEligible` finds, the ones of the lowest rank.
 *
 * @throws DiscoveryError `InvalidOptions` for a version that is text.
 */
export function listCandidates(
  endpoints: readonly Endpoint[],
  criteria: SelectionCriteria,
  now: number,
  ranking?: Ranking,
): readonly Endpoint[] {
  const eligible = listEligible(endpoints, criteria, now);
  if (eligible.length < 2) return eligible;
  const ranks = eligible.map((endpoint) => rankEndpoint(endpoint, ranking));
  const lowest = Math.min(...ranks);
  return eligible.filter((_, index) => ranks[index] === lowest);
}

/** The lower comes first: reachable, then the first of the preferred regions, then the lowest priority. */
export function rankEndpoint({ region, priority, target }: Endpoint, { prefer = [], isDown }: Ranking = {}): number {
  return ((isDown?.(target) ? 1e6 : 0) + (prefer.indexOf(`${region}`) + 1 || 1e5)) * 1e5 + priority;
}

/**
 * The endpoints that may serve the criteria, of every priority. In this order: not expired; id; version range; tenant, falling
 * back to untenanted endpoints; of several versions in a range the highest, and where no range is asked for no pre-release,
 * unless there is nothing else.
 *
 * @throws DiscoveryError `InvalidOptions` for a version that is text.
 */
export function listEligible(
  endpoints: readonly Endpoint[],
  { id, version: range, tenant }: SelectionCriteria,
  now: number,
): readonly Endpoint[] {
  // What parses ranges is loaded only where an app asks for one.
  if (typeof range === 'string')
    throw new DiscoveryError('InvalidOptions', `version: "${range as string}" is text, write versionRange("${range}")`);
  const matching = endpoints.filter(
    ({ id: ownId, version, expiresAt = Infinity }) =>
      expiresAt > now && (!id || ownId === id) && (!range || range.matches(version)),
  );
  const own = matching.filter((endpoint) => endpoint.tenant === tenant);
  const candidates = own.length ? own : matching.filter((endpoint) => !endpoint.tenant);
  if (candidates.length < 2) return candidates;
  return range ? findHighest(candidates, range) : findReleases(candidates);
}

function findHighest(endpoints: readonly Endpoint[], { compare }: VersionRange): readonly Endpoint[] {
  const versionOf = (endpoint: Endpoint) => endpoint.version ?? '0.0.0-0';
  const highest = endpoints.map(versionOf).sort(compare).at(-1) as string;
  return endpoints.filter((endpoint) => !compare(versionOf(endpoint), highest));
}

function findReleases(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  // A hyphen behind a + belongs to the build.
  const releases = endpoints.filter(({ version = '' }) => !/^[^+]*-/.test(version));
  return releases.length ? releases : endpoints;
}
