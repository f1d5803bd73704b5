import {
  isDiscoveryError,
  parseSnapshot,
  type DiscoveryError,
  type Endpoint,
  type TrustedKey,
} from '@amplify-discovery/core';
import type { S3ObjectStore } from '@amplify-discovery/publisher/store';
import { openSnapshot } from '@amplify-discovery/snapshots';

/** A published or saved snapshot with its records parsed. */
export interface StoredSnapshot {
  /** Increases with every publication. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly revision: string;
  readonly endpoints: readonly Endpoint[];
}

/** One stored version, with a fault instead of a snapshot if it can't be used. */
export type KeptSnapshot =
  | { readonly version: string; readonly writtenAt: number; readonly snapshot: StoredSnapshot }
  | { readonly version: string; readonly writtenAt?: number; readonly fault: DiscoveryError };

export interface OpenOptions {
  readonly stage: string;
  /** @default signatures are not checked */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
}

/**
 * The snapshot of a stage in a published file, however old it is.
 *
 * @throws DiscoveryError those of `openSnapshot` but for its expiry; `InvalidRecord` for endpoints that can't be called.
 */
export async function openStoredSnapshot(
  bytes: Uint8Array,
  { stage, trustedKeys }: OpenOptions,
): Promise<StoredSnapshot> {
  // A history consists of expired snapshots.
  const document = await openSnapshot(bytes, { stage, trustedKeys, now: () => 0 });
  const { endpoints, rejected } = parseSnapshot(document, stage, () => 'listed');
  if (rejected[0]) throw rejected[0];
  const { sequence, issuedAt, revision } = document;
  return { sequence, issuedAt, revision, endpoints };
}

/** One version with its snapshot or its fault: an unusable one doesn't hide the others. */
export async function keepSnapshot(
  { version, bytes, writtenAt }: { readonly version: string; readonly bytes: Uint8Array; readonly writtenAt?: number },
  options: OpenOptions,
): Promise<KeptSnapshot> {
  try {
    const snapshot = await openStoredSnapshot(bytes, options);
    return { version, writtenAt: writtenAt ?? snapshot.issuedAt, snapshot };
  } catch (fault) {
    if (!isDiscoveryError(fault)) throw fault;
    return { version, ...(writtenAt !== undefined && { writtenAt }), fault };
  }
}

/** The last versions of a stage's object in a bucket, newest first. */
export async function readStoredVersions(
  store: Pick<S3ObjectStore, 'listVersions' | 'getVersion'>,
  { key, count, ...options }: OpenOptions & { readonly key: string; readonly count: number },
): Promise<readonly KeptSnapshot[]> {
  const versions = (await store.listVersions(key)).slice(0, count);
  return Promise.all(
    versions.map(async ({ versionId, writtenAt }) =>
      keepSnapshot({ version: versionId, bytes: await store.getVersion(key, versionId), writtenAt }, options),
    ),
  );
}
