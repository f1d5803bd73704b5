/** A snapshot as it is kept: plain JSON data, untrusted when it comes back. */
export interface StoredSnapshot {
  readonly revision: string;
  /** From `read` a record may be an object with its `service` and a `toJSON` that gives the whole, which is called at its first use. */
  readonly endpoints: readonly unknown[];
  /** When a source gave it or confirmed it, in milliseconds since the epoch. */
  readonly loadedAt: number;
  /** When that source was asked. Versions that don't know it don't store it. */
  readonly askedAt?: number | undefined;
}

/**
 * Where snapshots outlive the process: browser storage, a file. Every method may fail; the resolver reports it and
 * goes on. What `read` gives is parsed and checked against the trust rule like an answer from outside.
 */
export interface SnapshotStorage {
  read(stage: string): Promise<unknown>;
  write(stage: string, stored: StoredSnapshot): Promise<void>;
  /** Runs the task while no other holder of the same storage runs one for the stage. @default runs it at once */
  runExclusive?<T>(stage: string, task: () => Promise<T>): Promise<T>;
}
