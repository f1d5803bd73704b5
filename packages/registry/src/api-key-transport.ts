import type { GraphqlTransport } from './graphql-transport.ts';
import { httpTransport } from './http-transport.ts';

export interface ApiKeyTransportOptions {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  readonly apiKey: string;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * A transport that reads a registry with an API key.
 *
 * @example
 * ```ts
 * const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
 * ```
 */
export function apiKeyTransport({ url, apiKey, fetch }: ApiKeyTransportOptions): GraphqlTransport {
  return httpTransport({ url, headers: { 'x-api-key': apiKey }, fetch });
}
