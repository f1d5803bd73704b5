import { amplifyParts } from './amplify-parts.ts';
import { assembleDiscovery } from './assemble-discovery.ts';
import type { Discovery, DiscoveryOptions } from './discovery.ts';

/**
 * Makes a discovery of its own: for server components, tests, or several registries. It sends nothing before the first
 * call. Reports every event on Amplify's Hub, channel `amplify-discovery`.
 *
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * const discovery = createDiscovery({ registry, stage: ['pr-123', 'dev'], trustedHosts: ['*.example.com'] });
 * await get(discovery.context(), { apiName: 'user-management-service', path: '/users' }).response;
 * ```
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  return assembleDiscovery(amplifyParts, options);
}
