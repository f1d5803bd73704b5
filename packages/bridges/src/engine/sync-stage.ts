import {
  type DiscoveryError,
  findOrigin,
  isDiscoveryError,
  pause,
  parseEndpoint,
  raceAbort,
  type Endpoint,
  type Pause,
  type Source,
} from '@amplify-discovery/core';
import { checkMark } from './check-mark.ts';
import { markKey } from './mark-key.ts';
import { planSync, type RemovalLimits, type SkippedEndpoint, type SyncPlan } from './plan-sync.ts';
import type { PresentObject, Target } from './target.ts';

export interface SyncOptions extends RemovalLimits {
  readonly source: Source;
  readonly target: Target;
  /** On every copy, and on nothing else in the target: `[A-Za-z0-9._:/-]{1,128}`. */
  readonly mark: string;
  readonly stage: string;
  /** What is copied, and under which names; undefined: not this one. @default every endpoint as it is */
  readonly select?: ((endpoint: Endpoint) => Endpoint | undefined) | undefined;
  /** The revision at the end of the last sync that did everything: then an unchanged source costs one question. */
  readonly knownRevision?: string | undefined;
  /** Only plans. @default false */
  readonly dryRun?: boolean | undefined;
  /** @default 10 */
  readonly changesPerSecond?: number | undefined;
  /** No write begins after it, in milliseconds since the epoch: the rest is done next time. @default none */
  readonly deadline?: number | undefined;
  /** Ends the work between two writes. */
  readonly signal: AbortSignal;
  /** Receives each write that has succeeded or failed. @default nobody */
  readonly onWrite?: ((write: SyncWrite) => void) | undefined;
  /** @default setTimeout */
  readonly sleep?: Pause;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface SyncWrite {
  readonly kind: 'put' | 'remove';
  /** `users/default` of an endpoint, the target's key of an object that is removed. */
  readonly what: string;
  readonly error?: unknown;
}

export interface SyncResult {
  /** Undefined when the source said that nothing has changed. */
  readonly plan?: SyncPlan;
  readonly written: number;
  readonly removed: number;
  /** Writes that failed. What was to be removed then stays. */
  readonly failed: number;
  /** Writes and removals that the deadline left for next time. */
  readonly postponed: number;
  readonly skipped: readonly SkippedEndpoint[];
  /** To be passed as `knownRevision` next time; undefined when something is still to be done. */
  readonly revision?: string | undefined;
  /** When the next of the copied endpoints expires, in milliseconds since the epoch: its revision does not change by that. */
  readonly expiresAt?: number | undefined;
}

/**
 * Brings one stage of the target to what the source has: reads both, then writes, then removes.
 *
 * A write that fails does not stop the others, but nothing is removed after one. A key that somebody else holds is skipped.
 *
 * @throws DiscoveryError as `Source.load` and `Target.list`, `InvalidOptions` for a bad mark; `signal.reason` once it aborts.
 *
 * @example
 * ```ts
 * const { revision, skipped } = await syncStage({
 *   source: registrySource({ transport }),
 *   target: createRegistryTarget({ transport: otherTransport }),
 *   mark: 'blue',
 *   stage: 'Production',
 *   signal: AbortSignal.timeout(60_000),
 * });
 * ```
 */
export async function syncStage(options: SyncOptions): Promise<SyncResult> {
  const {
    source,
    target,
    mark,
    stage,
    knownRevision,
    dryRun = false,
    signal,
    onWrite,
    sleep = pause,
    now = Date.now,
  } = options;
  checkMark(mark);
  const answer = await source.load({ stage, knownRevision, signal });
  if (answer.unchanged)
    return { written: 0, removed: 0, failed: 0, postponed: 0, skipped: [], revision: answer.revision };

  const { endpoints, rejected } = readRecords(answer.endpoints, stage);
  const { objects, isComplete } = await target.list(stage, { signal });
  const select = options.select ?? ((endpoint: Endpoint) => endpoint);
  const wanted = endpoints
    .filter(({ expiresAt = Infinity }) => expiresAt > now())
    .filter((endpoint) => findOrigin(endpoint) !== target.name && !isCopy(endpoint))
    .flatMap((endpoint) => select(endpoint) ?? []);
  const plan = planSync(
    { wanted, present: objects, mark, isComplete: isComplete && rejected === 0 && !answer.partial },
    target.describe,
    options,
  );
  const expiresAt = Math.min(...wanted.map((endpoint) => endpoint.expiresAt ?? Infinity));
  const nothing = {
    plan,
    ...(expiresAt < Infinity && { expiresAt }),
    written: 0,
    removed: 0,
    failed: 0,
    postponed: 0,
    skipped: plan.skipped,
  };
  if (dryRun) return nothing;

  const waitMs = 1000 / (options.changesPerSecond ?? 10);
  const skipped = [...plan.skipped];
  let [written, removed, failed, postponed] = [0, 0, 0, 0];
  let isFirst = true;
  const attempt = async (kind: SyncWrite['kind'], what: string, write: () => Promise<void>): Promise<unknown> => {
    if (!isFirst) await raceAbort(sleep(waitMs, signal), signal);
    isFirst = false;
    signal.throwIfAborted();
    try {
      await write();
      onWrite?.({ kind, what });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      onWrite?.({ kind, what, error });
      return error;
    }
  };

  const isOver = () => now() + waitMs >= (options.deadline ?? Infinity);
  for (const endpoint of plan.puts) {
    if (isOver()) {
      postponed += 1;
      continue;
    }
    const what = `${endpoint.service}/${endpoint.id}`;
    const error = await attempt('put', what, () => target.put(endpoint, { stage, mark, signal }));
    if (error === undefined) written += 1;
    else if (isRefusal(error)) skipped.push({ endpoint, reason: error.message });
    else failed += 1;
  }
  for (const object of failed === 0 ? plan.removals : []) {
    if (postponed > 0 || isOver()) {
      postponed += 1;
      continue;
    }
    const error = await attempt('remove', object.key, () => target.remove(object, { stage, mark, signal }));
    if (error === undefined) removed += 1;
    else failed += 1;
  }
  const revision = failed + postponed === 0 ? answer.revision : undefined;
  return { ...nothing, written, removed, failed, postponed, skipped, revision };
}

/**
 * Removes every copy that carries the mark from one stage, and then what the bridge said about itself, for whoever ends a bridge.
 *
 * @throws DiscoveryError as `Target.list` and `Target.remove`
 */
export async function purgeStage(
  options: Pick<SyncOptions, 'target' | 'mark' | 'stage' | 'signal' | 'dryRun'>,
): Promise<readonly PresentObject[]> {
  const { target, mark, stage, signal, dryRun = false } = options;
  checkMark(mark);
  const { objects } = await target.list(stage, { signal });
  const own = objects.filter((object) => object.mark === mark);
  if (dryRun) return own;
  for (const object of own) {
    signal.throwIfAborted();
    await target.remove(object, { stage, mark, signal });
  }
  await target.statuses?.remove(mark, { stage, signal });
  return own;
}

/**
 * Whether a bridge has written it. Bridges in both directions would otherwise hand a removed endpoint to each other for ever: each
 * finds the other's copy and takes it for an original.
 */
function isCopy({ metadata }: Endpoint): boolean {
  return metadata !== undefined && Object.hasOwn(metadata, markKey);
}

/** What concerns this endpoint alone, and would be the same next time. */
function isRefusal(error: unknown): error is DiscoveryError {
  return isDiscoveryError(error) && (error.code === 'RegistrationConflict' || error.code === 'InvalidRecord');
}

/** A record that cannot be read may be one that was copied before: the answer then counts as incomplete. */
function readRecords(records: readonly unknown[], stage: string): { endpoints: Endpoint[]; rejected: number } {
  const endpoints: Endpoint[] = [];
  let rejected = 0;
  for (const record of records) {
    try {
      endpoints.push(parseEndpoint(record, stage));
    } catch {
      rejected += 1;
    }
  }
  return { endpoints, rejected };
}
