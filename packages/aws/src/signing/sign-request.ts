import { AwsV4Signer } from 'aws4fetch';
import type { AwsCredentials } from './aws-credentials.ts';

export interface RequestToSign {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: string | Uint8Array | undefined;
  /** `execute-api`, `appsync`, `s3` … */
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/**
 * The headers with a SigV4 signature. Signs with aws4fetch because it is one small file on WebCrypto, without
 * dependencies. S3 alone wants the body's hash as a header.
 */
export async function signRequest(request: RequestToSign): Promise<Headers> {
  const { method, url, body, service, region, credentials, time } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const headers = new Headers(request.headers);
  const bytes = body as string | Uint8Array<ArrayBuffer> | undefined;
  if (service === 's3') headers.set('x-amz-content-sha256', await hashBody(bytes ?? ''));
  const signed = await new AwsV4Signer({
    method,
    url,
    headers,
    ...(bytes !== undefined && { body: bytes }),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service,
    region,
    datetime: new Date(time).toISOString().replace(/[:-]|\.\d+/g, ''),
  }).sign();
  return signed.headers;
}

async function hashBody(body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
