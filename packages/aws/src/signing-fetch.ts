import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from './aws-credentials.ts';
import { AwsV4Signer } from 'aws4fetch';

export interface SigningFetchOptions {
  /** `s3`, `kms` … */
  readonly service: string;
  readonly region: string;
  /** Asked before each request. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A fetch that signs each request with SigV4, for objects that only IAM callers may read. Bodies are text or bytes. */
export function signingFetch(options: SigningFetchOptions): typeof globalThis.fetch {
  const { service, region, credentials, fetch = globalThis.fetch } = options;
  return async (input, init = {}) => {
    if (input instanceof Request) throw new DiscoveryError('InvalidOptions', 'signingFetch takes a URL, not a Request');
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const body = init.body as string | Uint8Array<ArrayBuffer> | undefined;
    const headers = new Headers(init.headers);
    if (service === 's3') headers.set('x-amz-content-sha256', await hashBody(body ?? ''));
    const signed = await new AwsV4Signer({
      method: init.method ?? 'GET',
      url: input.toString(),
      headers,
      ...(body !== undefined && { body }),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service,
      region,
    }).sign();
    return fetch(signed.url, { redirect: 'error', ...init, headers: signed.headers });
  };
}

async function hashBody(body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
