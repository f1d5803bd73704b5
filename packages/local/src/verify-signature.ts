import { createHash, createHmac } from 'node:crypto';
import { isSameSecret } from '@amplify-discovery/aws/is-same-secret';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface SignatureExpectation {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const skewMs = 5 * 60_000;
const authorizationPattern =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([^/\s]+)\/([^/\s]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * What is wrong with a request's SigV4 signature, or undefined when it is right: signed with these credentials
 * for this region and service, within five minutes, over the host, the date and exactly this body.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function findSignatureFault(request: SignedRequest, expected: SignatureExpectation): string | undefined {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : '';
  };
  const match = authorizationPattern.exec(header('authorization'));
  if (!match) return 'The authorization header does not use AWS4-HMAC-SHA256.';
  const [, keyId, day, region, service, signedList, signature] = match as unknown as string[];
  const date = header('x-amz-date');
  const time = readAmzDate(date);
  if (time === undefined || !date.startsWith(day as string))
    return 'x-amz-date is missing or does not fit the credential scope.';
  if (Math.abs(expected.now - time) > skewMs)
    return 'Signature expired: x-amz-date differs from the clock here by more than 5 minutes.';
  if (region !== expected.region || service !== expected.service) {
    return `The credential must be scoped to ${expected.region}/${expected.service}.`;
  }
  const signedHeaders = (signedList as string).split(';');
  const mandatory = ['host', 'x-amz-date', ...(header('x-amz-content-sha256') ? ['x-amz-content-sha256'] : [])];
  if (!mandatory.every((name) => signedHeaders.includes(name))) return `${mandatory.join(', ')} must be signed.`;
  const bodyHash = sha256(request.body);
  const statedHash = header('x-amz-content-sha256');
  if (statedHash && statedHash !== bodyHash) return 'x-amz-content-sha256 is not the hash of the body.';

  const [path = '/', query = ''] = request.url.split('?', 2);
  const canonical = [
    request.method,
    path
      .split('/')
      .map((part) => encodeURIComponent(part))
      .join('/'),
    query.split('&').sort().join('&'),
    ...signedHeaders.map((name) => `${name}:${header(name).trim().replaceAll(/\s+/g, ' ')}`),
    '',
    signedList,
    bodyHash,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) =>
      createHmac('sha256', secret)
        .update(part as string)
        .digest(),
    `AWS4${expected.secretAccessKey}`,
  );
  const isRight = isSameSecret(signature as string, createHmac('sha256', key).update(text).digest('hex'));
  // One message for a wrong key and a wrong signature: the answer must not reveal which part was right.
  return isRight && isSameSecret(keyId as string, expected.accessKeyId)
    ? undefined
    : 'The request signature we calculated does not match the signature you provided.';
}

function readAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
