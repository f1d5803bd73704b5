import { constants } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError, type SnapshotStorage } from '@amplify-discovery/core';
import { parseStored, serializeStored } from './stored-form.ts';

export interface FileStorageOptions {
  /** Made when it isn't there, for this user alone. */
  readonly folder: string;
  /** Distinguishes the files being written at one moment. @default random */
  readonly makeSuffix?: (() => string) | undefined;
}

/** Larger files are not ours. */
const maximumBytes = 2 ** 26;

/**
 * Keeps snapshots as files that only this user may read or write. A file is replaced as a whole, by rename, so that a
 * reader or a crash never sees half of one. A link, or a file that belongs to someone else or that others may write, is refused.
 * Reading a large stage costs a cold start little: its records are parsed when they are used.
 *
 * @example
 * ```ts
 * const storage = createFileStorage({ folder: '/tmp/amplify-discovery' });
 * ```
 */
export function createFileStorage({
  folder,
  makeSuffix = () => crypto.randomUUID(),
}: FileStorageOptions): SnapshotStorage {
  const pathOf = (stage: string) => join(folder, `${stage}.snapshot`);
  return {
    async read(stage) {
      const path = pathOf(stage);
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined;
          throw error;
        },
      );
      if (!file) return undefined;
      try {
        const { uid, mode, size } = await file.stat();
        const isOurs =
          (process.getuid?.() ?? uid) === uid && (mode & constants.S_IFMT) === constants.S_IFREG && !(mode & 0o022);
        if (!isOurs || size > maximumBytes) {
          throw new DiscoveryError('InvalidOptions', `${path} is not a file that only this user can write`, { stage });
        }
        // With an encoding readFile would decode it piece by piece, which takes longer.
        return parseStored((await file.readFile()).toString());
      } finally {
        await file.close();
      }
    },
    async write(stage, stored) {
      const temporary = `${pathOf(stage)}.${makeSuffix()}`;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        await writeFile(temporary, serializeStored(stored), { mode: 0o600, flag: 'wx' });
        await rename(temporary, pathOf(stage));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
  };
}
