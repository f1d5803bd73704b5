import { DiscoveryError, isDiscoveryError } from '../discovery-error.ts';
import type { ReportEvent } from './discovery-event.ts';
import { judgeFreshness, measureAge, type Freshness, type FreshnessBounds } from './freshness.ts';
import { parseSnapshot, type Snapshot } from '../records/snapshot.ts';
import { createTimeLimit, idlePause, limitTime, type Pause } from './pause.ts';
import { throwIfAborted } from './race-abort.ts';
import type { SnapshotStorage, StoredSnapshot } from './snapshot-storage.ts';
import type { Source } from './source.ts';
import { isLocalHost } from '../trust/is-local-host.ts';
import type { FindTrust } from '../trust/trust.ts';

/** A snapshot and what is known about it. Entries are replaced, never changed. */
export interface CacheEntry {
  readonly snapshot: Snapshot;
  /** When a source gave it or confirmed it, in milliseconds since the epoch. */
  readonly loadedAt: number;
  /** When that source was asked. Undefined for what older versions stored. */
  readonly askedAt?: number | undefined;
  /** Where it came from when it entered this process: `storage`, or the name of a source. */
  readonly origin: string;
}

/** What a cache needs from outside. */
export interface StageCacheOptions {
  readonly stage: string;
  readonly services?: readonly string[] | undefined;
  readonly source: Source;
  readonly storage?: SnapshotStorage | undefined;
  /**
   * What the source reads, if that is a registry. One on this machine is started again with other services at any time, so what it
   * gave before this cache was made is not taken from storage.
   */
  readonly registry?: { readonly url: string } | undefined;
  readonly findTrust: FindTrust;
  readonly bounds: FreshnessBounds;
  readonly now: () => number;
  readonly report: ReportEvent;
  /** @default the platform's timer */
  readonly pause?: Pause | undefined;
}

/** The snapshot of one stage, kept as fresh as its bounds say. */
export interface StageCache {
  readonly stage: string;
  /**
   * A snapshot within its bounds: from memory, else from storage, else from the source. A stale one is given at once
   * and, unless `revalidate` is false, refreshed in the background.
   *
   * @throws DiscoveryError the source's, when there is no snapshot that may be used.
   */
  get(options?: { readonly revalidate?: boolean }): Promise<CacheEntry>;
  /** The entry in memory, unless it is gone, without a request. */
  peek(): (CacheEntry & { readonly ageSeconds: number; readonly freshness: Freshness }) | undefined;
  /** The entry in memory if it is fresh at that time, without a request. */
  findFresh(time: number): CacheEntry | undefined;
  /**
   * Asks again because `seen` did not serve: joins a refresh under way or starts one, unless something newer is there
   * already or the source was asked less than `recheckSeconds` ago. Never rejects.
   */
  recheck(seen: CacheEntry | undefined): Promise<void>;
  /**
   * Asks the source now, or joins the request under way. With `since`, milliseconds since the epoch, the answer is one that was
   * asked for at that time or later: by this holder of the storage or another, then without a request.
   */
  refresh(since?: number): Promise<CacheEntry>;
  /** Takes over what another holder of the storage loaded, if it is valid and newer. Never throws. */
  adopt(stored: unknown): void;
  /** Resolves when no request is under way. Never rejects. */
  settle(): Promise<void>;
  /** Ends the request under way: callers that wait get what is at hand within its bound, otherwise the reason. */
  abort(reason: unknown): void;
}

/** After this time storage counts as failed, and work goes on without it. */
const storageMs = 1000;
/** How long a refresh waits for its turn among the holders of the storage. */
const turnMs = 10_000;
/** After this time a source counts as failed; amplify-discovery's own sources give up earlier. */
const sourceMs = 30_000;

/**
 * Makes the cache of one stage. At most one request is under way. Timers run only while storage or the source is asked, so
 * that neither can keep a caller waiting for ever.
 */
