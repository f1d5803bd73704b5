import { openNotices as openConsoleNotices, type Notices, type NoticesOptions } from '@amplify-discovery/console';
import type { CommandContext } from '../terminal/command-context.ts';
import type { Connection } from './connect-registry.ts';

/** Opens the notices of stages over a connection. Where the platform has no WebSocket, waiting is polling. */
export async function openNotices(
  { settings, authorize }: Pick<Connection, 'settings' | 'authorize'>,
  { findWebSocket, sleep, now, signal }: Pick<CommandContext, 'findWebSocket' | 'sleep' | 'now' | 'signal'>,
  options: Pick<NoticesOptions, 'stages' | 'onState'>,
): Promise<Notices> {
  const WebSocket = await findWebSocket();
  return openConsoleNotices({ ...options, url: settings.url, authorize, WebSocket, sleep, now, signal });
}
