import { DiscoveryError } from './discovery-error.ts';
import type { DiscoveryEvent, ReportEvent } from './discovery-event.ts';
import { isName, type Endpoint } from './endpoint.ts';
import { judgeFreshness, measureAge, resolveFreshness, type Freshness, type FreshnessOptions } from './freshness.ts';
import { raceAbort } from './race-abort.ts';
import { selectEndpoint, type SelectionCriteria } from './select-endpoint.ts';
import type { SnapshotStorage } from './snapshot-storage.ts';
import type { Source } from './source.ts';
import { createStageCache, type CacheEntry } from './stage-cache.ts';
import { createTrust, type FindTrust, type TrustOptions } from './trust.ts';

/** What a resolver is made of. */
export interface ResolverOptions extends TrustOptions, FreshnessOptions {
  readonly source: Source;
  /** The stage, or several: the first that serves a name wins, service by service. */
  readonly stage: string | readonly string[];
  /** Only these services are asked for. @default the whole stage */
  readonly services?: readonly string[] | undefined;
  /** Keeps snapshots beyond this process. @default memory only */
  readonly storage?: SnapshotStorage | undefined;
  /** @default nobody listens */
  readonly report?: ReportEvent | undefined;
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
  /** The snapshot it was taken from. */
  readonly entry: CacheEntry;
}

/** What a stage looks like to people who debug. */
export interface StageInspection {
  readonly stage: string;
  /** The rest is absent while nothing has been loaded. */
  readonly revision?: string;
  readonly ageSeconds?: number;
  readonly freshness?: Freshness;
  readonly origin?: string;
  readonly endpoints?: readonly Endpoint[];
  readonly rejected?: readonly DiscoveryError[];
}

/** Finds endpoints by name. */
export interface Resolver {
  /**
   * The endpoint that serves a name. A name that no snapshot has causes one more look at the source, at most every
   * `recheckSeconds`.
   *
   * @throws DiscoveryError `ServiceNotFound`; `UntrustedEndpoint` or `InvalidRecord` when that is why it can't be served;
   * the source's error when no snapshot may be used. When the signal aborts, `signal.reason`.
   */
  resolve(service: string, criteria?: SelectionCriteria, options?: { readonly signal?: AbortSignal }): Promise<Resolution>;
  /** The same from memory alone and without asking anyone; undefined as well while a stage that comes first is not there. */
  find(service: string, criteria?: SelectionCriteria): Endpoint | undefined;
  /** Loads every stage that isn't there yet, so that the first call need not wait. A stale one is left as it is. */
  prefetch(): Promise<void>;
  /** Looks again because the endpoint of a resolution didn't answer; no more often than every `recheckSeconds`. Never rejects. */
  recheck(resolution: Resolution): Promise<void>;
  /** Asks the source now for every stage. */
  refresh(): Promise<void>;
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
 * const { endpoint } = await resolver.resolve('user-management-service', { version: '^1.2' });
 * ```
 */
export function createResolver(options: ResolverOptions): Resolver {
  const { source, stage, services, storage, now = Date.now } = options;
  const stages = typeof stage === 'string' ? [stage] : stage;
  for (const [option, names] of [['stage', stages], ['services', services ?? []]] as const) {
    const wrong = names.find((name) => !isName(name));
    if (wrong !== undefined || (option === 'stage' && !names.length)) {
      throw new DiscoveryError('InvalidOptions', `${option}: "${wrong ?? ''}" is not a name of [A-Za-z0-9._-]{1,128}`);
    }
  }
  const findTrust = createTrust(options);
  const bounds = resolveFreshness(options);
  function report(event: DiscoveryEvent): void {
    try {
      options.report?.(event);
    } catch {
      // Watching must not break a call.
    }
  }
  const caches = stages.map((name) =>
    createStageCache({ stage: name, services, source, storage, findTrust, bounds, now, report }),
  );
  const getEntries = (signal?: AbortSignal) => raceAbort(Promise.all(caches.map((cache) => cache.get())), signal);

  function select(service: string, criteria: SelectionCriteria, entries: readonly CacheEntry[]) {
    for (const entry of entries) {
      const endpoint = selectEndpoint(entry.snapshot.services.get(service) ?? [], criteria, now());
      if (endpoint) return { endpoint, entry };
    }
    return undefined;
  }

  return {
    findTrust,
    async resolve(service, criteria = {}, { signal } = {}) {
      const atHand = caches.map((cache) => cache.peek()?.snapshot);
      let entries = await getEntries(signal);
      let found = select(service, criteria, entries);
      if (!found) {
        await raceAbort(Promise.all(caches.map((cache, index) => cache.recheck(entries[index]))), signal);
        entries = await getEntries(signal);
        found = select(service, criteria, entries);
      }
      if (!found) {
        const where = stages.join('", "');
        report({ type: 'miss', stage: stages[0] as string, service });
        throw (
          entries.flatMap(({ snapshot }) => snapshot.rejected).find((error) => error.service === service) ??
          new DiscoveryError('ServiceNotFound', `No endpoint of "${service}" in "${where}"`, { service, stage: where })
        );
      }
      const { endpoint, entry } = found;
      const ageSeconds = measureAge(now(), entry.loadedAt);
      const stale = judgeFreshness(ageSeconds, bounds) !== 'fresh';
      const origin = atHand.includes(entry.snapshot) ? 'memory' : entry.origin;
      report({ type: 'hit', stage: endpoint.stage, service, target: endpoint.target, origin, stale, ageSeconds });
      return { endpoint, revision: entry.snapshot.revision, ageSeconds, stale, origin, entry };
    },
    find(service, criteria = {}) {
      const entries = caches.map((cache) => cache.peek());
      const missing = entries.indexOf(undefined);
      return select(service, criteria, (missing < 0 ? entries : entries.slice(0, missing)) as CacheEntry[])?.endpoint;
    },
    async prefetch() {
      await Promise.all(caches.map((cache) => cache.get({ revalidate: false })));
    },
    async recheck({ endpoint, entry }) {
      await caches.find((cache) => cache.stage === endpoint.stage)?.recheck(entry);
    },
    async refresh() {
      await Promise.all(caches.map((cache) => cache.refresh()));
    },
    adopt(name, stored) {
      caches.find((cache) => cache.stage === name)?.adopt(stored);
    },
    inspect: () =>
      caches.map((cache) => {
        const entry = cache.peek();
        if (!entry) return { stage: cache.stage };
        const { snapshot, ageSeconds, freshness, origin } = entry;
        const { revision, services: found, rejected } = snapshot;
        return { stage: cache.stage, revision, ageSeconds, freshness, origin, endpoints: [...found.values()].flat(), rejected };
      }),
    async settle() {
      await Promise.all(caches.map((cache) => cache.settle()));
    },
    abort(reason) {
      for (const cache of caches) cache.abort(reason);
    },
  };
}
