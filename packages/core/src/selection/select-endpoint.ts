import { chooseWeighted } from './choose-weighted.ts';
import type { Endpoint } from '../records/endpoint.ts';
import type { VersionRange } from './version-range.ts';

/** Which of a service's endpoints a caller wants. */
export interface SelectionCriteria {
  /** @default any */
  readonly id?: string | undefined;
  /** Made by `versionRange('^1.2')`. Of the versions that match, the highest is called. @default any version */
  readonly version?: VersionRange | undefined;
  /** The tenant's own endpoint where there is one, otherwise an endpoint without tenant. @default no tenant */
  readonly tenant?: string | undefined;
  /** The same key gets the same endpoint while weights stay as they are: a user id, a session id. @default '' */
  readonly affinityKey?: string | undefined;
}

/**
 * The one endpoint that serves the criteria, or undefined. In this order: not expired; id; version range; tenant, falling
 * back to untenanted endpoints; of several versions in a range the highest; the lowest priority; then the weights.
 */
export function selectEndpoint(
  endpoints: readonly Endpoint[],
  { id, version: range, tenant, affinityKey = '' }: SelectionCriteria,
  now: number,
): Endpoint | undefined {
  const matching = endpoints.filter(
    ({ id: ownId, version, expiresAt = Infinity }) =>
      expiresAt > now && (!id || ownId === id) && (!range || (version && range.matches(version))),
  );
  const own = matching.filter((endpoint) => endpoint.tenant === tenant);
  const candidates = own.length ? own : matching.filter((endpoint) => !endpoint.tenant);
  const versionOf = (endpoint: Endpoint) => endpoint.version as string;
  const highest = range && (candidates.map(versionOf).sort(range.compare).at(-1) as string);
  const newest = highest ? candidates.filter((endpoint) => !range.compare(versionOf(endpoint), highest)) : candidates;
  const first = Math.min(...newest.map(({ priority }) => priority));
  return chooseWeighted(
    newest.filter(({ priority }) => priority === first),
    affinityKey,
  );
}
