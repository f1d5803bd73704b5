import { createWriterError } from '@amplify-discovery/core';
import type { ObjectStore } from '../store/object-store.ts';

export interface ReplicateOptions {
  /** Where the stage was published. */
  readonly store: ObjectStore;
  /** Where readers find it when the other one is away. */
  readonly replica: ObjectStore;
  /** Before every key. @default '' */
  readonly prefix?: string | undefined;
  /** How often everything is read again because another publisher wrote at the same time. @default 5 */
  readonly attempts?: number | undefined;
}

/**
 * Makes a replica's objects of a stage those that are published, byte for byte: a reader that changes from one to the other sees
 * the same signature and a sequence that never falls.
 *
 * The replica is read before what is published, and written only if it is still what was read, so an older object never
 * overwrites a newer one, however many publishers run.
 *
 * @throws DiscoveryError the stores'; `ConcurrentChange` after the last attempt.
 */
export async function replicateStage(stage: string, options: ReplicateOptions): Promise<'written' | 'unchanged'> {
  const { prefix = '' } = options;
  const keys = [`${prefix}${stage}.json`, `${prefix}${stage}.public.json`];
  const outcomes = await Promise.all(keys.map((key) => replicateObject(key, stage, options)));
  return outcomes.includes('written') ? 'written' : 'unchanged';
}

async function replicateObject(
  key: string,
  stage: string,
  { store, replica, attempts = 5 }: ReplicateOptions,
): Promise<'written' | 'unchanged'> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await replica.get(key);
    const published = await store.get(key);
    if (published === undefined || isSame(published.bytes, before?.bytes)) return 'unchanged';
    if ((await replica.put(key, published.bytes, before?.etag)) === 'written') return 'written';
  }
  throw createWriterError('ConcurrentChange', `Replica of "${stage}": others wrote first ${attempts} times`, {
    stage,
  });
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}
