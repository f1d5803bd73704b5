import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { createWriterError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import type { TrustedKey } from '@amplify-discovery/core';
import type { SnapshotSigner } from '@amplify-discovery/snapshots/seal';
import { callAws, type AwsFailure } from '../sdk/call-aws.ts';
import { planClientSettings, type ClientOptions } from '../sdk/plan-client-settings.ts';
import { convertDerSignature } from './convert-der-signature.ts';

export interface KmsKeyOptions extends ClientOptions {
  /** Id or ARN of a key of spec ECC_NIST_P256 for SIGN_VERIFY. */
  readonly keyId: string;
  /** What readers know the key by. @default the key's id, without account and region */
  readonly kid?: string | undefined;
}

/**
 * Signs with a key that never leaves KMS. Needs `kms:Sign`.
 *
 * Its errors are `SigningKeyDenied`, `SigningKeyUnusable` for a key that isn't there, is disabled or is of another kind, and
 * `SigningKeyUnavailable`.
 */
export function createKmsSigner(options: KmsKeyOptions): SnapshotSigner {
  const { keyId } = options;
  const client = new KMSClient(planClientSettings(options));
  return {
    kid: kidOf(options),
    async sign(data) {
      const digest = await crypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>);
      const command = new SignCommand({
        KeyId: keyId,
        Message: new Uint8Array(digest),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      const { Signature } = await callAws(`kms:Sign with key ${keyId}`, findCode, () => client.send(command));
      return convertDerSignature(Signature ?? new Uint8Array());
    },
  };
}

/**
 * The public half, for `trustedKeys`. Needs `kms:GetPublicKey`.
 *
 * @throws DiscoveryError `SigningKeyUnusable` also for a key of another kind; `SigningKeyDenied`, `SigningKeyUnavailable`.
 */
export async function getKmsPublicKey(options: KmsKeyOptions): Promise<TrustedKey> {
  const { keyId } = options;
  const client = new KMSClient(planClientSettings(options));
  const command = new GetPublicKeyCommand({ KeyId: keyId });
  const { PublicKey } = await callAws(`kms:GetPublicKey of key ${keyId}`, findCode, () => client.send(command));
  try {
    return await importPublicKey(PublicKey ?? new Uint8Array(), kidOf(options));
  } catch (cause) {
    const message = `KMS key ${keyId} can't sign ES256: it has to be ECC_NIST_P256 for SIGN_VERIFY`;
    throw createWriterError('SigningKeyUnusable', message, { cause });
  }
}

/** A public key in SPKI DER form as a trusted key. */
async function importPublicKey(spki: Uint8Array, kid: string): Promise<TrustedKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('spki', spki as Uint8Array<ArrayBuffer>, algorithm, true, ['verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
  return { kid, kty: 'EC', crv: 'P-256', x, y };
}

function kidOf({ keyId, kid = keyId.slice(keyId.lastIndexOf('/') + 1) }: KmsKeyOptions): string {
  return kid;
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#API_Sign_Errors */
const unusable = [
  'DisabledException',
  'InvalidArnException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
  'UnsupportedOperationException',
  'ValidationException',
];

function findCode({ name, status }: AwsFailure): DiscoveryErrorCode {
  if (unusable.includes(name)) return 'SigningKeyUnusable';
  return name === 'AccessDeniedException' || status === 401 || status === 403
    ? 'SigningKeyDenied'
    : 'SigningKeyUnavailable';
}
