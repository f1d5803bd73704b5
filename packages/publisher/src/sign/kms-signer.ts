import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { convertDerSignature } from './convert-der-signature.ts';
import { findAwsDomain } from '@amplify-discovery/aws';
import { signingFetch } from '@amplify-discovery/aws';
import type { SnapshotSigner, TrustedKey } from '@amplify-discovery/snapshots/seal';

export interface KmsKeyOptions {
  /** Id or ARN of a key of spec ECC_NIST_P256 for SIGN_VERIFY. */
  readonly keyId: string;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentials>;
  /** What readers know the key by. @default the key's id, without account and region */
  readonly kid?: string | undefined;
  /** @default AWS's */
  readonly endpoint?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Signs with a key that never leaves KMS. Needs `kms:Sign`. */
export function kmsSigner(options: KmsKeyOptions): SnapshotSigner {
  return {
    kid: kidOf(options),
    async sign(data) {
      const digest = await crypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>);
      const { Signature } = await callKms(options, 'Sign', {
        Message: Buffer.from(digest).toString('base64'),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      return convertDerSignature(Buffer.from(Signature ?? '', 'base64'));
    },
  };
}

/**
 * The public half, for `trustedKeys`. Needs `kms:GetPublicKey`.
 *
 * @throws DiscoveryError `InvalidOptions` for a key of another kind; `RegistryDenied`, `RegistryUnavailable`.
 */
export async function getKmsPublicKey(options: KmsKeyOptions): Promise<TrustedKey> {
  const { PublicKey } = await callKms(options, 'GetPublicKey', {});
  try {
    return await importPublicKey(Buffer.from(PublicKey ?? '', 'base64'), kidOf(options));
  } catch (cause) {
    const message = `KMS key ${options.keyId} can't sign ES256: it has to be ECC_NIST_P256 for SIGN_VERIFY`;
    throw new DiscoveryError('InvalidOptions', message, { cause });
  }
}

/** A public key in SPKI DER form as a trusted key. */
export async function importPublicKey(spki: Uint8Array, kid: string): Promise<TrustedKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('spki', spki as Uint8Array<ArrayBuffer>, algorithm, true, ['verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
  return { kid, kty: 'EC', crv: 'P-256', x, y };
}

function kidOf({ keyId, kid = keyId.slice(keyId.lastIndexOf('/') + 1) }: KmsKeyOptions): string {
  return kid;
}

async function callKms(
  options: KmsKeyOptions,
  operation: string,
  input: object,
): Promise<Record<string, string | undefined>> {
  const { keyId, region, credentials, endpoint = `https://kms.${findAwsDomain(region)}/`, fetch } = options;
  const response = await signingFetch({ service: 'kms', region, credentials, fetch })(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
    body: JSON.stringify({ KeyId: keyId, ...input }),
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, string | undefined>;
  if (response.ok) return answer;
  const code = answer.__type === 'AccessDeniedException' ? 'RegistryDenied' : 'RegistryUnavailable';
  throw new DiscoveryError(code, `KMS ${operation} with key ${keyId}: HTTP ${response.status} ${answer.__type ?? ''}`, {
    cause: answer,
  });
}
