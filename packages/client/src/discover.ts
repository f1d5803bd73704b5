import type { ResourcesConfig } from 'aws-amplify';
import { amplifyParts } from './amplify-parts.ts';
import type { DiscoveryOptions } from './discovery.ts';
import { loadEngine } from './load-engine.ts';

/**
 * Amplify's configuration with the discovered endpoints filled in under `API.REST`, for
 * `Amplify.configure(await discover(outputs))`. What the app lists itself under `API.REST` wins over what is discovered.
 * The outputs are not changed.
 *
 * Takes `amplify_outputs.json`, the Gen 1 `amplifyconfiguration.json`, or a ResourcesConfig; where the registry is, which
 * stage this is and which hosts are trusted come from its `custom.discovery` unless the options say otherwise.
 *
 * @throws DiscoveryError when the registry gives no answer, no cached one is within its bound, and what was asked for is
 * not listed by the app itself; `ServiceNotFound` or `UntrustedEndpoint` for one of `services`; `InvalidOptions`.
 *
 * @example
 * ```ts
 * Amplify.configure(await discover(outputs));
 * ```
 */
export async function discover(outputs: unknown, options: Partial<DiscoveryOptions> = {}): Promise<ResourcesConfig> {
  const { startDiscovery } = await loadEngine();
  return startDiscovery(amplifyParts, outputs, options);
}
