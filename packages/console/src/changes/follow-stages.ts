import { isDiscoveryError, parseSnapshot, type Endpoint, type Snapshot, type Source } from '@amplify-discovery/core';
import type { StageChange } from '../overview.ts';
import { diffEndpoints } from './diff-endpoints.ts';
import type { Notices } from './notices.ts';

/** A new stage makes no notice to those who don't know it. */
const checkMs = 10_000;

export interface FollowOptions {
  readonly source: Source;
  /** Asked again at each turn, so that a new stage is followed too. */
  readonly findStages: () => Promise<readonly string[]>;
  readonly notices: Notices;
  /** Between two turns while no notices arrive. */
  readonly intervalMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * The changes of the stages from now on, until the signal aborts. A stage that is added is followed from its first state on. What
 * the source does not answer is asked again at the next turn; an answer that a repetition won't change ends it with its error.
 */
export async function* followStages(options: FollowOptions): AsyncGenerator<StageChange> {
  const { source, findStages, notices, intervalMs, now, signal } = options;
  const known = new Map<string, Snapshot>();
  try {
    while (!signal.aborted) {
      const stages = await findStages().catch(forgive);
      for (const stage of new Set([...(stages ?? []), ...known.keys()])) {
        const before = known.get(stage);
        const answer = await source.load({ stage, knownRevision: before?.revision, signal }).catch(forgive);
        if (signal.aborted) return;
        if (!answer || answer.unchanged) continue;
        const after = parseSnapshot(answer, stage, () => 'listed');
        known.set(stage, after);
        if (before) yield* listChanges(stage, before, after, new Date(now()).toISOString());
        else notices.add(stage);
      }
      await notices.wait(intervalMs, checkMs);
    }
  } finally {
    notices.close();
  }
}

function* listChanges(stage: string, before: Snapshot, after: Snapshot, time: string): Generator<StageChange> {
  for (const { service, id, change, fields, ...states } of diffEndpoints(before.endpoints, after.endpoints)) {
    const { target } = (states.after ?? states.before) as Endpoint;
    yield { time, stage, service, id, change, fields, target };
  }
}

function forgive(error: unknown): undefined {
  if (isDiscoveryError(error) && !error.retryable) throw error;
  return undefined;
}
