import { DiscoveryError, isDiscoveryError } from './discovery-error.ts';
import type { ReportEvent } from './discovery-event.ts';
import { judgeFreshness, measureAge, type Freshness, type FreshnessBounds } from './freshness.ts';
import { parseSnapshot, type Snapshot } from './snapshot.ts';
import type { SnapshotStorage, StoredSnapshot } from './snapshot-storage.ts';
import type { Source } from './source.ts';
import type { FindTrust } from './trust.ts';

/** A snapshot and what is known about it. Entries are replaced, never changed. */
export interface CacheEntry {
  readonly snapshot: Snapshot;
  /** When a source gave it or confirmed it, in milliseconds since the epoch. */
  readonly loadedAt: number;
  /** Where it came from when it entered this process: `storage`, or the name of a source. */
  readonly origin: string;
}

/** What a cache needs from outside. */
export interface StageCacheOptions {
  readonly stage: string;
  readonly services?: readonly string[] | undefined;
  readonly source: Source;
  readonly storage?: SnapshotStorage | undefined;
  readonly findTrust: FindTrust;
  readonly bounds: FreshnessBounds;
  readonly now: () => number;
  readonly report: ReportEvent;
}

/** The snapshot of one stage, kept as fresh as its bounds say. */
export interface StageCache {
  readonly stage: string;
  /**
   * A snapshot within its bounds: from memory, else from storage, else from the source. A stale one is given at once
   * and, unless `revalidate` is false, refreshed behind the caller's back.
   *
   * @throws DiscoveryError the source's, when there is no snapshot that may be used.
   */
  get(options?: { readonly revalidate?: boolean }): Promise<CacheEntry>;
  /** The entry in memory, unless it is gone, without asking anyone. */
  peek(): (CacheEntry & { readonly ageSeconds: number; readonly freshness: Freshness }) | undefined;
  /**
   * Looks again because `seen` did not serve: joins a refresh under way or starts one, unless something newer is there
   * already or the source was asked less than `recheckSeconds` ago. Never rejects.
   */
  recheck(seen: CacheEntry | undefined): Promise<void>;
  /** Asks the source now, or joins the request under way. */
  refresh(): Promise<CacheEntry>;
  /** Takes over what another holder of the storage loaded, if it is valid and newer. Never throws. */
  adopt(stored: unknown): void;
  /** Resolves when no request is under way. Never rejects. */
  settle(): Promise<void>;
  /** Ends the request under way: who waits for it gets what is at hand within its bound, else the reason. */
  abort(reason: unknown): void;
}

/** Makes the cache of one stage. At most one request is under way, and no timer runs. */
export function createStageCache(options: StageCacheOptions): StageCache {
  const { stage, services, source, storage, findTrust, bounds, now, report } = options;
  let entry: CacheEntry | undefined;
  let restored: Promise<void> | undefined;
  let loading: Promise<CacheEntry> | undefined;
  let controller: AbortController | undefined;
  let failure: { readonly error: unknown; readonly at: number } | undefined;

  function wrap(cause: unknown, what: string): DiscoveryError {
    return isDiscoveryError(cause)
      ? cause
      : new DiscoveryError('RegistryUnavailable', `${what} failed for stage "${stage}"`, { stage, cause });
  }

  function peek() {
    if (!entry) return undefined;
    const ageSeconds = measureAge(now(), entry.loadedAt);
    const freshness = judgeFreshness(ageSeconds, bounds);
    return freshness === 'gone' ? undefined : { ...entry, ageSeconds, freshness };
  }

  function take(answer: unknown, loadedAt: number, origin: string): CacheEntry {
    const snapshot = parseSnapshot(answer, stage, findTrust);
    for (const error of snapshot.rejected) report({ type: 'rejected', stage, error });
    return (entry = { snapshot, loadedAt, origin });
  }

  function adopt(stored: unknown): void {
    const { loadedAt } = (stored ?? {}) as Partial<StoredSnapshot>;
    if (typeof loadedAt !== 'number' || loadedAt <= (entry?.loadedAt ?? -1)) return;
    if (judgeFreshness(measureAge(now(), loadedAt), bounds) === 'gone') return;
    try {
      take(stored, loadedAt, 'storage');
    } catch (error) {
      report({ type: 'storage-failed', stage, error: wrap(error, 'Storage') });
    }
  }

  /** Runs a storage operation whose failure is reported and otherwise ignored. */
  async function attempt(operation: () => unknown): Promise<void> {
    try {
      await operation();
    } catch (error) {
      report({ type: 'storage-failed', stage, error: wrap(error, 'Storage') });
    }
  }

  const restore = () => attempt(async () => adopt(await storage?.read(stage)));

  async function load(signal: AbortSignal): Promise<CacheEntry> {
    const known = entry;
    const startedAt = now();
    const answer = await source.load({ stage, services, knownRevision: known?.snapshot.revision, signal });
    const loadedAt = now();
    const loaded =
      answer.unchanged && known
        ? (entry = { snapshot: known.snapshot, loadedAt, origin: source.name })
        : take(answer, loadedAt, source.name);
    const { revision, services: found } = loaded.snapshot;
    failure = undefined;
    report({
      type: 'refresh',
      stage,
      revision,
      changed: revision !== known?.snapshot.revision,
      origin: source.name,
      durationSeconds: measureAge(loadedAt, startedAt),
    });
    await attempt(() => storage?.write(stage, { revision, endpoints: [...found.values()].flat(), loadedAt }));
    return loaded;
  }

  async function loadInTurn(signal: AbortSignal): Promise<CacheEntry> {
    if (!storage?.runExclusive) return load(signal);
    const before = entry;
    return storage.runExclusive(stage, async () => {
      // Another holder may have loaded it while this one waited for its turn.
      await restore();
      signal.throwIfAborted();
      return entry && entry !== before && peek()?.freshness === 'fresh' ? entry : load(signal);
    });
  }

  function refresh(): Promise<CacheEntry> {
    const { signal } = (controller ??= new AbortController());
    return (loading ??= loadInTurn(signal)
      .catch((cause: unknown) => {
        if (signal.aborted) throw signal.reason;
        const error = wrap(cause, source.name);
        failure = { error, at: now() };
        report({ type: 'refresh-failed', stage, error });
        throw error;
      })
      .finally(() => {
        loading = controller = undefined;
      }));
  }

  const isRecent = (time: number) => measureAge(now(), time) < bounds.recheckSeconds;

  return {
    stage,
    peek,
    adopt,
    refresh,
    async get({ revalidate = true } = {}) {
      if (!entry) await (restored ??= restore());
      const freshness = peek()?.freshness ?? 'gone';
      if (freshness === 'fresh') return entry as CacheEntry;
      const mayAsk = loading || !failure || !isRecent(failure.at);
      if (freshness === 'stale') {
        if (revalidate && mayAsk) refresh().catch(() => {});
        return entry as CacheEntry;
      }
      try {
        if (!mayAsk) throw failure?.error;
        return await refresh();
      } catch (error) {
        if (peek()) return entry as CacheEntry;
        throw error;
      }
    },
    async recheck(seen) {
      if (!seen || entry !== seen) return;
      if (loading || !(isRecent(seen.loadedAt) || (failure && isRecent(failure.at)))) await refresh().catch(() => {});
    },
    async settle() {
      await loading?.catch(() => {});
    },
    abort(reason) {
      controller?.abort(reason);
    },
  };
}
