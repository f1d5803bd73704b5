import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  keepSnapshot,
  openStoredSnapshot,
  readStoredVersions,
  type KeptSnapshot,
  type OpenOptions,
  type StoredSnapshot,
} from '@amplify-discovery/console';
import { DiscoveryError } from '@amplify-discovery/core';
import type { S3ObjectStore } from '@amplify-discovery/publisher/store';
import { getBucketAccess } from '../registry/get-bucket-access.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { describeFileError } from '../terminal/describe-file-error.ts';
import { readTrustedKeys } from './read-trusted-keys.ts';

/** The options that say where snapshots are stored. */
export interface StorageSettings {
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly 'bucket-region'?: string | undefined;
  readonly folder?: string | undefined;
  readonly 'trusted-keys'?: string | undefined;
}

/** Reads snapshots of one stage, however old they are. */
export interface StoredSnapshots {
  /** Where they are stored, in words. */
  readonly place: string;
  /** At most so many versions, newest first. An unusable one doesn't hide the others. */
  readHistory(count: number): Promise<readonly KeptSnapshot[]>;
  /**
   * The snapshot in a file, or the version that history shows with this id. With a bucket, what has a slash in it or ends
   * with `.json` is a file; with a folder, what has a slash.
   *
   * @throws DiscoveryError `InvalidOptions` when there is no such file, `SignatureInvalid`, `RegistryUnavailable` when it
   * is malformed or of another stage, `InvalidRecord` when it has endpoints that can't be called.
   */
  open(reference: string): Promise<StoredSnapshot>;
}

/** The stage's snapshots in the place that the options name. */
export function findStoredSnapshots(
  stage: string,
  options: StorageSettings,
  region: string | undefined,
  context: CommandContext,
): StoredSnapshots {
  const { bucket, prefix = '', folder } = options;
  if (bucket !== undefined && folder !== undefined)
    throw new DiscoveryError('InvalidOptions', '--bucket and --folder exclude each other');
  const key = `${prefix}${stage}.json`;
  const inFolder = (name: string) => join(folder ?? '', name);

  async function getStore(): Promise<S3ObjectStore> {
    if (bucket === undefined) throw new DiscoveryError('InvalidOptions', '--bucket is missing, or --folder');
    const access = await getBucketAccess(options['bucket-region'], region, context);
    // The AWS SDK is slow to load, and most commands need no bucket.
    const { createS3ObjectStore } = await import('@amplify-discovery/publisher/store');
    return createS3ObjectStore({ bucket, ...access });
  }

  async function findOptions(): Promise<OpenOptions> {
    return { stage, trustedKeys: await readTrustedKeys(options['trusted-keys'], context.cwd) };
  }
  const parse = async (bytes: Uint8Array) => openStoredSnapshot(bytes, await findOptions());

  return {
    place: folder === undefined ? key : `snapshot of ${stage} in ${folder}`,
    async readHistory(count) {
      if (folder !== undefined) {
        const [names, openOptions] = [await listSnapshotFiles(context.cwd, folder), await findOptions()];
        const read = async (name: string) =>
          keepSnapshot({ version: name, bytes: await readSnapshotFile(context.cwd, inFolder(name)) }, openOptions);
        const found = await Promise.all(names.map(read));
        return found.sort((left, right) => orderOf(right) - orderOf(left)).slice(0, count);
      }
      return readStoredVersions(await getStore(), { key, count, ...(await findOptions()) });
    },
    async open(reference) {
      const isPath = /[/\\]/.test(reference);
      if (folder !== undefined && !isPath) return parse(await readSnapshotFile(context.cwd, inFolder(reference)));
      if (bucket === undefined || isPath || reference.endsWith('.json'))
        return parse(await readSnapshotFile(context.cwd, reference));
      return parse(await (await getStore()).getVersion(key, reference));
    },
  };
}

/** Publication order, which names and times of files don't show. Unreadable files come last. */
function orderOf(kept: KeptSnapshot): number {
  return 'snapshot' in kept ? kept.snapshot.sequence : -1;
}

/** A public subset must not be taken for an older version of the full set. */
async function listSnapshotFiles(cwd: string, folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(resolve(cwd, folder));
    return names.filter((name) => name.endsWith('.json') && !name.endsWith('.public.json')).sort();
  } catch (error) {
    throw describeFileError('--folder', error);
  }
}

async function readSnapshotFile(cwd: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file));
  } catch (error) {
    throw describeFileError(`Snapshot ${file} (without --bucket it is a file)`, error);
  }
}
