import { createECDH, createHash, createHmac, createPublicKey, verify, type KeyObject } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  /** As it was sent: path and query. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const algorithm = 'AWS4-ECDSA-P256-SHA256';
/** The order of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * Why a request isn't signed with SigV4A by the signer for the service, or undefined when it is. Written from AWS's
 * description and Node's own cryptography, so that it shares nothing with those who sign.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function findSignatureFault(request: SignedRequest, service: string, signer: Signer): string | undefined {
  const { method, target, headers, body } = request;
  const valueOf = (name: string) =>
    String(headers[name] ?? '')
      .trim()
      .replace(/ +/g, ' ');
  const [, scope = '', list = '', signature = ''] =
    /^AWS4-ECDSA-P256-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([\da-f]+)$/.exec(
      valueOf('authorization'),
    ) ?? [];
  const names = list.split(';');
  const date = valueOf('x-amz-date');
  const credential = `${date.slice(0, 8)}/${service}/aws4_request`;
  const payloadHash = createHash('sha256').update(body).digest('hex');
  const needed = ['host', 'x-amz-date', 'x-amz-region-set', ...(signer.sessionToken ? ['x-amz-security-token'] : [])];
  const unsigned = [...needed, ...('if-match' in headers ? ['if-match'] : [])].find((name) => !names.includes(name));
  if (scope !== `${signer.accessKeyId}/${credential}`) return `credential ${scope} is not of ${credential}`;
  if (unsigned) return `${unsigned} is not signed`;
  if (valueOf('x-amz-region-set') !== '*') return 'it is not signed for all regions';
  if (signer.sessionToken && valueOf('x-amz-security-token') !== signer.sessionToken) return 'session token differs';
  if (headers['x-amz-content-sha256'] && valueOf('x-amz-content-sha256') !== payloadHash) return 'the body differs';

  const [path = '', query = ''] = target.split('?');
  const canonicalRequest = [
    method,
    // Every service but S3 has the path, which is encoded already, encoded once more.
    path.split('/').map(encode).join('/'),
    query.split('&').filter(Boolean).sort().join('&'),
    ...names.map((name) => `${name}:${valueOf(name)}`),
    '',
    list,
    payloadHash,
  ].join('\n');
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  const stringToSign = [algorithm, date, credential, hash].join('\n');
  const isRight = verify('sha256', Buffer.from(stringToSign), derivePublicKey(signer), Buffer.from(signature, 'hex'));
  return isRight ? undefined : 'the signature is not that of this request';
}

/** The signer's public key: its private one is HMAC-SHA256 in counter mode (NIST SP 800-108) over the access key's id. */
export function derivePublicKey({ accessKeyId, secretAccessKey }: Signer): KeyObject {
  for (let counter = 1; counter <= 254; counter++) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from(`${algorithm}\0${accessKeyId}`),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const candidate = BigInt(`0x${createHmac('sha256', `AWS4A${secretAccessKey}`).update(input).digest('hex')}`);
    if (candidate > order - 2n) continue;
    const curve = createECDH('prime256v1');
    curve.setPrivateKey((candidate + 1n).toString(16).padStart(64, '0'), 'hex');
    const point = curve.getPublicKey();
    const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  }
  throw new Error('The secret gives no key');
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
