import { isDiscoveryError } from '@amplify-discovery/core';
import type { RouterErrorCode } from './answer-error.ts';

export interface DescribedFailure {
  readonly code: RouterErrorCode;
  readonly message: string;
}

/**
 * What a caller is told about an error on the way to the endpoint. Messages of discovery may name hosts and accounts, so
 * callers get sentences of their own; the log has the error.
 */
export function describeFailure(error: unknown, service: string, stage: string): DescribedFailure {
  const which = `"${service}" in "${stage}"`;
  if (!isDiscoveryError(error)) return { code: 'InternalError', message: 'The router failed.' };
  switch (error.code) {
    case 'ServiceNotFound':
      return { code: 'ServiceNotFound', message: `No service ${which}.` };
    case 'InvalidPath':
      return { code: 'InvalidPath', message: 'The path leaves the service.' };
    case 'UntrustedEndpoint':
      return {
        code: 'UntrustedEndpoint',
        message: `The endpoint of ${which} is not on a host that this request may go to.`,
      };
    case 'InvalidRecord':
      return { code: 'InvalidRecord', message: `The registration of ${which} is malformed.` };
    case 'CredentialsMissing':
      return { code: 'CredentialsMissing', message: `The router has no credentials for ${which}.` };
    case 'RegistryUnavailable':
    case 'RegistryOutdated':
    case 'RegistryDenied':
    case 'ClockSkewed':
    case 'SignatureInvalid':
      return { code: 'RegistryUnavailable', message: `It is not known where ${which} is. Try again.` };
    case 'InvalidOptions':
    case 'RegistrationConflict':
    case 'ConcurrentChange':
    case 'StorageFailed':
    // What only a publisher meets.
    case 'BucketUnavailable':
    case 'BucketDenied':
    case 'SigningKeyUnavailable':
    case 'SigningKeyDenied':
    case 'SigningKeyUnusable':
    case 'EdgeStoreUnavailable':
    case 'EdgeStoreDenied':
      return { code: 'InternalError', message: 'The router failed.' };
  }
}
