import {
  createResolver,
  DiscoveryError,
  listEligible,
  pause,
  raceAbort,
  throwIfAborted,
  type Endpoint,
  type FindTrust,
  type Pause,
  type Resolver,
  type Source,
  type TrustOptions,
} from '@amplify-discovery/core';
import { restUntilChange } from '../engine/rest-until-change.ts';
import type { WatchedSource } from '../engine/watched-source.ts';

/** What a facade reads: the stages that its callers may see, each as fresh as the view's bounds say. */
export interface FacadeView {
  /** The first is what callers get who name none. */
  readonly stages: readonly string[];
  /**
   * The snapshot, at most `freshSeconds` old, or older if the source does not answer. Callers share one request to the source.
   *
   * @throws DiscoveryError the source's, when no snapshot may be used; `signal.reason` once it aborts.
   */
  readSnapshot(stage: string, signal: AbortSignal): Promise<FacadeSnapshot>;
  /**
   * The snapshot as soon as its revision is another one than the caller's, or the same one after `waitMs`: for blocking queries.
   * All callers that wait for a stage share one poll of its source. Where the host cannot keep callers waiting, or too many wait
   * already, it is `readSnapshot`.
   *
   * @throws DiscoveryError as `readSnapshot`
   */
  waitForChange(stage: string, knownRevision: string, waitMs: number, signal: AbortSignal): Promise<FacadeSnapshot>;
}

/** What programs that know nothing of tenants and version ranges may call in a stage. */
export interface FacadeSnapshot {
  readonly stage: string;
  /** Opaque: changes when, and only when, what the source has changes or one of its endpoints expires. */
  readonly revision: string;
  /**
   * The callable endpoints, by service in alphabetical order; each list by priority, then id, and never empty. Only those with a
   * listed host (no ARNs), and without those that the resolver would not choose without criteria: expired ones, a tenant's, pre-releases
   * beside releases, weight 0 beside more.
   */
  readonly services: ReadonlyMap<string, readonly Endpoint[]>;
  /** Every endpoint with a listed host that has not expired, a tenant's and pre-releases too, by service and id. */
  readonly endpoints: readonly Endpoint[];
  /** Why records were left out that somebody may miss: sentences for people. */
  readonly skipped: readonly string[];
  /** Since the source gave or confirmed it. */
  readonly ageSeconds: number;
}

/** Only hosts that are listed are served: callers of a facade may send them anything, so AWS's own domains have to be listed too. */
export interface FacadeViewOptions extends TrustOptions {
  /** One with `waitForChange` is asked as soon as it changes while callers wait. */
  readonly source: Source | WatchedSource;
  /** Those that callers may see; the first is what they get who name none. */
  readonly stages: readonly string[];
  /**
   * For so long the source is not asked again; also the interval at which it is asked while callers wait, but that is at least a
   * second.
   *
   * @default 5
   */
  readonly freshSeconds?: number | undefined;
  /** For so long a snapshot is served while the source does not answer. @default 604800 (7 days) */
  readonly staleIfErrorSeconds?: number | undefined;
  /** How many callers may wait at the same time; 0 where a host cannot wait, as in Lambda. @default 1000 */
  readonly maximumWaiting?: number | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default setTimeout */
  readonly sleep?: Pause | undefined;
}

/**
 * Makes a view of a source. Nothing runs between requests, except a poll while callers wait.
 *
 * @throws DiscoveryError `InvalidOptions` for no stage, a bad name or a bad host pattern.
 *
 * @example
 * ```ts
 * const view = createFacadeView({ source, stages: ['Production'], trustedHosts: ['*.example.com'] });
 * const { services } = await view.readSnapshot('Production', AbortSignal.timeout(5000));
 * ```
 */
