import type { GraphqlTransport } from './graphql-transport.ts';
import { httpTransport, type HttpTransportOptions } from './http-transport.ts';

export interface ApiKeyTransportOptions extends Pick<HttpTransportOptions, 'url' | 'fetch'> {
  readonly apiKey: string;
}

/**
 * A transport that reads a registry with an API key.
 *
 * @example
 * ```ts
 * const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
 * ```
 */
export function apiKeyTransport({ apiKey, ...rest }: ApiKeyTransportOptions): GraphqlTransport {
  return httpTransport({ ...rest, headers: { 'x-api-key': apiKey } });
}
