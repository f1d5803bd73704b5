import { parseTrustedKeys, type ReportEvent, type SnapshotConfig, type Source } from '@amplify-discovery/core';
import { createFallbackSource, createSnapshotSource, type SequenceStorage } from '@amplify-discovery/snapshots';
import type { KeyValueStorage } from './bound-storage.ts';

export interface PublishedSourceOptions {
  /** @default none are read */
  readonly snapshot?: SnapshotConfig | false | undefined;
  /** Read as well. @default only snapshots are read */
  readonly registry?: Source | undefined;
  /** Those of other registries, asked when these don't answer. */
  readonly others: readonly Source[];
  readonly isRegistryFirst: boolean;
  /** The registry would show this reader public records alone, which the snapshots have, too. */
  readonly isPublicReader: boolean;
  /** Remembers the highest sequence that was seen beyond this page. */
  readonly storage: KeyValueStorage;
  readonly report: ReportEvent;
}

/**
 * The source that reads published snapshots, before or after the registry where there is one, and then what other registries
 * have.
 *
 * @throws DiscoveryError `InvalidOptions`.
 */
export function publishedSource(options: PublishedSourceOptions): Source {
  const { snapshot, registry, others, isRegistryFirst, report } = options;
  const published = snapshot && openSnapshots(snapshot, options);
  const own = [published, registry].flatMap((source) => source || []);
  const first = own.length > 1 ? createFallbackSource(isRegistryFirst ? own.reverse() : own, { report }) : own[0];
  const regions = first ? [first, ...others] : others;
  return regions.length > 1
    ? createFallbackSource(regions, { separatesRevisions: true, report })
    : (regions[0] as Source);
}

function openSnapshots(
  { url, trustedKeys }: SnapshotConfig,
  { isPublicReader, storage }: PublishedSourceOptions,
): Source {
  return createSnapshotSource({
    url,
    trustedKeys: trustedKeys === undefined ? trustedKeys : parseTrustedKeys(trustedKeys, 'snapshot.trustedKeys'),
    isPartEnough: isPublicReader,
    sequences: storedSequences(storage, url),
  });
}

function storedSequences(storage: KeyValueStorage, url: string): SequenceStorage {
  const keyOf = (stage: string) => `amplify-discovery/1/sequence/${url}/${stage}`;
  return {
    read: async (stage) => Number(await storage.getItem(keyOf(stage))),
    write: (stage, sequence) => storage.setItem(keyOf(stage), String(sequence)),
  };
}
