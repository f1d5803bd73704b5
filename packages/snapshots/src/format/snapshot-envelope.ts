import { DiscoveryError, type TrustedKey } from '@amplify-discovery/core';

/** Signs with a private key that it doesn't give away. */
export interface SnapshotSigner {
  readonly kid: string;
  /** The ES256 signature in the form of JWS: r and s, 32 bytes each. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

const lineFeed = 10;
const openingBrace = 123;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Puts a detached JWS (RFC 7515 appendix F, with the unencoded payload of RFC 7797) on a first line before the payload's
 * exact bytes. Without a signer the payload alone is the whole file.
 */
export async function sealPayload(payload: Uint8Array, signer?: SnapshotSigner): Promise<Uint8Array> {
  if (!signer) return payload;
  const header = protectedHeader(signer.kid);
  const signature = await signer.sign(signingInput(header, payload));
  return concat(encodeText(`${header}..${toBase64Url(signature)}\n`), payload);
}

/**
 * The payload of a sealed file, once one of the trusted keys is found to have signed exactly these bytes. Nothing in the
 * file is parsed before that: a key's header has one byte form, which the file's is compared with. Without `trustedKeys`
 * the payload is given unverified.
 *
 * @throws DiscoveryError `SignatureInvalid` when it is unsigned, signed by another key, or changed.
 */
export async function openPayload(
  file: Uint8Array,
  trustedKeys: readonly TrustedKey[] | undefined,
  stage: string,
): Promise<Uint8Array> {
  const isSigned = file[0] !== openingBrace;
  const end = isSigned ? file.indexOf(lineFeed) : -1;
  const payload = file.subarray(end + 1);
  if (!trustedKeys) return payload;
  const invalid = (what: string) => new DiscoveryError('SignatureInvalid', `Snapshot of "${stage}" ${what}`, { stage });
  if (end < 0) throw invalid('is not signed');
  const [header, detached, signature, more] = new TextDecoder()
    .decode(file.subarray(0, Math.min(end, 1024)))
    .split('.');
  const keys = trustedKeys.filter(({ kid }) => protectedHeader(kid) === header);
  if (!keys.length || detached !== '' || !signature || more !== undefined)
    throw invalid('is not signed by a trusted key');
  for (const { kty, crv, x, y } of keys) {
    const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify']);
    const bytes = fromBase64Url(signature);
    if (bytes && (await crypto.subtle.verify(algorithm, key, bytes, signingInput(header as string, payload))))
      return payload;
  }
  throw invalid('does not match its signature');
}

/** RFC 7797 wants `b64` listed in `crit`. */
function protectedHeader(kid: string): string {
  return toBase64Url(encodeText(JSON.stringify({ alg: 'ES256', kid, b64: false, crit: ['b64'] })));
}

function signingInput(header: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(encodeText(`${header}.`), payload);
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The 64 bytes of a signature; undefined when the text is anything but their one encoding. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]{86}$/.test(text)) return undefined;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  );
  return toBase64Url(bytes) === text ? bytes : undefined;
}
