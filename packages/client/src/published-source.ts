import { parseTrustedKeys, type ReportEvent, type SnapshotConfig, type Source } from '@amplify-discovery/core';
import { createFallbackSource, createSnapshotSource, type SequenceStorage } from '@amplify-discovery/snapshots';
import type { KeyValueStorage } from './bound-storage.ts';

export interface PublishedSourceOptions {
  readonly snapshot: SnapshotConfig;
  /** Read as well. @default only snapshots are read */
  readonly registry?: Source | undefined;
  readonly isRegistryFirst: boolean;
  /** The registry would show this reader public records alone, which the snapshots have, too. */
  readonly isPublicReader: boolean;
  /** Remembers the highest sequence that was seen beyond this page. */
  readonly storage: KeyValueStorage;
  readonly report: ReportEvent;
}

/**
 * The source that reads published snapshots, before or after the registry where there is one.
 *
 * @throws DiscoveryError `InvalidOptions`.
 */
export function publishedSource(options: PublishedSourceOptions): Source {
  const { snapshot, registry, isRegistryFirst, isPublicReader, storage, report } = options;
  const { url, trustedKeys } = snapshot;
  const published = createSnapshotSource({
    url,
    trustedKeys: trustedKeys === undefined ? trustedKeys : parseTrustedKeys(trustedKeys, 'snapshot.trustedKeys'),
    isPartEnough: isPublicReader,
    sequences: storedSequences(storage, url),
  });
  if (!registry) return published;
  return createFallbackSource(isRegistryFirst ? [registry, published] : [published, registry], { report });
}

function storedSequences(storage: KeyValueStorage, url: string): SequenceStorage {
  const keyOf = (stage: string) => `amplify-discovery/1/sequence/${url}/${stage}`;
  return {
    read: async (stage) => Number(await storage.getItem(keyOf(stage))),
    write: (stage, sequence) => storage.setItem(keyOf(stage), String(sequence)),
  };
}
