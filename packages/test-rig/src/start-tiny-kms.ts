import { createECDH } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSkewed } from './is-skewed.ts';

export interface TinyKms {
  readonly url: string;
  /** Operation and key of each request so far. */
  readonly requests: readonly string[];
  /** Refuses the next so many requests as IAM does while a permission is on its way. */
  denyNext(count: number): void;
  /** Answers every request with this error of KMS; undefined ends that. */
  failWith(type: string | undefined): void;
  /** Sets the server's clock so many milliseconds ahead of this machine's. */
  setClockAhead(milliseconds: number): void;
  stop(): Promise<void>;
}

/** The order of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** `Sign` and `GetPublicKey` of KMS over HTTP on 127.0.0.1, with these keys. Signs hashes, which Node's own `sign` can't. */
export async function startTinyKms(...keyArns: readonly string[]): Promise<TinyKms> {
  const keys = new Map(keyArns.map((arn) => [arn, createECDH('prime256v1')]));
  for (const key of keys.values()) key.generateKeys();
  const requests: string[] = [];
  let denials = 0;
  let failure: string | undefined;
  let aheadMs = 0;
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const { KeyId, Message, MessageType } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
      requests.push(`${operation} ${KeyId}`);
      const key = keys.get(KeyId ?? '');
      const now = Date.now() + aheadMs;
      const refusal =
        failure ??
        (denials-- > 0
          ? 'AccessDeniedException'
          : isSkewed(request.headers, now)
            ? 'InvalidSignatureException'
            : undefined);
      const answer =
        refusal !== undefined
          ? { __type: refusal, message: refusal === 'InvalidSignatureException' ? 'Signature not yet current' : 'No.' }
          : !key || (operation === 'Sign' && MessageType !== 'DIGEST')
            ? { __type: 'NotFoundException' }
            : operation === 'Sign'
              ? { KeyId, Signature: sign(Buffer.from(Message ?? '', 'base64'), key.getPrivateKey()).toString('base64') }
              : { KeyId, PublicKey: Buffer.concat([spkiPrefix, key.getPublicKey()]).toString('base64') };
      const status = !('__type' in answer) ? 200 : answer.__type === 'KMSInternalException' ? 500 : 400;
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        date: new Date(now).toUTCString(),
      });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    denyNext: (count) => void (denials = count),
    failWith: (type) => void (failure = type),
    setClockAhead: (milliseconds) => void (aheadMs = milliseconds),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point (RFC 5480). */
const spkiPrefix = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** ECDSA (FIPS 186-5 §6.4.1), in DER. */
function sign(digest: Buffer, privateKey: Buffer): Buffer {
  const nonce = createECDH('prime256v1');
  nonce.generateKeys();
  const r = toNumber(nonce.getPublicKey().subarray(1, 33)) % order;
  const k = toNumber(nonce.getPrivateKey());
  const s = (invert(k) * (toNumber(digest) + r * toNumber(privateKey))) % order;
  const body = Buffer.concat([encodeInteger(r), encodeInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

/** By Fermat: the order is a prime. */
function invert(value: bigint): bigint {
  let [result, base, exponent] = [1n, value % order, order - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % order;
    base = (base * base) % order;
  }
  return result;
}

function encodeInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  const positive = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}
