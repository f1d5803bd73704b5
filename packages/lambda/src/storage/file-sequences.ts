import type { SequenceStorage } from '@amplify-discovery/snapshots';
import { fileStorage } from './file-storage.ts';

/** Remembers below this folder the highest sequence of each stage, so that a restarted runtime refuses an older snapshot too. */
export function fileSequences(folder: string): SequenceStorage {
  const files = fileStorage({ folder });
  return {
    async read(stage) {
      const { revision } = ((await files.read(stage)) ?? {}) as { readonly revision?: unknown };
      return Number(revision);
    },
    write: (stage, sequence) => files.write(stage, { revision: String(sequence), endpoints: [], loadedAt: 0 }),
  };
}
