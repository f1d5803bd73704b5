import { isReportDue, promiseReport, type BridgeStatus } from './bridge-status.ts';
import { syncStage, type SyncOptions, type SyncResult } from './sync-stage.ts';

export interface BridgeOptions extends Omit<SyncOptions, 'stage' | 'knownRevision' | 'dryRun' | 'deadline' | 'signal'> {
  /**
   * Between two syncs of a stage, in seconds: whoever looks at the target can then tell that the bridge has stopped.
   *
   * @default it is run by hand
   */
  readonly intervalSeconds?: number | undefined;
  /** After so long both sides are compared whole, whatever the revision says, in seconds. @default 900 */
  readonly compareSeconds?: number | undefined;
  /** Stands in the target beside the mark, for people: `discovery bridge 0.1.0`. @default 'amplify-discovery' */
  readonly program?: string | undefined;
}

export interface BridgeResult extends SyncResult {
  /** Why the bridge could not say in the target that it runs. The copies are right all the same. */
  readonly statusFault?: unknown;
}

/** What ends a sync: see `SyncOptions`. */
export type BridgeCallOptions = Pick<SyncOptions, 'signal' | 'deadline'>;

/** Copies between one source and one target, and remembers what it has seen. */
export interface Bridge {
  /**
   * Brings a stage up to date. Asks the source alone where it is known to be unchanged, none of its endpoints has expired and
   * both sides were compared lately.
   *
   * @throws DiscoveryError as `syncStage`
   */
  sync(stage: string, options: BridgeCallOptions): Promise<BridgeResult>;
}

/** Between two attempts to write a status that the target refuses, in milliseconds. */
const retryReportMs = 900_000;

/**
 * A bridge that is run again and again: by `runBridge`, by a schedule, by hand. About once an hour it says in the target that it
 * runs, where the target has a place for that.
 *
 * @example
 * ```ts
 * const bridge = createBridge({ source, target, mark: 'blue', intervalSeconds: 300 });
 * const { written, removed } = await bridge.sync('Production', { signal: AbortSignal.timeout(60_000) });
 * ```
 */
export function createBridge(options: BridgeOptions): Bridge {
  const { target, mark, intervalSeconds, compareSeconds = 900, program = 'amplify-discovery' } = options;
  const { now = Date.now } = options;
  const done = new Map<string, { readonly revision: string; readonly until: number }>();
  const reported = new Map<string, BridgeStatus>();
  const retryAt = new Map<string, number>();

  async function report(stage: string, signal: AbortSignal): Promise<{ readonly statusFault?: unknown }> {
    const { statuses } = target;
    if (!statuses || now() < (retryAt.get(stage) ?? 0)) return {};
    try {
      const present =
        reported.get(stage) ?? (await statuses.list(stage, { signal })).find((status) => status.mark === mark);
      // A run by hand does not take back what the bridge has promised that it stands in for.
      const withinSeconds = intervalSeconds === undefined ? present?.withinSeconds : promiseReport(intervalSeconds);
      const next: BridgeStatus = {
        mark,
        syncedAt: now(),
        program,
        ...(withinSeconds !== undefined && { withinSeconds }),
      };
      if (present && !isReportDue(present, next)) reported.set(stage, present);
      else {
        await statuses.put(next, { stage, signal });
        reported.set(stage, next);
      }
      return {};
    } catch (error) {
      signal.throwIfAborted();
      retryAt.set(stage, now() + retryReportMs);
      return { statusFault: error };
    }
  }

  return {
    async sync(stage, { signal, deadline }) {
      const last = done.get(stage);
      const knownRevision = last && now() < last.until ? last.revision : undefined;
      const result = await syncStage({ ...options, stage, knownRevision, signal, deadline });
      if (result.revision === undefined) {
        done.delete(stage);
        return result;
      }
      if (result.plan) {
        const until = Math.min(now() + compareSeconds * 1000, result.expiresAt ?? Infinity);
        done.set(stage, { revision: result.revision, until });
      }
      return { ...result, ...(await report(stage, signal)) };
    },
  };
}
