import { DiscoveryError } from '../discovery-error.ts';
import type { DiscoveryEvent, ReportEvent } from './discovery-event.ts';
import type { Miss } from './explain-miss.ts';
import { isName, type Endpoint } from '../records/endpoint.ts';
import { judgeFreshness, measureAge, resolveFreshness, type Freshness, type FreshnessOptions } from './freshness.ts';
import { idlePause, limitTime } from './pause.ts';
import { createOutages } from './outages.ts';
import { raceAbort, throwIfAborted } from './race-abort.ts';
import { listEligible, type Ranking, type SelectionCriteria } from '../selection/list-candidates.ts';
import { selectEndpoint } from '../selection/select-endpoint.ts';
import type { Snapshot } from '../records/snapshot.ts';
import type { SnapshotStorage } from './snapshot-storage.ts';
import type { Source } from './source.ts';
import { createStageCache, type CacheEntry, type StageCache } from './stage-cache.ts';
import { createTrust, type FindTrust, type TrustOptions } from '../trust/trust.ts';

/** What a caller does when an endpoint can't be reached. */
export interface FailoverOptions extends Pick<Ranking, 'prefer'> {
  /** A host from which nothing has come for so long counts as gone, where there is another endpoint. @default 5 */
  readonly connectSeconds?: number | undefined;
}

