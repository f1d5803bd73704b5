import type { Source } from '@amplify-discovery/core';
import { createAnnouncer, findChangedStages, readRevision } from '@amplify-discovery/registry/notices';
import type { DynamoItem } from '@amplify-discovery/registry/audit';
import type { DynamoAction } from '../embedded-dynamo.ts';

export interface NotifierOptions {
  /** Reads the whole registry. */
  readonly source: Source;
  readonly announce: (stage: string, revision: string) => Promise<void>;
  /** Whether the stage has subscribers. */
  readonly isWatched: (stage: string) => boolean;
}

export interface Notifier {
  /** To be called with each action of the table that has succeeded; those that only read are passed over. */
  noteAction(action: DynamoAction, input: { readonly Key?: DynamoItem; readonly Item?: DynamoItem }): void;
  /** Resolves when nothing is under way, and nothing begins any more. */
  close(): Promise<void>;
}

/**
 * Makes what announces changes in place of the publisher, since the embedded DynamoDB has no stream. A stage without subscribers
 * costs nothing; of several writes at once, the last is announced.
 */
export function createNotifier({ source, announce, isWatched }: NotifierOptions): Notifier {
  const notify = createAnnouncer(announce);
  const controller = new AbortController();
  const { signal } = controller;
  /** By stage: whether it was written again meanwhile. */
  const busy = new Map<string, boolean>();
  const running = new Set<Promise<void>>();

  async function announceChange(stage: string): Promise<void> {
    do {
      busy.set(stage, false);
      await notify(stage, await readRevision(source, stage, signal));
    } while (busy.get(stage) && !signal.aborted);
  }

  return {
    noteAction(action, { Key, Item }) {
      if (!/^(Put|Update|Delete)Item$/.test(action)) return;
      const [stage] = findChangedStages([{ dynamodb: { Keys: Key ?? Item } }]).keys();
      if (stage === undefined || signal.aborted || !isWatched(stage)) return;
      if (busy.has(stage)) return void busy.set(stage, true);
      // One that fails is made up for by the next, and by those who read again by age.
      const task = announceChange(stage)
        .catch(() => {})
        .finally(() => {
          busy.delete(stage);
          running.delete(task);
        });
      running.add(task);
    },
    async close() {
      controller.abort();
      await Promise.all(running);
    },
  };
}
