import type { ConsoleClient } from './console-client.ts';
import { openHostClient } from './host/open-host-client.ts';
import { readSettings } from './read-settings.ts';

/**
 * The client that the site's settings call for. Undefined when the page is about to leave for the sign-in.
 *
 * @throws ConsoleError `SettingsUnusable`, those of the client.
 */
export async function openConsoleClient(): Promise<ConsoleClient | undefined> {
  const settings = await readSettings();
  if (settings.mode === 'host') return openHostClient();
  // In a file of its own, which the page at somebody's own machine never loads.
  const { openRegistryClient } = await import('./registry/open-registry-client.ts');
  return openRegistryClient(settings);
}
