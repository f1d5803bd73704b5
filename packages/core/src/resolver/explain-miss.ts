import { findNearNames } from '../find-near-names.ts';
import type { Endpoint } from '../records/endpoint.ts';
import type { Snapshot } from '../records/snapshot.ts';
import type { SelectionCriteria } from '../selection/list-candidates.ts';

/** A call that no endpoint serves. */
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

/** Goes on where `No endpoint of "users" in "dev"` ends: why nothing serves the call, and what there is instead. */
export function explainMiss({ service, criteria, snapshots, services, now }: Miss): string {
  const endpoints = snapshots.flatMap(({ find }) => find(service).endpoints);
  if (endpoints.length) return ` ${explainMisfit(endpoints, criteria, now)}`;
  if (services.length && !services.includes(service)) return `: only ${services.join(', ')} are asked for (services)`;
  const names = snapshots.flatMap((snapshot) => snapshot.names);
  if (!names.length && !services.length) return ': nothing at all is registered there';
  const near = findNearNames(service, names);
  return near.length ? `: perhaps ${near.join(' or ')} is meant` : '';
}

/** The first of the criteria, in the order in which they select, that leaves nothing. */
function explainMisfit(
  endpoints: readonly Endpoint[],
  { id, version: range, tenant }: SelectionCriteria,
  now: number,
): string {
  const live = endpoints.filter(({ expiresAt = Infinity }) => expiresAt > now);
  if (!live.length) return 'is left: it has expired';
  const named = live.filter((endpoint) => !id || endpoint.id === id);
  if (!named.length) return `has the id ${id}: there are ${list(live, (endpoint) => endpoint.id)}`;
  if (range && !named.some(({ version }) => range.matches(version)))
    return `has a version in ${range.range}: there are ${list(named, ({ version }) => version ?? 'no version')}`;
  return tenant ? `is for the tenant ${tenant}, or for all` : 'is for callers without a tenant';
}

function list(endpoints: readonly Endpoint[], name: (endpoint: Endpoint) => string): string {
  return [...new Set(endpoints.map(name))].slice(0, 5).join(', ');
}
