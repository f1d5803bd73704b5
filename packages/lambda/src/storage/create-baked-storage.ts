import { readFile } from 'node:fs/promises';
import type { SnapshotStorage, StoredSnapshot } from '@amplify-discovery/core';
import type { TrustedKey } from '@amplify-discovery/core';
import { openSnapshot } from '@amplify-discovery/snapshots';

export interface BakedStorageOptions {
  /** The file of a stage in the deployment package, as `discovery snapshot` writes it. */
  readonly pathOf: (stage: string) => string;
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  /** What outlives the runtime: whichever of the two is newer is used. @default nothing */
  readonly over?: SnapshotStorage | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * A storage that starts from a snapshot baked into the package. It counts as loaded when it was issued, so that a package
 * deployed last week answers at once and is refreshed behind that answer, and one older than its bound is not used.
 */
export function createBakedStorage({ pathOf, trustedKeys, over, now }: BakedStorageOptions): SnapshotStorage {
  async function readBaked(stage: string): Promise<StoredSnapshot | undefined> {
    const file = await readFile(pathOf(stage)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!file) return undefined;
    const { revision, endpoints, issuedAt } = await openSnapshot(file, { stage, trustedKeys, now });
    return { revision, endpoints, loadedAt: issuedAt };
  }
  return {
    async read(stage) {
      const [stored, baked] = await Promise.allSettled([over?.read(stage), readBaked(stage)]);
      const found = [stored, baked].flatMap((outcome) =>
        outcome.status === 'fulfilled' && outcome.value ? [outcome.value as Partial<StoredSnapshot>] : [],
      );
      const failed = [stored, baked].find((outcome) => outcome.status === 'rejected');
      if (!found.length && failed) throw failed.reason;
      return found.sort((left, right) => timeOf(right) - timeOf(left))[0];
    },
    async write(stage, written) {
      await over?.write(stage, written);
    },
  };
}

function timeOf({ loadedAt }: Partial<StoredSnapshot>): number {
  return typeof loadedAt === 'number' ? loadedAt : -1;
}
