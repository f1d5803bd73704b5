import type { DynamoItem, StreamRecord } from '@amplify-discovery/registry/audit';
import { restoreNames } from './dynamo-values.ts';

/** One item of the table before and after a write. */
export interface ItemChange {
  readonly key: DynamoItem;
  readonly before: DynamoItem | undefined;
  readonly after: DynamoItem | undefined;
}

export interface StreamRecorderOptions {
  /** The greatest sequence number that was given out. */
  readonly last: bigint;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Makes what writes a change down as DynamoDB's stream does. Sequence numbers rise, whatever the clock does. */
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
