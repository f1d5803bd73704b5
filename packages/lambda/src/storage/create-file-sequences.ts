import type { SequenceStorage } from '@amplify-discovery/snapshots';
import { createFileStorage } from './create-file-storage.ts';

/** Remembers below this folder the highest sequence of each stage, so that a restarted runtime refuses an older snapshot too. */
export function createFileSequences(folder: string): SequenceStorage {
  const files = createFileStorage({ folder });
  return {
    async read(stage) {
      const { revision } = ((await files.read(stage)) ?? {}) as { readonly revision?: unknown };
      return Number(revision);
    },
    write: (stage, sequence) => files.write(stage, { revision: String(sequence), endpoints: [], loadedAt: 0 }),
  };
}
