import { DiscoveryError, type DiscoveryErrorCode, type DiscoveryErrorDetails } from './discovery-error.ts';
import { writerAdvice, type WriterErrorCode } from './writer-advice.ts';

/**
 * A {@link DiscoveryError} with any code. What runs in browsers makes its errors by the constructor, which has advice only for
 * what readers meet.
 *
 * @example
 * ```ts
 * throw createWriterError('RegistrationConflict', '"users" in "dev" has another owner', { service: 'users', stage: 'dev' });
 * ```
 */
export function createWriterError(
  code: DiscoveryErrorCode,
  message: string,
  details: DiscoveryErrorDetails = {},
): DiscoveryError {
  return isWriterCode(code)
    ? new DiscoveryError(code, message, { ...details, recoverySuggestion: writerAdvice[code] })
    : new DiscoveryError(code, message, details);
}

function isWriterCode(code: DiscoveryErrorCode): code is WriterErrorCode {
  return Object.hasOwn(writerAdvice, code);
}
