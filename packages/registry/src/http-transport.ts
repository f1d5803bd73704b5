import { findFetchFailure } from './find-fetch-failure.ts';
import type { GraphqlTransport } from './graphql-transport.ts';

export interface HttpTransportOptions {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  /** What proves who is asking: `x-api-key`, or `authorization` with a user pool's token. */
  readonly headers: Readonly<Record<string, string>>;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * A transport that sends fixed headers. Redirects are refused: fetch would carry the headers along.
 *
 * @example
 * ```ts
 * const transport = httpTransport({ url, headers: { authorization: accessToken } });
 * ```
 */
export function httpTransport({ url, headers, fetch = globalThis.fetch }: HttpTransportOptions): GraphqlTransport {
  return async ({ query, variables, signal }) => {
    const sending = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      redirect: 'error',
      signal,
    });
    const response = await sending.catch((error: Error) => {
      throw findFetchFailure(error);
    });
    return {
      status: response.status,
      body: await response.json().catch(() => undefined),
      retryAfter: response.headers.get('retry-after'),
    };
  };
}
