import { createAuditHandler } from '@amplify-discovery/registry/audit';
import type { AuditFolder } from './audit-folder.ts';
import { createStreamRecorder, type ItemChange, type StreamRecorderOptions } from './create-stream-recorder.ts';

export interface ChangeFeedOptions extends StreamRecorderOptions {
  readonly log: AuditFolder;
}

/** Logs a change before it is stored, and returns what undoes that if storing fails. Rejects when the log can't be written. */
export type ChangeFeed = (change: ItemChange) => Promise<() => Promise<void>>;

/**
 * Passes each change to the stream handler, since the embedded DynamoDB has no streams: the local log is written by the code
 * that writes it in AWS.
 */
export function createChangeFeed({ log, ...options }: ChangeFeedOptions): ChangeFeed {
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
  const record = createStreamRecorder(options);
  return async (change) => {
    outcome = {};
    await write({ Records: [record(change)] });
    if ('failure' in outcome) throw outcome.failure;
    const { key: written } = outcome;
    return async () => {
      if (written !== undefined) await log.remove(written);
    };
  };
}
