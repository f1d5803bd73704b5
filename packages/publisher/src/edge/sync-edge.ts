import { createWriterError, followPages, isDiscoveryError } from '@amplify-discovery/core';
import { edgeLimits } from './edge-limits.ts';
import { planEdgeChanges, type EdgeChange } from './plan-edge-changes.ts';
import type { EdgeEntries, SkippedService } from './plan-edge-entries.ts';

/** What is used of a key value store: `createEdgeStore(…)`, or the AWS SDK's `CloudFrontKeyValueStore`. */
export interface EdgeStore {
  describeKeyValueStore(input: { readonly KvsARN: string }): Promise<{ readonly ETag?: string | undefined }>;
  listKeys(input: { readonly KvsARN: string; readonly NextToken?: string }): Promise<{
    readonly Items?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
    readonly NextToken?: string | undefined;
  }>;
  /** All or nothing. Fails with `ConflictException` or `ConcurrentChange` when the store's ETag has changed. */
  updateKeys(input: {
    readonly KvsARN: string;
    readonly IfMatch: string;
    readonly Puts: { Key: string; Value: string }[];
    readonly Deletes: { Key: string }[];
  }): Promise<{ readonly ETag?: string | undefined }>;
}

export interface SyncEdgeOptions {
  readonly store: EdgeStore;
  /** The store's ARN. */
  readonly arn: string;
  readonly stage: string;
  /** Reads the table consistently and plans its entries: `planEdgeEntries(…)`. Called after each read of the store. */
  readonly readEntries: () => Promise<EdgeEntries>;
  /** `planEdgeSettings(…)`. @default they stay as they are */
  readonly settings?: readonly [key: string, value: string] | undefined;
  /** All stages that the store serves; keys of others are removed. @default only this stage's keys are ever removed */
  readonly stages?: readonly string[] | undefined;
  /** Attempts when other publishers write, or the table changes, at the same time. @default 5 */
  readonly attempts?: number | undefined;
}

/** The outcome of a synchronisation. */
export interface EdgeSync {
  readonly put: number;
  readonly removed: number;
  readonly skipped: readonly SkippedService[];
}

/**
 * Brings the key value store up to date with the table. Writes only differences.
 *
 * An older state never overwrites a newer one, however many publishers run: the store's ETag is read before the table, and
 * every write is conditional on that ETag. After a conflict, also between two batches of a large change, another publisher
 * has read the table later, so everything is read again. After a write the table is read once more, because a publisher that
 * had nothing to write in the meantime leaves no trace.
 *
 * @throws DiscoveryError `ConcurrentChange` after the last attempt; otherwise what the store or `readEntries` throws.
 */
export async function syncEdge(options: SyncEdgeOptions): Promise<EdgeSync> {
  const { store, arn, stage, readEntries, settings, stages, attempts = 5 } = options;
  let put = 0;
  let removed = 0;

  async function write(changes: readonly EdgeChange[], etag: string): Promise<boolean> {
    let match = etag;
    for (let start = 0; start < changes.length; start += edgeLimits.changes) {
      const batch = changes.slice(start, start + edgeLimits.changes);
      const Puts = batch.flatMap(({ key: Key, value: Value }) => (Value === undefined ? [] : [{ Key, Value }]));
      const Deletes = batch.flatMap(({ key: Key, value }) => (value === undefined ? [{ Key }] : []));
      try {
        const answer = await store.updateKeys({ KvsARN: arn, IfMatch: match, Puts, Deletes });
        match = answer.ETag ?? '';
      } catch (error) {
        if (isConflict(error)) return false;
        throw error;
      }
      put += Puts.length;
      removed += Deletes.length;
    }
    return true;
  }

  for (let attempt = 0; attempt < attempts; attempt++) {
    const { ETag = '' } = await store.describeKeyValueStore({ KvsARN: arn });
    const current = await readKeys(store, arn);
    const planned = await readEntries();
    const { changes, skipped } = planEdgeChanges({ current, stage, entries: planned.entries, settings, stages });
    const isWritten = await write(changes, ETag);
    const isDone = isWritten && (changes.length === 0 || isSame((await readEntries()).entries, planned.entries));
    if (isDone) return { put, removed, skipped: [...planned.skipped, ...skipped] };
  }
  throw createWriterError('ConcurrentChange', `Edge entries of "${stage}": others wrote first ${attempts} times`, {
    stage,
  });
}

async function readKeys(store: EdgeStore, arn: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await followPages({ what: `The list of keys of ${arn}` }, async (token) => {
    const page = await store.listKeys({ KvsARN: arn, ...(token !== null && { NextToken: token }) });
    for (const { Key, Value = '' } of page.Items ?? []) if (Key !== undefined) found.set(Key, Value);
    return page.NextToken;
  });
  return found;
}

function isConflict(error: unknown): boolean {
  if (isDiscoveryError(error)) return error.code === 'ConcurrentChange';
  return (error as Error | undefined)?.name === 'ConflictException';
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
