import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createWriterError, DiscoveryError } from '@amplify-discovery/core';
import type { CommandContext } from '../terminal/command-context.ts';
import { describeFileError } from '../terminal/describe-file-error.ts';
import { replaceFile } from '../terminal/replace-file.ts';

/** The argument of the commands that write and read backups. */
export const backupArgument = { name: 'BACKUP', help: 'A file, or s3://BUCKET/KEY.' } as const;

/** The option that goes with it. */
export const bucketRegionOption = {
  kind: 'text',
  value: 'REGION',
  help: "The bucket's region. Default: the registry's, or AWS_REGION.",
} as const;

/** Where a backup is kept. */
export interface BackupPlace {
  /**
   * @throws DiscoveryError `InvalidOptions` when nothing is there, `CredentialsMissing`, `BucketDenied`, `BucketUnavailable`.
   */
  read(): Promise<string>;
  /**
   * Writes it whole or not at all, over what is there.
   *
   * @throws DiscoveryError as `read`; `ConcurrentChange` when another program wrote the object meanwhile.
   */
  write(text: string): Promise<void>;
}

/**
 * The place that the argument names.
 *
 * @throws DiscoveryError `InvalidOptions` for an S3 URL without a bucket or a key, or without a region.
 */
export function findBackupPlace(reference: string, region: string | undefined, context: CommandContext): BackupPlace {
  if (!reference.startsWith('s3://')) {
    const path = resolve(context.cwd, reference);
    return {
      async read() {
        try {
          return await readFile(path, 'utf8');
        } catch (error) {
          throw describeFileError(backupArgument.name, error);
        }
      },
      write: (text) => replaceFile(backupArgument.name, path, text),
    };
  }
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(reference) ?? [];
  if (bucket === undefined || key === undefined)
    throw new DiscoveryError('InvalidOptions', `${backupArgument.name}: "${reference}" is not s3://BUCKET/KEY`);
  const bucketRegion = region ?? context.env['AWS_REGION'] ?? context.env['AWS_DEFAULT_REGION'];
  if (bucketRegion === undefined) throw new DiscoveryError('InvalidOptions', '--bucket-region is missing');
  return {
    async read() {
      const object = await (await openBucket(bucket, bucketRegion, context)).get(key);
      if (object) return new TextDecoder().decode(object.bytes);
      throw new DiscoveryError('InvalidOptions', `${backupArgument.name}: there is no ${reference}`);
    },
    async write(text) {
      const store = await openBucket(bucket, bucketRegion, context);
      const before = await store.get(key);
      if ((await store.put(key, new TextEncoder().encode(text), before?.etag)) === 'written') return;
      throw createWriterError('ConcurrentChange', `${reference} was written by another program at the same moment`);
    },
  };
}

async function openBucket(bucket: string, region: string, { env, fetch, findCredentials }: CommandContext) {
  const credentials = await findCredentials().catch((cause: Error) => {
    throw new DiscoveryError('CredentialsMissing', `The bucket needs AWS credentials: ${cause.message}`, { cause });
  });
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  // The AWS SDK is slow to load, and most commands need no bucket.
  const { createS3ObjectStore } = await import('@amplify-discovery/publisher/store');
  const stored = { contentType: 'application/json', cacheControl: 'no-store' };
  return createS3ObjectStore({ bucket, region, credentials, endpoint, fetch, ...stored });
}
