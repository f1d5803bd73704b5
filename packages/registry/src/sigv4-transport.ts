import { signingFetch, type SigningFetchOptions } from '@amplify-discovery/aws';
import type { GraphqlTransport } from './graphql-transport.ts';
import { httpTransport } from './http-transport.ts';

export interface Sigv4TransportOptions extends Omit<SigningFetchOptions, 'service'> {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
}

/**
 * A transport that signs each request for AppSync with IAM credentials: what registering needs.
 *
 * @example
 * ```ts
 * import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
 *
 * const transport = sigv4Transport({ url, region: 'eu-west-1', credentials: fromNodeProviderChain() });
 * ```
 */
export function sigv4Transport({ url, ...signing }: Sigv4TransportOptions): GraphqlTransport {
  return httpTransport({ url, headers: {}, fetch: signingFetch({ ...signing, service: 'appsync' }) });
}
