import { createHash, createHmac } from 'node:crypto';
import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import type * as signerModule from '@smithy/signature-v4a';

export interface RequestToSign {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** `cloudfront-keyvaluestore` … */
  readonly service: string;
  readonly credentials: AwsCredentials;
}

/**
 * The request's headers with a SigV4A signature for all regions, which global services ask for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 *
 * @throws DiscoveryError `InvalidOptions` where `@smithy/signature-v4a`, an optional peer, is not installed.
 */
export async function signV4a(request: RequestToSign): Promise<Record<string, string>> {
  const { method, url, body, service, credentials } = request;
  const { SignatureV4a } = await loadSigner();
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4a({
    service,
    region: '*',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
  });
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...request.headers, host: url.host },
      ...(body !== undefined && { body }),
    },
    {},
  );
  return signed.headers;
}

/** Only who signs needs it: its curve arithmetic is most of a publisher's bundle, and few publishers have an edge. */
async function loadSigner(): Promise<typeof signerModule> {
  try {
    return await import('@smithy/signature-v4a');
  } catch (cause) {
    throw new DiscoveryError('InvalidOptions', 'edgeStore: install @smithy/signature-v4a, which signs its requests', {
      cause,
    });
  }
}

/** SHA-256, or with a secret HMAC-SHA-256, as the signer wants to make it. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? new Uint8Array(secret) : (secret as string | NodeJS.ArrayBufferView);
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
