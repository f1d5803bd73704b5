import type { SnapshotStorage } from '../src/resolver/snapshot-storage.ts';

export interface MemoryStorage extends SnapshotStorage {
  /** What is kept, by stage. */
  readonly kept: Map<string, unknown>;
}

/** A storage that keeps JSON text, as a browser's does. Any of its methods can be replaced. */
export function memoryStorage(replaced: Partial<SnapshotStorage> = {}): MemoryStorage {
  const kept = new Map<string, unknown>();
  return {
    kept,
    async read(stage) {
      return structuredClone(kept.get(stage));
    },
    async write(stage, stored) {
      kept.set(stage, JSON.parse(JSON.stringify(stored)));
    },
    ...replaced,
  };
}

/** Runs tasks one after the other, as a lock that several holders of one storage share. */
export function queueTasks(): NonNullable<SnapshotStorage['runExclusive']> {
  let last: Promise<unknown> = Promise.resolve();
  return (_, task) => {
    const own = last.then(task);
    last = own.catch(() => {});
    return own;
  };
}
