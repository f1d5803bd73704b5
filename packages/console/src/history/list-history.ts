import type { Endpoint } from '@amplify-discovery/core';
import { diffEndpoints, type EndpointDifference } from '../changes/diff-endpoints.ts';
import type { HistoryEntry } from '../overview.ts';
import type { KeptSnapshot } from './stored-snapshot.ts';

/** How many published states the console shows. */
export const shownStates = 20;
/** Nobody reads more, and an answer has limits. */
const shownDifferences = 500;

/** Published states, each with what going back to it would change. */
export function listHistory(kept: readonly KeptSnapshot[], endpoints: readonly Endpoint[]): readonly HistoryEntry[] {
  return kept.map((one): HistoryEntry => {
    const { version } = one;
    const writtenAt = one.writtenAt === undefined ? '' : new Date(one.writtenAt).toISOString();
    if ('fault' in one) return { version, writtenAt, endpoints: 0, differences: [], fault: one.fault.message };
    const all = diffEndpoints(endpoints, one.snapshot.endpoints);
    const differences = all.slice(0, shownDifferences).map(describeDifference);
    if (all.length > shownDifferences) differences.push(`… and ${all.length - shownDifferences} more`);
    return { version, writtenAt, endpoints: one.snapshot.endpoints.length, differences };
  });
}

function describeDifference({ change, service, id, before, after, fields }: EndpointDifference): string {
  if (change === 'registered') return `+ ${service}/${id} ${after?.target}`;
  if (change === 'deregistered') return `- ${service}/${id} ${before?.target}`;
  return `~ ${service}/${id} ${fields.map((field) => `${field} ${show(before?.[field])} → ${show(after?.[field])}`).join(', ')}`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? 'none' : JSON.stringify(value);
}
