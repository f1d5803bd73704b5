import { createAuditHandler, type DynamoItem, type StreamRecord } from '@amplify-discovery/registry/audit';
import type { AuditFolder } from './audit-folder.ts';
import { restoreNames } from './dynamo-values.ts';

/** One item of the table before and after a write. */
export interface ItemChange {
  readonly key: DynamoItem;
  readonly before: DynamoItem | undefined;
  readonly after: DynamoItem | undefined;
}

export interface ChangeFeedOptions {
  readonly log: AuditFolder;
  /** The greatest sequence number that was given out. */
  readonly last: bigint;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Logs a change that is about to be kept, and gives what takes it back when it could not be. Rejects when the log can't take it. */
export type ChangeFeed = (change: ItemChange) => Promise<() => Promise<void>>;

/**
 * Hands each change to the handler of the table's stream, which the embedded DynamoDB lacks: the log on this machine is
 * written by the code that writes it in AWS.
 */
export function createChangeFeed({ log, last, now }: ChangeFeedOptions): ChangeFeed {
  let outcome: { readonly key?: string; readonly failure?: unknown } = {};
  const write = createAuditHandler({
    store: {
      async put(key, text) {
        try {
          const written = await log.put(key, text);
          outcome = { key };
          return written;
        } catch (failure) {
          outcome = { failure };
          throw failure;
        }
      },
    },
  });
  let sequence = last;
  return async ({ key, before, after }) => {
    const time = now();
    const next = BigInt(Math.floor(time)) * 1000n;
    sequence = next > sequence ? next : sequence + 1n;
    const record: StreamRecord = {
      eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
      dynamodb: {
        ApproximateCreationDateTime: time / 1000,
        SequenceNumber: String(sequence),
        Keys: key,
        ...(before && { OldImage: restoreNames(before) }),
        ...(after && { NewImage: restoreNames(after) }),
      },
    };
    outcome = {};
    await write({ Records: [record] });
    if ('failure' in outcome) throw outcome.failure;
    const { key: written } = outcome;
    return async () => {
      if (written !== undefined) await log.remove(written);
    };
  };
}
