import { isDiscoveryError, pause, raceAbort, type Source } from '@amplify-discovery/core';
import { createBridge, type BridgeOptions, type BridgeResult } from './create-bridge.ts';
import { restUntilChange } from './rest-until-change.ts';
import type { WatchedSource } from './watched-source.ts';

export interface RunBridgeOptions extends BridgeOptions {
  /** One with `waitForChange` is asked as soon as it changes. */
  readonly source: Source | WatchedSource;
  readonly stages: readonly string[];
  /** Between two questions to the source, in seconds. @default 10 */
  readonly intervalSeconds?: number | undefined;
  /** Receives the result of each sync, or the error that ended it. @default nobody */
  readonly onResult?: ((stage: string, result: BridgeResult | { readonly error: unknown }) => void) | undefined;
  /** A number from 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /** Ends it between two writes. */
  readonly signal: AbortSignal;
}

/**
 * Keeps a target like its source until the signal aborts. Copies when a stage's revision changes or one of its endpoints
 * expires, and compares both sides whole now and then, in case somebody has changed a copy. A sync that fails is tried again
 * after a growing, jittered pause of ten intervals at most. A source that can tell of a change is not asked only at intervals.
 *
 * Resolves when the signal aborts, between two writes.
 *
 * @throws DiscoveryError `InvalidOptions`; whatever may be cured by waiting goes to `onResult` instead.
 *
 * @example
 * ```ts
 * const stop = new AbortController();
 * process.once('SIGTERM', () => stop.abort());
 * await runBridge({ source, target, mark: 'blue', stages: ['Production'], signal: stop.signal });
 * ```
 */
export async function runBridge(options: RunBridgeOptions): Promise<void> {
  const { source, stages, signal, onResult, intervalSeconds = 10 } = options;
  const { sleep = pause, random = Math.random } = options;
  const bridge = createBridge({ ...options, intervalSeconds });
  let failures = 0;
  while (!signal.aborted) {
    let hasFailed = false;
    for (const stage of stages) {
      try {
        const result = await bridge.sync(stage, { signal });
        onResult?.(stage, result);
        hasFailed ||= result.failed > 0;
      } catch (error) {
        if (signal.aborted) return;
        if (isDiscoveryError(error) && error.code === 'InvalidOptions') throw error;
        onResult?.(stage, { error });
        hasFailed = true;
      }
    }
    failures = hasFailed ? failures + 1 : 0;
    const factor = Math.min(2 ** failures, 10) * (failures === 0 ? 1 : 0.5 + random() / 2);
    const restMs = intervalSeconds * 1000 * factor;
    const rest = failures === 0 ? restUntilChange({ source, stages, restMs, sleep, signal }) : sleep(restMs, signal);
    await raceAbort(rest, signal).catch(() => {});
  }
}
