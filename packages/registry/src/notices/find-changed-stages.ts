import { isName } from '@amplify-discovery/core';
import type { StreamRecord } from '../audit/stream-record.ts';

/**
 * The stages that a batch of the table's stream is about, each with the sequence number of its first record. Heads and rules are
 * passed over: their partitions are not named like stages.
 */
export function findChangedStages(records: readonly Pick<StreamRecord, 'dynamodb'>[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { dynamodb } of records) {
    const { S: stage } = (dynamodb?.Keys?.stage ?? {}) as { readonly S?: string };
    if (isName(stage) && !first.has(stage)) first.set(stage, dynamodb?.SequenceNumber ?? '');
  }
  return first;
}
