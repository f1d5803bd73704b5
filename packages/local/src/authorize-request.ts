import { findLocalUserArn, type CallContext } from './build-executable-schema.ts';
import { isSameSecret } from '@amplify-discovery/aws/is-same-secret';
import type { AccessKeys, LocalCredentials } from './local-credentials.ts';
import { findSignatureFault, type SignedRequest } from './verify-signature.ts';

export type Authorization =
  | CallContext
  | { readonly status: number; readonly errorType: string; readonly message: string };

export interface AcceptedCredentials extends LocalCredentials {
  /** In milliseconds since the epoch. */
  readonly apiKeyExpiresAt: number;
}

/**
 * The caller's authorization mode, or the refusal that AppSync would send, which is the same for an expired key and a wrong
 * one. A signature takes precedence over a key.
 */
export function authorizeRequest(request: SignedRequest, credentials: AcceptedCredentials, now: number): Authorization {
  if (request.headers.authorization !== undefined) {
    const [name, keys] = findIdentity(String(request.headers.authorization), credentials);
    const fault = findSignatureFault(request, { region: credentials.region, ...keys, service: 'appsync', now });
    return fault === undefined
      ? { mode: 'iam', userArn: findLocalUserArn(name) }
      : { status: 403, errorType: 'InvalidSignatureException', message: fault };
  }
  const key = request.headers['x-api-key'];
  const isValid = typeof key === 'string' && isSameSecret(key, credentials.apiKey) && now < credentials.apiKeyExpiresAt;
  if (isValid) return { mode: 'apiKey' };
  return {
    status: 401,
    errorType: 'UnauthorizedException',
    message:
      key === undefined ? 'Valid authorization header not provided.' : 'You are not authorized to make this call.',
  };
}

/** Whose access key the request names; where nobody's, the signature can't be right. */
function findIdentity(authorization: string, credentials: LocalCredentials): [string | undefined, AccessKeys] {
  const [, keyId] = /Credential=([^/]+)\//.exec(authorization) ?? [];
  const found = Object.entries(credentials.identities ?? {}).find(([, keys]) => keys.accessKeyId === keyId);
  return found ?? [undefined, credentials];
}
