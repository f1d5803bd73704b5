import type { AwsCredentials } from '@amplify-discovery/aws';
import { AwsClient } from 'aws4fetch';
import type { GraphqlTransport } from './graphql-transport.ts';

export interface Sigv4TransportOptions {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  /** The region that is signed for. */
  readonly region: string;
  /** The credentials, or how to get the ones that are valid now: asked before each request. */
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * A transport that signs each request for AppSync with IAM credentials: what registering needs.
 * Signs with aws4fetch because it is one small file on WebCrypto, without dependencies.
 * Redirects are refused: fetch would carry a session token along.
 *
 * @example
 * ```ts
 * import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
 *
 * const transport = sigv4Transport({ url, region: 'eu-west-1', credentials: fromNodeProviderChain() });
 * ```
 */
export function sigv4Transport(options: Sigv4TransportOptions): GraphqlTransport {
  const { url, region, credentials, fetch = globalThis.fetch } = options;
  return async ({ query, variables, signal }) => {
    const { accessKeyId, secretAccessKey, sessionToken } =
      typeof credentials === 'function' ? await credentials() : credentials;
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 'appsync',
      region,
    });
    const signed = await client.sign(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const response = await fetch(signed, { redirect: 'error', signal });
    return {
      status: response.status,
      body: await response.json().catch(() => undefined),
      retryAfter: response.headers.get('retry-after'),
    };
  };
}
