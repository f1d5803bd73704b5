import type { DynamoItem, StreamRecord } from '@amplify-discovery/registry/audit';
import { restoreNames } from './dynamo-values.ts';

/** One item of the table before and after a write. */
export interface ItemChange {
  readonly key: DynamoItem;
  readonly before: DynamoItem | undefined;
  readonly after: DynamoItem | undefined;
}

export interface StreamRecorderOptions {
  /** The highest sequence number so far. */
  readonly last: bigint;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Makes what describes a change as a record of DynamoDB's stream. Sequence numbers rise even when the clock is set back. */
export function createStreamRecorder({ last, now }: StreamRecorderOptions): (change: ItemChange) => StreamRecord {
  let sequence = last;
  return ({ key, before, after }) => {
    const time = now();
    const next = BigInt(Math.floor(time)) * 1000n;
    sequence = next > sequence ? next : sequence + 1n;
    return {
      eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
      dynamodb: {
        ApproximateCreationDateTime: time / 1000,
        SequenceNumber: String(sequence),
        Keys: key,
        ...(before && { OldImage: restoreNames(before) }),
        ...(after && { NewImage: restoreNames(after) }),
      },
    };
  };
}
