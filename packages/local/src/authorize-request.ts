import type { CallerMode } from './build-executable-schema.ts';
import { isSameSecret } from './is-same-secret.ts';
import type { LocalCredentials } from './local-credentials.ts';
import { findSignatureFault, type SignedRequest } from './verify-signature.ts';

export type Authorization =
  | { readonly mode: CallerMode }
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
    const fault = findSignatureFault(request, { ...credentials, service: 'appsync', now });
    return fault === undefined
      ? { mode: 'iam' }
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
