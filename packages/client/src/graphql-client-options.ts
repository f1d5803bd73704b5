import type { Discovery } from './discovery.ts';
import { loadEngine } from './load-engine.ts';
import type { ServiceName } from './service-name.ts';

/** How a GraphQL client authenticates. The app decides. */
export type GraphqlAuth =
  | { readonly authMode: 'apiKey'; readonly apiKey: string }
  | {
      readonly authMode: 'iam' | 'identityPool' | 'userPool' | 'oidc' | 'lambda' | 'none';
      readonly authToken?: string;
    };

/**
 * The options that make Amplify's `generateClient` talk to a service, resolved by the app's `discover` unless another
 * discovery is given.
 *
 * @throws DiscoveryError as `Discovery.resolve`; `UntrustedEndpoint` when a key or token would go to a host that is not
 * listed; `InvalidOptions` when the service is no GraphQL API.
 *
 * @example
 * ```ts
 * const client = generateClient(await graphqlClientOptions('orders', { authMode: 'userPool' }));
 * ```
 */
export async function graphqlClientOptions<Auth extends GraphqlAuth>(
  service: ServiceName,
  auth: Auth,
  discovery?: Discovery,
): Promise<Auth & { readonly endpoint: string }> {
  const { DiscoveryError, getDefaultDiscovery } = await loadEngine();
  const { resolve, resolver } = discovery ?? (await getDefaultDiscovery());
  const { endpoint } = await resolve(service);
  const { kind, target } = endpoint;
  if (kind !== 'graphql')
    throw new DiscoveryError('InvalidOptions', `"${service}" is a ${kind}, not a GraphQL API`, { service });
  const isReplayable = !/^(iam|identityPool|none)$/.test(auth.authMode);
  if (isReplayable && resolver.findTrust(target) !== 'listed') {
    throw new DiscoveryError(
      'UntrustedEndpoint',
      `A client of "${service}" carries a key or token to ${new URL(target).host}, which is not listed`,
      { service },
    );
  }
  return { ...auth, endpoint: target };
}
