import type { Notices } from '@amplify-discovery/console';
import { idlePause } from '@amplify-discovery/core';
import { watchStages } from '@amplify-discovery/registry/notices';
import type { CommandContext } from '../terminal/command-context.ts';
import type { Connection } from './connect-registry.ts';

export interface NoticesOptions {
  readonly stages: readonly string[];
  /** Called when notices begin to arrive, and with the reason when they no longer do, or never did. */
  readonly onState: (isConnected: boolean, reason: string) => void;
}

/** Opens the notices of stages. Where no connection can be had, waiting is polling. */
export async function openNotices(
  { settings, authorize }: Pick<Connection, 'settings' | 'authorize'>,
  { findWebSocket, sleep, now, signal }: Pick<CommandContext, 'findWebSocket' | 'sleep' | 'now' | 'signal'>,
  { stages, onState }: NoticesOptions,
): Promise<Notices> {
  const WebSocket = await findWebSocket();
  const ended = new AbortController();
  let wake = () => {};
  let isDue = false;
  let isConnected: boolean | undefined;
  const add =
    WebSocket &&
    watchStages({
      url: settings.url,
      stages,
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
