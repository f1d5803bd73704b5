import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiscoveryError, parseSnapshot } from '@amplify-discovery/core';
import { openSnapshot, type SnapshotDocument, type TrustedKey } from '@amplify-discovery/snapshots';
import { s3ObjectStore, type S3ObjectStore } from '@amplify-discovery/snapshots/publish';
import type { CommandContext } from './command-context.ts';
import { describeFileError } from './describe-file-error.ts';

/** What options say about where snapshots are kept. */
export interface StorageSettings {
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly 'bucket-region'?: string | undefined;
  readonly 'trusted-keys'?: string | undefined;
}

/** Reads snapshots of one stage, however old they are. */
export interface StoredSnapshots {
  readonly key: string;
  getStore(): Promise<S3ObjectStore>;
  /**
   * The snapshot in a file, or the version of the bucket's object with this id.
   *
   * @throws DiscoveryError `InvalidOptions` when there is no such file, `SignatureInvalid`, `RegistryUnavailable` when it
   * is malformed or of another stage, `InvalidRecord` when it has endpoints that nobody could call.
   */
  open(reference: string): Promise<SnapshotDocument>;
}

/** Where the stage's snapshots are, by the options. */
export function findStoredSnapshots(
  stage: string,
  options: StorageSettings,
  region: string | undefined,
  context: CommandContext,
): StoredSnapshots {
  const { bucket, prefix = '' } = options;
  const key = `${prefix}${stage}.json`;
  async function getStore(): Promise<S3ObjectStore> {
    const { env, fetch } = context;
    const bucketRegion = options['bucket-region'] ?? region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
    if (bucket === undefined || bucketRegion === undefined) {
      throw new DiscoveryError('InvalidOptions', `--bucket${bucket === undefined ? '' : '-region'} is missing`);
    }
    const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
    return s3ObjectStore({
      bucket,
      region: bucketRegion,
      credentials: await findCredentials(context),
      endpoint,
      fetch,
    });
  }
  return {
    key,
    getStore,
    async open(reference) {
      const bytes =
        bucket === undefined
          ? await readSnapshotFile(context.cwd, reference)
          : await (await getStore()).getVersion(key, reference);
      const trustedKeys = await readTrustedKeys(options['trusted-keys'], context.cwd);
      // What is past its time is what a history is about.
      const document = await openSnapshot(bytes, { stage, trustedKeys, now: () => 0 });
      const { rejected } = parseSnapshot(document, stage, () => 'listed');
      if (rejected[0]) throw rejected[0];
      return document;
    },
  };
}

async function findCredentials({ findCredentials }: CommandContext) {
  try {
    return await findCredentials();
  } catch (cause) {
    throw new DiscoveryError(
      'CredentialsMissing',
      `Reading the bucket needs AWS credentials: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function readSnapshotFile(cwd: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file));
  } catch (error) {
    throw describeFileError(`Snapshot ${file} (without --bucket it is a file)`, error);
  }
}

async function readTrustedKeys(file: string | undefined, cwd: string): Promise<readonly TrustedKey[] | undefined> {
  if (file === undefined) return undefined;
  let keys: unknown;
  try {
    keys = JSON.parse(await readFile(resolve(cwd, file), 'utf8'));
  } catch (error) {
    throw describeFileError('--trusted-keys', error);
  }
  const list = Array.isArray(keys) ? keys : [keys];
  const isKey = (key: Partial<TrustedKey> | null) =>
    key?.kty === 'EC' && key.crv === 'P-256' && Boolean(key.kid && key.x && key.y);
  if (list.length > 0 && list.every(isKey)) return list as TrustedKey[];
  throw new DiscoveryError(
    'InvalidOptions',
    `--trusted-keys: ${file} holds no P-256 public keys in JWK form with a kid`,
  );
}
