import { findNearNames } from '../find-near-names.ts';
import type { Endpoint } from '../records/endpoint.ts';
import type { Snapshot } from '../records/snapshot.ts';
import type { SelectionCriteria } from '../selection/list-candidates.ts';
import { selectEndpoint } from '../selection/select-endpoint.ts';

export interface Miss {
  readonly service: string;
  readonly criteria: SelectionCriteria;
  /** Of the stages that were looked at, in their order. */
  readonly snapshots: readonly Snapshot[];
  /** What the source was asked for; empty for the whole stage. */
  readonly services: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Why nothing serves a call, and what there is instead. */
export function describeMiss({ service, criteria, snapshots, services, now }: Miss): string {
  const which = `"${service}" in ${snapshots.map(({ stage }) => `"${stage}"`).join(', ')}`;
  const endpoints = snapshots.flatMap(({ find }) => find(service).endpoints);
  if (endpoints.length) return `No endpoint of ${which} ${describeMisfit(endpoints, criteria, now)}`;
  if (services.length && !services.includes(service))
    return `No endpoint of ${which}: only ${services.join(', ')} are asked for (services)`;
  const names = snapshots.flatMap((snapshot) => snapshot.names);
  if (!names.length && !services.length) return `No endpoint of ${which}: nothing at all is registered there`;
  const near = findNearNames(service, names);
  return `No endpoint of ${which}${near.length ? `: perhaps ${near.join(' or ')} is meant` : ''}`;
}

/** The first of the criteria, in the order in which they select, that leaves nothing. */
function describeMisfit(
  endpoints: readonly Endpoint[],
  { id, version, tenant }: SelectionCriteria,
  now: number,
): string {
  const live = endpoints.filter(({ expiresAt = Infinity }) => expiresAt > now);
  if (!live.length) return 'is left: it has expired';
  const named = live.filter((endpoint) => !id || endpoint.id === id);
  if (!named.length) return `has the id ${id}: there are ${list(live, (endpoint) => endpoint.id)}`;
  const versioned = named.some((endpoint) => selectEndpoint([endpoint], { version, tenant: endpoint.tenant }, now));
  if (!versioned) {
    return `has a version in ${version?.range}: there are ${list(named, (endpoint) => endpoint.version ?? 'no version')}`;
  }
  return tenant ? `is for the tenant ${tenant}, or for all` : 'is for callers without a tenant';
}

function list(endpoints: readonly Endpoint[], name: (endpoint: Endpoint) => string): string {
  return [...new Set(endpoints.map(name))].slice(0, 5).join(', ');
}