/** What a resolver is made of. */
export interface ResolverOptions extends TrustOptions, FreshnessOptions, FailoverOptions {
  readonly source: Source;
  /** The stage, or several: the first that serves a name wins, service by service. */
  readonly stage: string | readonly string[];
  /** Only these services are loaded. @default the whole stage */
  readonly services?: readonly string[] | undefined;
  /** Keeps snapshots beyond this process. @default memory only */
  readonly storage?: SnapshotStorage | undefined;
  /** What the source reads, if that is a registry. See `StageCacheOptions`. @default storage is used as far as its bounds go */
  readonly registry?: { readonly url: string } | undefined;
  /** @default none */
  readonly report?: ReportEvent | undefined;
  /**
   * What `ServiceNotFound` says beyond the name and the stage: `explainMiss`, which a browser may load when it is needed. An
   * explanation that fails or takes more than a second is left out.
   *
   * @default nothing
   */
  readonly explainMiss?: ((miss: Miss) => string | Promise<string>) | undefined;
  /** Tells a host that is gone from one that is slow: `checkSilence`, which a browser may load when it is needed. @default nothing does */
  readonly checkSilence?: ((target: string, milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** The answer to a name. */
export interface Resolution {
  readonly endpoint: Endpoint;
  readonly revision: string;
  readonly ageSeconds: number;
  /** Past its fresh time: a refresh is under way or has just failed. */
  readonly stale: boolean;
  /** `memory`, or what had to be asked for this answer: `storage`, or the source's name. */
  readonly origin: string;
  /** The snapshot it was taken from, and by what. */
  readonly entry: CacheEntry;
  readonly criteria: SelectionCriteria;
}

interface Found {
  readonly endpoint: Endpoint;
  readonly entry: CacheEntry;
}

/** A stage as `inspect` shows it: only its name while nothing has been loaded. */
export interface StageInspection extends Partial<Pick<Snapshot, 'revision' | 'records' | 'endpoints' | 'rejected'>> {
  readonly stage: string;
  readonly ageSeconds?: number;
  readonly freshness?: Freshness;
  /** In milliseconds since the epoch. */
  readonly loadedAt?: number;
  readonly origin?: string;
}

/** How long an error waits for its explanation. */
const explanationMs = 1000;

/** Finds endpoints by name. */
export interface Resolver {
  /**
   * The endpoint that serves a name. A name that no snapshot has causes one more request to the source, at most every
   * `recheckSeconds`.
   *
   * @throws DiscoveryError `ServiceNotFound`; `UntrustedEndpoint` or `InvalidRecord` when that is why it can't be served;
   * the source's error when no snapshot may be used. When the signal aborts, `signal.reason`.
   */
  resolve(
    service: string,
    criteria?: SelectionCriteria,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Resolution>;
  /**
   * The same at once, where there is nothing to wait for: every stage up to the one that serves the name is fresh in memory.
   * Undefined otherwise: then `resolve` it.
   */
  findFresh(service: string, criteria?: SelectionCriteria): Resolution | undefined;
  /** The endpoint from memory alone, without a request; also undefined while an earlier stage is not loaded. */
  find(service: string, criteria?: SelectionCriteria): Endpoint | undefined;
  /** Loads every stage that isn't there yet, so that the first call need not wait. A stale one is left as it is. */
  prefetch(): Promise<void>;
  /**
   * Looks again because the endpoint of a resolution didn't answer; asks no more often than every `recheckSeconds`. For that
   * time, growing, the endpoint is then left out where there is another: that one is not waited for. Never rejects.
   *
   * @param options.hasAnswered Something did answer, such as a gateway that refuses. What it refuses may be this path or this
   * caller alone, so the endpoint is left out for nobody else. @default false
   */
  recheck(resolution: Resolution, options?: { readonly hasAnswered?: boolean }): Promise<void>;
  /**
   * The outcome of a call to a resolution's endpoint; or a rejection as of a connection that timed out, when its host is silent and
   * another endpoint could be called.
   */
  awaitAnswer<T>(resolution: Resolution, outcome: Promise<T>): Promise<T>;
  /**
   * Asks the source now for every stage, or for one. With `since`, milliseconds since the epoch, what was asked for at that time
   * or later will do, whoever asked.
   */
  refresh(options?: { readonly stage?: string; readonly since?: number }): Promise<void>;
  /** Takes over a stored snapshot that another process or tab wrote. */
  adopt(stage: string, stored: unknown): void;
  inspect(): readonly StageInspection[];
  /** The application's trust rule, for a last check of a final URL. */
  readonly findTrust: FindTrust;
  /** Resolves when no request is under way. */
  settle(): Promise<void>;
  /** Ends requests under way; calls that wait for them get what is at hand, else the reason. */
  abort(reason?: unknown): void;
}

/**
 * Makes a resolver: one snapshot per stage, joined requests, nothing running in the background but a refresh that a
 * call has started.
 *
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * const resolver = createResolver({ source, stage: ['pr-123', 'dev'], trustedHosts: ['*.example.com'] });
 * const { endpoint } = await resolver.resolve('user-management-service', { version: versionRange('^1.2') });
 * ```
 */
export function createResolver(options: ResolverOptions): Resolver {
  const { stage, services = [], now = Date.now } = options;
  const stages = [...new Set([stage].flat())];
  for (const name of [...stages, ...services]) {
    if (!isName(name)) throw new DiscoveryError('InvalidOptions', `stage or services: "${name}" is not a valid name`);
  }
  if (!stages.length) throw new DiscoveryError('InvalidOptions', 'stage: none is named');
  const findTrust = createTrust(options);
  const bounds = resolveFreshness(options);
  function report(event: DiscoveryEvent): void {
    try {
      options.report?.(event);
    } catch {
      // Watching must not break a call.
    }
  }
  const caches = stages.map((name) => createStageCache({ ...options, stage: name, findTrust, bounds, now, report }));
  const findCache = (name: string) => caches.find((cache) => cache.stage === name);
  const forEachCache = (act: (cache: StageCache) => Promise<unknown>) => Promise.all(caches.map(act)).then(() => {});

  const outages = createOutages(bounds.recheckSeconds);
  const select = (service: string, criteria: SelectionCriteria, { snapshot }: CacheEntry, time = now()) =>
    selectEndpoint(snapshot.find(service).endpoints, criteria, time, {
      prefer: options.prefer,
      isDown: (target) => outages.has(target, time),
    });

  /** Stage by stage: one that comes after the answer may be slow or fail. */
  async function search(service: string, criteria: SelectionCriteria, signal: AbortSignal | undefined) {
    const pending = caches.map((cache) => cache.get());
    void Promise.allSettled(pending);
    const seen: CacheEntry[] = [];
    for (const next of pending) {
      const entry = await raceAbort(next, signal);
      const endpoint = select(service, criteria, entry);
      if (endpoint) return { endpoint, entry, seen };
      seen.push(entry);
    }
    return { seen };
  }

  function findFresh(service: string, criteria: SelectionCriteria = {}): Resolution | undefined {
    const time = now();
    for (const cache of caches) {
      const entry = cache.findFresh(time);
      const endpoint = entry && select(service, criteria, entry, time);
      if (endpoint) return answer(service, criteria, { endpoint, entry }, 'memory', time);
      if (!entry) return undefined;
    }
    return undefined;
  }

  function answer(
    service: string,
    criteria: SelectionCriteria,
    { endpoint, entry }: Found,
    origin: string,
    time = now(),
  ): Resolution {
    const { stage, target } = endpoint;
    const ageSeconds = measureAge(time, entry.loadedAt);
    const stale = judgeFreshness(ageSeconds, bounds) !== 'fresh';
    report({ type: 'hit', stage, service, target, origin, stale, ageSeconds });
    return { endpoint, revision: entry.snapshot.revision, origin, stale, ageSeconds, entry, criteria };
  }

  async function refuse(service: string, criteria: SelectionCriteria, seen: readonly CacheEntry[]): Promise<never> {
    report({ type: 'miss', stage: stages.join(', '), service });
    const snapshots = seen.map(({ snapshot }) => snapshot);
    const [rejected] = snapshots.flatMap(({ find }) => find(service).rejected);
    if (rejected) throw rejected;
    const miss = { service, criteria, snapshots, services, now: now() };
    const explanation = await limitTime(explanationMs, idlePause, () => options.explainMiss?.(miss)).catch(() => '');
    const message = `No endpoint of "${service}" in ${stages.map((name) => `"${name}"`).join(', ')}${explanation ?? ''}`;
    throw new DiscoveryError('ServiceNotFound', message, { service, stage: stages.join(', ') });
  }

  return {
    findTrust,
    findFresh,
    async resolve(service, criteria = {}, { signal } = {}) {
      throwIfAborted(signal);
      const known = findFresh(service, criteria);
      if (known) return known;
      const atHand = caches.map((cache) => cache.peek()?.snapshot);
      let found = await search(service, criteria, signal);
      if (!found.endpoint) {
        await raceAbort(Promise.all(caches.map((cache, index) => cache.recheck(found.seen[index]))), signal);
        found = await search(service, criteria, signal);
      }
      if (!found.endpoint) return refuse(service, criteria, found.seen);
      return answer(service, criteria, found, atHand.includes(found.entry.snapshot) ? 'memory' : found.entry.origin);
    },
    find(service, criteria = {}) {
      for (const cache of caches) {
        const entry = cache.peek();
        const endpoint = entry && select(service, criteria, entry);
        if (!entry || endpoint) return endpoint;
      }
      return undefined;
    },
    prefetch: () => forEachCache((cache) => cache.get({ revalidate: false })),
    async recheck({ endpoint: { service, stage, target }, entry, criteria }, { hasAnswered } = {}) {
      if (!hasAnswered) outages.note(target, now());
      const asked = findCache(stage)?.recheck(entry);
      // The registry may be down with its region.
      if (select(service, criteria, entry)?.target === target) await asked;
    },
    awaitAnswer({ endpoint: { service, target }, entry, criteria }, outcome) {
      const { checkSilence, connectSeconds = 5 } = options;
      const eligible = listEligible(entry.snapshot.find(service).endpoints, criteria, now());
      if (!checkSilence || eligible.every((endpoint) => endpoint.target === target)) return outcome;
      // Timers take no more.
      const half = Math.min(connectSeconds * 500, 2e9);
      const over = new AbortController();
      const silence = idlePause(half, over.signal)
        .then(() => checkSilence(target, half, over.signal))
        .then(() => outcome);
      return Promise.race([outcome, silence]).finally(() => over.abort());
    },
    refresh: ({ stage: only, since } = {}) =>
      forEachCache(async (cache) => {
        if (only === undefined || only === cache.stage) await cache.refresh(since);
      }),
    adopt: (name, stored) => findCache(name)?.adopt(stored),
    inspect: () =>
      caches.map(({ stage, peek }) => {
        const known = peek();
        if (!known) return { stage };
        const { snapshot, ...about } = known;
        const { revision, records } = snapshot;
        // The records of a large stage are checked for those alone who look at what that gives.
        return {
          stage,
          revision,
          ...about,
          records,
          get endpoints() {
            return snapshot.endpoints;
          },
          get rejected() {
            return snapshot.rejected;
          },
        };
      }),
    settle: () => forEachCache((cache) => cache.settle()),
    abort(reason) {
      for (const cache of caches) cache.abort(reason);
    },
  };
}
