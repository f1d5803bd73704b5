import type { Discovery } from './discovery.ts';
import { loadEngine } from './load-engine.ts';

/**
 * The discovery of the app's `discover` call, which may still be under way. When `discover` is called again, the new one takes
 * over once it has an answer.
 *
 * @throws DiscoveryError what `discover` rejected with, when no call of it has succeeded; `InvalidOptions` when it isn't
 * called within ten seconds.
 *
 * @example
 * ```ts
 * console.table((await getDiscovery()).inspect());
 * ```
 */
export async function getDiscovery(): Promise<Discovery> {
  const { getDefaultDiscovery } = await loadEngine();
  return getDefaultDiscovery();
}
