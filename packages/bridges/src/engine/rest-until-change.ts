import type { Pause, Source } from '@amplify-discovery/core';
import type { WatchedSource } from './watched-source.ts';

export interface RestOptions {
  readonly source: Source | WatchedSource;
  readonly stages: readonly string[];
  /** How long it rests unless the source reports a change. */
  readonly restMs: number;
  readonly sleep: Pause;
  readonly signal: AbortSignal;
}

/** A deployment changes several services at once. */
const settleMs = 1000;

/** Rests between two questions to a source. Ends early when the source reports a change, but waits for what comes with it. */
export async function restUntilChange({ source, stages, restMs, sleep, signal }: RestOptions): Promise<void> {
  if (!('waitForChange' in source)) return sleep(restMs, signal);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const never = new Promise<false>(() => {});
  const isOver = sleep(restMs, either).then(() => true);
  const hasChanged = stages.map((stage) =>
    source.waitForChange({ stage, signal: either }).then(
      () => false,
      () => never,
    ),
  );
  const rested = await Promise.race([isOver, ...hasChanged]).finally(() => stop.abort());
  isOver.catch(() => {});
  if (!rested) await sleep(Math.min(settleMs, restMs), signal);
}
