import { isDiscoveryError } from '@amplify-discovery/core';

/** That a key is new, or a permission, may take seconds to be known everywhere. */
const mayPass = ['AccessDeniedException', 'NotFoundException'];
const lasting = [
  'DisabledException',
  'InvalidArnException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'UnsupportedOperationException',
  'ValidationException',
];

/** Tells whether it was KMS that said no: to the caller, or because the key is not there or can't sign. */
export function isKeyRefusal(error: unknown): boolean {
  return [...mayPass, ...lasting].includes(findKmsType(error));
}

/** Tells whether it is a refusal that no waiting changes. */
export function isUnusableKey(error: unknown): boolean {
  return lasting.includes(findKmsType(error));
}

/** KMS's own name of what was wrong, which `kmsSigner` and `getKmsPublicKey` keep as the cause. */
function findKmsType(error: unknown): string {
  const cause = isDiscoveryError(error) ? (error.cause as { __type?: unknown } | undefined) : undefined;
  return String(cause?.__type).replace(/^.*#/, '');
}
