import { idlePause } from '@amplify-discovery/core';
import { watchStages } from '@amplify-discovery/registry/notices';
import type { CommandContext } from '../terminal/command-context.ts';
import type { Connection } from './connect-registry.ts';

/** The notices of a stage. */
export interface Notices {
  /** Waits until the stage may have changed; while no notices arrive, for so many milliseconds. Ends with the signal at the latest. */
  wait(intervalMs: number): Promise<void>;
  close(): void;
}

export interface NoticesOptions {
  readonly stage: string;
  /** Called when notices begin to arrive, and with the reason when they no longer do, or never did. */
  readonly onState: (isConnected: boolean, reason: string) => void;
}

/** What is asked all the same while notices arrive: records expire without one. */
const minuteMs = 60_000;

/** Opens the notices of a stage. Where no connection can be had, waiting is polling. */
export async function openNotices(
  { settings, authorize }: Pick<Connection, 'settings' | 'authorize'>,
  { findWebSocket, sleep, now, signal }: Pick<CommandContext, 'findWebSocket' | 'sleep' | 'now' | 'signal'>,
  { stage, onState }: NoticesOptions,
): Promise<Notices> {
  const WebSocket = await findWebSocket();
  const ended = new AbortController();
  let wake = () => {};
  let isDue = false;
  let isConnected: boolean | undefined;
  if (WebSocket)
    watchStages({
      url: settings.url,
      stages: [stage],
      WebSocket,
      authorize,
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
      now,
      random: Math.random,
    });
  return {
    async wait(intervalMs) {
      const isOver = new AbortController();
      if (!isDue)
        await Promise.race([
          sleep(isConnected ? minuteMs : intervalMs, AbortSignal.any([signal, isOver.signal])),
          new Promise<void>((resolve) => (wake = resolve)),
        ]);
      isOver.abort();
      isDue = false;
    },
    close: () => ended.abort(),
  };
}
