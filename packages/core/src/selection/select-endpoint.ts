import type { Endpoint } from '../records/endpoint.ts';
import { chooseWeighted } from './choose-weighted.ts';
import { compareVersions, isPreRelease, versionRange, type VersionRange } from './version-range.ts';

/** Which of a service's endpoints a caller wants. */
export interface SelectionCriteria {
  /** @default any */
  readonly id?: string | undefined;
  /** `^1.2`, or what `versionRange('^1.2')` made of it. Of the versions in the range, the highest is called. @default any release */
  readonly version?: VersionRange | string | undefined;
  /** The tenant's own endpoint where there is one, otherwise an endpoint without tenant. @default no tenant */
  readonly tenant?: string | undefined;
  /** The same key gets the same endpoint while weights stay as they are: a user id, a session id. @default '' */
  readonly affinityKey?: string | undefined;
}

/**
 * The one endpoint that serves the criteria, or undefined. In this order: not expired; id; version range; tenant, falling
 * back to untenanted endpoints; of several versions in a range the highest, and where no range is asked for no pre-release,
 * unless there is nothing else; the lowest priority; then the weights.
 *
 * @throws DiscoveryError `InvalidOptions` for a version that is not a range.
 */
export function selectEndpoint(
  endpoints: readonly Endpoint[],
  { id, version, tenant, affinityKey = '' }: SelectionCriteria,
  now: number,
): Endpoint | undefined {
  const range = typeof version === 'string' ? versionRange(version) : version;
  const matching = endpoints.filter(
    ({ id: ownId, version: ownVersion, expiresAt = Infinity }) =>
      expiresAt > now && (!id || ownId === id) && (!range || range.matches(ownVersion)),
  );
  const own = matching.filter((endpoint) => endpoint.tenant === tenant);
  const candidates = own.length ? own : matching.filter((endpoint) => !endpoint.tenant);
  if (candidates.length < 2) return candidates[0];
  const versioned = range ? findHighest(candidates) : findReleases(candidates);
  const priority = Math.min(...versioned.map((endpoint) => endpoint.priority));
  return chooseWeighted(
    versioned.filter((endpoint) => endpoint.priority === priority),
    affinityKey,
  );
}

function findHighest(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const versionOf = (endpoint: Endpoint) => endpoint.version ?? '0.0.0-0';
  const highest = endpoints.map(versionOf).sort(compareVersions).at(-1) as string;
  return endpoints.filter((endpoint) => !compareVersions(versionOf(endpoint), highest));
}

function findReleases(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const releases = endpoints.filter((endpoint) => !isPreRelease(endpoint.version));
  return releases.length ? releases : endpoints;
}
