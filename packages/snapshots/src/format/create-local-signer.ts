import type { TrustedKey } from '@amplify-discovery/core';
import type { SnapshotSigner } from './snapshot-envelope.ts';

/** A private P-256 key as a JWK with a `kid`, as `createLocalKey` makes it. */
export interface LocalKey extends TrustedKey {
  readonly d: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Signs with a key at hand: for development, and where a build signs what it bakes in. */
export function createLocalSigner({ kid, kty, crv, x, y, d }: LocalKey): SnapshotSigner {
  return {
    kid,
    async sign(data) {
      const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, algorithm, false, ['sign']);
      return new Uint8Array(await crypto.subtle.sign(algorithm, key, data as Uint8Array<ArrayBuffer>));
    },
  };
}

/** A new key for development. Its public half for `trustedKeys` is the same without `d`. */
export async function createLocalKey(kid: string): Promise<LocalKey> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', privateKey);
  return { kid, kty: 'EC', crv: 'P-256', x, y, d };
}
