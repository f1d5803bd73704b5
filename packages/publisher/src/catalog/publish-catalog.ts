import { createWriterError } from '@amplify-discovery/core';
import { openPayload, parseDocument } from '@amplify-discovery/snapshots/seal';
import type { ObjectStore } from '../store/object-store.ts';
import { planCatalog, type CatalogFile } from './plan-catalog.ts';
import type { SkippedRecord } from './select-catalog-endpoints.ts';

/** Which stage the files show, and where they are served. */
export interface CatalogSettings {
  readonly stage: string;
  /** `https://api.example.com`, without a path. */
  readonly url: string;
}

export interface PublishCatalogOptions extends CatalogSettings {
  /** Has the stage's public snapshot, and gets the files. */
  readonly store: ObjectStore;
  /** Before every key. @default '' */
  readonly prefix?: string | undefined;
  /** How often everything is read again because another publisher wrote at the same time. @default 5 */
  readonly attempts?: number | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** The outcome of writing the catalog. */
export interface CatalogPublication {
  readonly catalog: string;
  readonly written: readonly string[];
  readonly skipped: readonly SkippedRecord[];
}

/**
 * Writes the catalog files as `{prefix}catalog/…`, made of the stage's public snapshot and of nothing else, so they show no more
 * than that. Each file is read before the snapshot, and written only if it is still what was read: an older state never
 * overwrites a newer one, however many publishers run.
 *
 * @throws DiscoveryError the store's; `ConcurrentChange` after the last attempt.
 */
export async function publishCatalog(options: PublishCatalogOptions): Promise<CatalogPublication> {
  const { stage, url, store, prefix = '', attempts = 5, now = Date.now } = options;

  async function plan() {
    const published = await store.get(`${prefix}${stage}.public.json`);
    const records = published
      ? parseDocument(await openPayload(published.bytes, undefined, stage), stage).endpoints
      : [];
    return planCatalog({ stage, records, url, now: now() });
  }

  /** Whether the file had to be written. */
  async function write({ path }: Pick<CatalogFile, 'path'>): Promise<boolean> {
    const key = `${prefix}catalog/${path}`;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = await store.get(key);
      const file = (await plan()).files.find((candidate) => candidate.path === path);
      if (!file) return false;
      const bytes = new TextEncoder().encode(file.text);
      if (before && Buffer.compare(before.bytes, bytes) === 0) return false;
      if ((await store.put(key, bytes, before?.etag, file.contentType)) === 'written') return true;
    }
    throw createWriterError('ConcurrentChange', `Catalog of "${stage}": others wrote ${path} first ${attempts} times`, {
      stage,
    });
  }

  const { files, skipped } = await plan();
  const outcomes = await Promise.all(files.map(async (file) => ((await write(file)) ? [file.path] : [])));
  return { catalog: stage, written: outcomes.flat(), skipped };
}
