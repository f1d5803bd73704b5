import type { Source } from '@amplify-discovery/core';
import type { StreamRecord } from '@amplify-discovery/registry/audit';
import { createAnnouncer, findChangedStages, readRevision } from '@amplify-discovery/registry/notices';

export interface AnnounceHandlerOptions {
  /** Reads the table consistently: the registry. */
  readonly source: Source;
  /** Notifies the subscribers of a stage. */
  readonly announce: (stage: string, revision: string) => Promise<void>;
  /** @default none */
  readonly log?: ((line: AnnouncementLine) => void) | undefined;
}

/** What the log says of a stage. */
export type AnnouncementLine =
  | { readonly stage: string; readonly announced: string }
  | { readonly stage: string; readonly failed: string };

/** A batch from the table's stream. */
export interface AnnounceEvent {
  readonly Records: readonly Pick<StreamRecord, 'dynamodb'>[];
}

/**
 * Makes the handler that announces each changed stage of a batch, where nothing is published. It rejects with the first failure, after
 * every stage has been tried: the batch then comes again, and a stage that was announced is passed over.
 */
export function createAnnounceHandler(options: AnnounceHandlerOptions): (event: AnnounceEvent) => Promise<void> {
  const { source, announce, log = () => {} } = options;
  const notify = createAnnouncer(async (stage, revision) => {
    await announce(stage, revision);
    log({ stage, announced: revision });
  });
  return async ({ Records }) => {
    const failures: unknown[] = [];
    for (const stage of findChangedStages(Records).keys()) {
      try {
        await notify(stage, await readRevision(source, stage, new AbortController().signal));
      } catch (error) {
        log({ stage, failed: String(error) });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
}