export function createStageCache(options: StageCacheOptions): StageCache {
  const { stage, services, source, storage, registry, findTrust, bounds, now, report, pause = idlePause } = options;
  const storedSince = registry && isLocalHost(new URL(registry.url).hostname) ? now() : 0;
  let entry: CacheEntry | undefined;
  let restored: Promise<void> | undefined;
  let failure: { readonly error: DiscoveryError; readonly at: number } | undefined;
  /** What callers wait for, what ends it, and its turn at the storage, which may last longer. */
  let loading: Promise<CacheEntry> | undefined;
  let controller: AbortController | undefined;
  let turn: Promise<void> | undefined;

  const limitStorage = createTimeLimit(storageMs, pause);
  const ageOf = (time: number) => measureAge(now(), time);
  const isRecent = (time: number) => ageOf(time) < bounds.recheckSeconds;
  const isNew = ({ loadedAt }: CacheEntry) => isRecent(loadedAt);
  const isFresh = ({ loadedAt }: CacheEntry) => ageOf(loadedAt) < bounds.freshSeconds;

  function peek() {
    if (!entry) return undefined;
    const ageSeconds = ageOf(entry.loadedAt);
    const freshness = judgeFreshness(ageSeconds, bounds);
    return freshness === 'gone' ? undefined : { ...entry, ageSeconds, freshness };
  }

  const makeError = (code: 'StorageFailed' | 'RegistryUnavailable', what: string, cause: unknown) =>
    new DiscoveryError(code, `${what} failed for stage "${stage}"`, { stage, cause });

  /** Runs a storage operation whose failure is reported and otherwise ignored. */
  async function attempt(operation: () => unknown): Promise<void> {
    try {
      await operation();
    } catch (error) {
      report({ type: 'storage-failed', stage, error: makeError('StorageFailed', 'Storage', error) });
    }
  }

  function take(answer: unknown, loadedAt: number, origin: string, askedAt?: number): void {
    const reportRejected = (error: DiscoveryError) => report({ type: 'rejected', stage, error });
    entry = { snapshot: parseSnapshot(answer, stage, findTrust, reportRejected), loadedAt, origin, askedAt };
  }

  function adopt(stored: unknown): void {
    void attempt(() => {
      const { loadedAt, askedAt } = (stored ?? {}) as Partial<StoredSnapshot>;
      if (typeof loadedAt !== 'number' || loadedAt < storedSince) return;
      // One reading of the clock for both: a snapshot is never younger than itself.
      const time = now();
      const age = measureAge(time, loadedAt);
      if (entry && age >= measureAge(time, entry.loadedAt)) return;
      if (judgeFreshness(age, bounds) !== 'gone') take(stored, loadedAt, 'storage', askedAt);
    });
  }

  const restore = () => attempt(async () => storage && adopt(await limitStorage(() => storage.read(stage))));

  async function load(signal: AbortSignal): Promise<CacheEntry> {
    throwIfAborted(signal);
    const before = entry;
    // What storage gave may have been made under other options, or by another program: only what a source gave to this
    // process may be confirmed by its revision alone.
    const known = before?.origin === 'storage' ? undefined : before;
    const askedAt = now();
    const knownRevision = known?.snapshot.revision;
    const request = { stage, services, knownRevision, hasFallback: !!peek(), signal };
    const answer = await limitTime(sourceMs, pause, () => source.load(request));
    throwIfAborted(signal);
    const loadedAt = now();
    // Where another snapshot was adopted while the source was asked, "unchanged" says nothing about that one.
    if (answer.unchanged && known && entry === known) entry = { ...known, loadedAt, askedAt };
    else take(answer, loadedAt, source.name, askedAt);
    const loaded = entry as CacheEntry;
    const { revision } = loaded.snapshot;
    failure = undefined;
    report({
      type: 'refresh',
      stage,
      revision,
      changed: revision !== before?.snapshot.revision,
      origin: source.name,
      durationSeconds: ageOf(askedAt),
    });
    return loaded;
  }

  /**
   * The request under way, or a new one in this cache's turn among the holders of the storage. What another holder has
   * loaded will do if that was asked for at a time that suits. Callers don't wait until storage is written, other holders do.
   */
  function ask(suits: (found: CacheEntry) => boolean): Promise<CacheEntry> {
    if (loading) return loading;
    const before = entry;
    const own = (controller = new AbortController());
    const { signal } = own;
    const asked = new Promise<CacheEntry>((resolve, reject) => {
      let started: Promise<void> | undefined;
      const start = () => (started ??= run());

      async function run(): Promise<void> {
        try {
          // Another holder may have loaded it while this one waited for its turn.
          await restore();
          if (entry && entry !== before && suits(entry)) return resolve(entry);
          const loaded = await load(signal);
          resolve(loaded);
          const { snapshot, loadedAt, askedAt } = loaded;
          // As the source gave it: each reader applies its own rules.
          const stored = { revision: snapshot.revision, endpoints: snapshot.records, loadedAt, askedAt };
          await attempt(() => storage && limitStorage(() => storage.write(stage, stored)));
        } catch (cause) {
          if (signal.aborted) return;
          const error = isDiscoveryError(cause) ? cause : makeError('RegistryUnavailable', source.name, cause);
          if (!isEndOfRendering(error)) {
            failure = { error, at: now() };
            report({ type: 'refresh-failed', stage, error });
          }
          reject(error);
          // Stops what the source may still be doing.
          own.abort(error);
        }
      }

      /** A holder that keeps its turn must not block this one. */
      async function waitForTurn(): Promise<void> {
        if (!storage?.runExclusive) return;
        const turn = new AbortController();
        const late = pause(turnMs, turn.signal).then(() => {
          if (!started) throw new Error(`No turn in ${turnMs} ms`);
        });
        try {
          await Promise.race([storage.runExclusive(stage, start), late]);
        } finally {
          turn.abort();
        }
      }

      signal.addEventListener('abort', () => reject(signal.reason));
      turn = attempt(waitForTurn).then(start);
    }).finally(() => {
      if (loading === asked) loading = undefined;
    });
    return (loading = asked);
  }

  /** The same, but what failed a moment ago fails again without being asked. */
  async function askAgain(suits: (found: CacheEntry) => boolean): Promise<CacheEntry> {
    if (!loading && failure && isRecent(failure.at)) throw failure.error;
    const joined = loading;
    return ask(suits).catch((error: unknown) => {
      if (joined && isEndOfRendering(error)) return ask(suits);
      throw error;
    });
  }

  return {
    stage,
    peek,
    findFresh: (time) => (entry && measureAge(time, entry.loadedAt) < bounds.freshSeconds ? entry : undefined),
    adopt,
    async refresh(since) {
      if (since === undefined) return ask(isNew);
      const suits = ({ askedAt = 0 }: CacheEntry) => askedAt >= since && askedAt <= now();
      // What is asked already may not know what has happened since.
      for (let open = loading; open; open = loading) await open.catch(ignore);
      return entry && suits(entry) ? entry : ask(suits);
    },
    async get({ revalidate = true } = {}) {
      if (!entry) await (restored ??= restore());
      const freshness = peek()?.freshness;
      if (freshness === 'stale' && revalidate) askAgain(isFresh).catch(ignore);
      if (freshness === 'fresh' || freshness === 'stale') return entry as CacheEntry;
      return askAgain(isFresh).catch((error: unknown) => {
        if (peek()) return entry as CacheEntry;
        throw error;
      });
    },
    async recheck(seen) {
      if (!seen || entry !== seen || (!loading && isRecent(seen.loadedAt))) return;
      await askAgain(isNew).catch(ignore);
    },
    async settle() {
      await turn;
    },
    abort(reason) {
      controller?.abort(reason);
      loading = undefined;
    },
  };
}

/**
 * A request belongs to the rendering that started it where a framework replaces `fetch`: Next.js rejects it when that rendering
 * ends, and marks such errors by a `digest`. That says nothing about the source, nor about other renderings.
 */
function isEndOfRendering(error: unknown): boolean {
  return !!(error as { readonly cause?: { readonly digest?: unknown } } | undefined)?.cause?.digest;
}

function ignore(): void {}
