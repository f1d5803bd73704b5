import { DiscoveryError, isDiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { findEdgeEndpoint } from './find-edge-endpoint.ts';
import { signV4a } from './sign-v4a.ts';
import type { EdgeStore } from './sync-edge.ts';

export interface EdgeStoreOptions {
  /** Asked before each request. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** Another key value store, at exactly this address: `http://127.0.0.1:9000`. @default AWS's, of the ARN's account */
  readonly endpoint?: string | undefined;
  /** For each request. @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * CloudFront's key value store over HTTPS, as the AWS SDK's client has it, signed with SigV4A.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations_Amazon_CloudFront_KeyValueStore.html
 *
 * Its errors are `DiscoveryError`s: `ConcurrentChange` for a conflict, `RegistryDenied` for 401 and 403, `RegistryUnavailable`
 * for everything else, and `InvalidOptions` for what is no store's ARN.
 */
export function edgeStore(options: EdgeStoreOptions): EdgeStore {
  const { credentials, endpoint, timeoutMs = 10_000, fetch = globalThis.fetch } = options;

  async function ask(
    operation: string,
    arn: string,
    request: { method?: string; path?: string; headers?: Json; body?: Json },
  ) {
    const { method = 'GET', path = '', headers, body: content } = request;
    const base = `${endpoint?.replace(/\/$/, '') ?? findEdgeEndpoint(arn)}/key-value-stores/${encodeURIComponent(arn)}`;
    const url = new URL(base + path);
    const body = content && JSON.stringify(content);
    const { host: _, ...signed } = await signV4a({
      method,
      url,
      headers: {
        ...(headers as Record<string, string>),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body,
      service: 'cloudfront-keyvaluestore',
      credentials: await credentials(),
    });
    const where = `${operation} of ${arn}`;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, {
        method,
        headers: signed,
        ...(body !== undefined && { body }),
        redirect: 'error',
        signal,
      });
      const text = await response.text();
      if (!response.ok) throw describeFailure(where, response, text);
      return { answer: JSON.parse(text) as Json, etag: response.headers.get('etag') ?? undefined };
    } catch (cause) {
      if (isDiscoveryError(cause)) throw cause;
      throw new DiscoveryError('RegistryUnavailable', `${where}: ${String(cause)}`, { cause });
    }
  }

  return {
    async describeKeyValueStore({ KvsARN }) {
      const { etag: ETag } = await ask('DescribeKeyValueStore', KvsARN, {});
      return { ETag };
    },
    async listKeys({ KvsARN, NextToken }) {
      const query = NextToken === undefined ? '' : `&NextToken=${encodeURIComponent(NextToken)}`;
      const { answer } = await ask('ListKeys', KvsARN, { path: `/keys?MaxResults=50${query}` });
      return answer;
    },
    async updateKeys({ KvsARN, IfMatch, Puts, Deletes }) {
      const headers = { 'if-match': IfMatch };
      const { etag: ETag } = await ask('UpdateKeys', KvsARN, {
        method: 'POST',
        path: '/keys',
        headers,
        body: { Puts, Deletes },
      });
      return { ETag };
    },
  };
}

function describeFailure(where: string, { status, headers }: Response, text: string): DiscoveryError {
  const name = headers.get('x-amzn-errortype')?.split(':')[0] ?? /"(?:__type|code)":"([\w.#]+)"/.exec(text)?.[1] ?? '';
  const reason = /"[Mm]essage":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
  const code: DiscoveryErrorCode =
    status === 409 ? 'ConcurrentChange' : status === 401 || status === 403 ? 'RegistryDenied' : 'RegistryUnavailable';
  return new DiscoveryError(code, `${where}: HTTP ${status} ${name} ${reason}`.trimEnd());
}
