import { diffEndpoints, type EndpointDifference, type HistoryEntry } from '@amplify-discovery/console';
import { parseSnapshot, type Source } from '@amplify-discovery/core';
import type { StoredSnapshots } from '../history/stored-snapshots.ts';

const shown = 20;

/** The last published states of a stage, each with what going back to it would change. */
export async function listHistory(
  stage: string,
  { readHistory }: StoredSnapshots,
  source: Source,
  signal: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  const [kept, answer] = await Promise.all([readHistory(shown), source.load({ stage, signal })]);
  const { endpoints } = parseSnapshot(answer, stage, () => 'listed');
  return kept.map((one): HistoryEntry => {
    const { version } = one;
    const writtenAt = one.writtenAt === undefined ? '' : new Date(one.writtenAt).toISOString();
    if ('fault' in one) return { version, writtenAt, endpoints: 0, differences: [], fault: one.fault.message };
    const differences = diffEndpoints(endpoints, one.snapshot.endpoints).map(describeDifference);
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