export function createFacadeView(options: FacadeViewOptions): FacadeView {
  const { stages, source, freshSeconds = 5, staleIfErrorSeconds, now = Date.now } = options;
  const { maximumWaiting = 1000, sleep = pause } = options;
  if (stages.length === 0) throw new DiscoveryError('InvalidOptions', 'stages: none is named');
  const bounds = { freshSeconds, staleIfErrorSeconds, staleWhileRevalidateSeconds: 0, recheckSeconds: freshSeconds };
  const { trustedHosts, region, regions } = options;
  const readers = new Map(
    stages.map((stage) => {
      const resolver = createResolver({ source, stage, trustedHosts, region, regions, now, ...bounds });
      return [stage, createReader(stage, resolver, now)] as const;
    }),
  );
  const polls = new Map<string, Poll>();
  let waiting = 0;

  async function read(stage: string, asksAgain: boolean, signal: AbortSignal): Promise<FacadeSnapshot> {
    throwIfAborted(signal);
    const readStage = readers.get(stage);
    if (!readStage)
      throw new DiscoveryError('InvalidOptions', `The stage "${stage}" is not one of the view's`, { stage });
    return raceAbort(readStage(asksAgain), signal);
  }
  const readSnapshot = (stage: string, signal: AbortSignal) => read(stage, false, signal);

  /** Reads the stage again and again while callers wait for it. */
  function joinPoll(stage: string, onRead: OnRead): () => void {
    const known = polls.get(stage);
    const poll = known ?? { callers: new Set<OnRead>(), stop: new AbortController() };
    poll.callers.add(onRead);
    if (!known) {
      polls.set(stage, poll);
      void run(stage, poll);
    }
    return () => {
      poll.callers.delete(onRead);
      if (poll.callers.size > 0) return;
      poll.stop.abort();
      if (polls.get(stage) === poll) polls.delete(stage);
    };
  }

  async function run(stage: string, { callers, stop: { signal } }: Poll): Promise<void> {
    while (!signal.aborted) {
      const restMs = Math.max(freshSeconds, 1) * 1000;
      const rest = restUntilChange({ source, stages: [stage], restMs, sleep, signal });
      const outcome = await raceAbort(rest, signal)
        .then(() => read(stage, true, signal))
        .then(
          (snapshot) => ({ snapshot }),
          (error: unknown) => ({ error }),
        );
      if (!signal.aborted) for (const onRead of callers) onRead(outcome);
    }
  }

  return {
    stages,
    readSnapshot,
    async waitForChange(stage, knownRevision, waitMs, signal) {
      const first = await readSnapshot(stage, signal);
      if (first.revision !== knownRevision || waitMs <= 0 || waiting >= maximumWaiting) return first;
      waiting += 1;
      const over = new AbortController();
      let last = first;
      let leave = () => {};
      try {
        const changed = new Promise<FacadeSnapshot>((resolve, reject) => {
          leave = joinPoll(stage, (outcome) => {
            if ('error' in outcome) return reject(outcome.error);
            last = outcome.snapshot;
            if (last.revision !== knownRevision) resolve(last);
          });
        });
        const late = sleep(waitMs, over.signal).then(() => last);
        return await raceAbort(Promise.race([changed, late]), signal);
      } finally {
        over.abort();
        leave();
        waiting -= 1;
      }
    },
  };
}

type OnRead = (outcome: { readonly snapshot: FacadeSnapshot } | { readonly error: unknown }) => void;

interface Poll {
  readonly callers: Set<OnRead>;
  readonly stop: AbortController;
}

/** Reads one stage. What a snapshot comes to is worked out once, and again when one of its endpoints expires. */
function createReader(
  stage: string,
  resolver: Resolver,
  now: () => number,
): (asksAgain: boolean) => Promise<FacadeSnapshot> {
  let known: { readonly of: readonly Endpoint[]; readonly snapshot: Omit<FacadeSnapshot, 'ageSeconds'> } | undefined;
  return async (asksAgain) => {
    // A failure may be served over: the resolver decides by its bounds.
    if (asksAgain) await resolver.refresh().catch(() => {});
    await resolver.prefetch();
    const { revision, endpoints, rejected = [], ageSeconds = 0 } = resolver.inspect()[0] ?? {};
    if (revision === undefined || endpoints === undefined) {
      throw new DiscoveryError('RegistryUnavailable', `"${stage}": the snapshot has become too old`, { stage });
    }
    const time = now();
    const expired = endpoints.filter(({ expiresAt = Infinity }) => expiresAt <= time).length;
    // Time alone removes endpoints too, and the source's revision does not say so.
    const own = expired === 0 ? revision : `${revision}.${expired}`;
    if (known?.of !== endpoints || known.snapshot.revision !== own) {
      const { services, endpoints: live, skipped } = sortOut(endpoints, time, resolver.findTrust);
      const reasons = [...rejected.map(({ message }) => message), ...skipped];
      known = { of: endpoints, snapshot: { stage, revision: own, services, endpoints: live, skipped: reasons } };
    }
    return { ...known.snapshot, ageSeconds };
  };
}

function sortOut(
  all: readonly Endpoint[],
  time: number,
  findTrust: FindTrust,
): Pick<FacadeSnapshot, 'services' | 'endpoints' | 'skipped'> {
  const live = all
    .filter(({ expiresAt = Infinity }) => expiresAt > time)
    .sort((one, other) => compareText(one.service, other.service) || compareText(one.id, other.id));
  const endpoints: Endpoint[] = [];
  const skipped: string[] = [];
  for (const endpoint of live) {
    const { stage, service, id, target } = endpoint;
    // What callers send there, tokens too, is beyond a facade.
    if (!target.startsWith('arn:') && findTrust(target) === 'listed') endpoints.push(endpoint);
    else skipped.push(`${service}/${id} in "${stage}": ${describeFault(target)}`);
  }
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const group = groups.get(endpoint.service);
    if (group) group.push(endpoint);
    else groups.set(endpoint.service, [endpoint]);
  }
  const services = new Map<string, readonly Endpoint[]>();
  for (const [service, group] of groups) {
    const eligible = listEligible(group, {}, time);
    const hasWeight = new Set(eligible.filter(({ weight }) => weight > 0).map(({ priority }) => priority));
    const serving = eligible.filter(({ weight, priority }) => weight > 0 || !hasWeight.has(priority));
    if (serving.length > 0)
      services.set(
        service,
        serving.sort((one, other) => one.priority - other.priority),
      );
  }
  return { services, endpoints, skipped };
}

function describeFault(target: string): string {
  if (target.startsWith('arn:')) return `the target ${target} has no host`;
  const { host } = new URL(target);
  return `the host ${host} is trusted for calls without tokens only, and callers of a facade may send some: list it`;
}

const compareText = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
