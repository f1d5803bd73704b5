import { idlePause } from '@amplify-discovery/core';
import { watchStages, type WatchOptions } from '@amplify-discovery/registry/notices';
import type { Notices } from './notices.ts';

export interface NoticesOptions extends Pick<WatchOptions, 'url' | 'stages' | 'authorize' | 'onState' | 'now'> {
  /** @default where the platform has none, waiting is polling */
  readonly WebSocket: WatchOptions['WebSocket'] | undefined;
  /** Waits for so many milliseconds, or until the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

/** Opens the notices of stages. Where no connection can be had, waiting is polling. */
export function openNotices({ WebSocket, onState, sleep, signal, ...options }: NoticesOptions): Notices {
  const ended = new AbortController();
  let wake = () => {};
  let isDue = false;
  let isConnected: boolean | undefined;
  const add =
    WebSocket &&
    watchStages({
      ...options,
      WebSocket,
      onChange() {
        isDue = true;
        wake();
      },
      onState(value, reason = '') {
        if (value === isConnected || ended.signal.aborted) return;
        isConnected = value;
        onState(value, reason);
        wake();
      },
      signal: ended.signal,
      pause: idlePause,
      random: Math.random,
    });
  return {
    async wait(intervalMs, checkMs) {
      const isOver = new AbortController();
      if (!isDue)
        await Promise.race([
          sleep(isConnected ? checkMs : intervalMs, AbortSignal.any([signal, isOver.signal])),
          new Promise<void>((resolve) => (wake = resolve)),
        ]);
      isOver.abort();
      isDue = false;
    },
    add: (stage) => add?.(stage),
    close: () => ended.abort(),
  };
}
