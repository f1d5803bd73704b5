import type { GraphqlTransport } from './graphql-transport.ts';

export interface ApiKeyTransportOptions {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  readonly apiKey: string;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * A transport that reads a registry with an API key. Redirects are refused: fetch would carry the key along.
 *
 * @example
 * ```ts
 * const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
 * ```
 */
export function apiKeyTransport({ url, apiKey, fetch = globalThis.fetch }: ApiKeyTransportOptions): GraphqlTransport {
  return async ({ query, variables, signal }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      body: JSON.stringify({ query, variables }),
      redirect: 'error',
      signal,
    });
    return {
      status: response.status,
      body: await response.json().catch(() => undefined),
      retryAfter: response.headers.get('retry-after'),
    };
  };
}
