import type { WriterErrorCode } from './writer-advice.ts';

/**
 * What to do about each error that readers of endpoints meet; `writerAdvice` has the others. The compiler keeps both complete:
 * a code cannot exist without its advice.
 */
const advice = {
  InvalidOptions: 'Correct the option that is named.',
  InvalidRecord: 'Register the endpoint again with that field corrected.',
  InvalidPath: 'Write a path that stays below the service.',
  ServiceNotFound:
    'Check the name and the stage, or deploy the service. One that is not public is found with credentials only.',
  UntrustedEndpoint: 'If the host is yours, add it to trustedHosts.',
  CredentialsMissing: 'Sign in, or choose another authMode for the service.',
  RegistryUnavailable: 'Try again; check the registry URL and the network.',
  RegistryDenied: "Check the API key and when it expires, the IAM permissions and the registry's rules.",
  ClockSkewed: 'Set the clock of this machine: AWS refuses what is signed at another time.',
  StorageFailed: 'Make room in storage, or clear it.',
  SignatureInvalid: 'Publish the snapshot again, or trust its key.',
} as const;

type ReaderErrorCode = keyof typeof advice;

/** Why an operation failed. Part of the public contract: codes are added, never renamed. */
export type DiscoveryErrorCode = ReaderErrorCode | WriterErrorCode;

/** What an error was about, as far as it is known. */
export interface DiscoveryErrorDetails {
  readonly service?: string | undefined;
  readonly stage?: string | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for('amplify-discovery.error');

/**
 * The one error class of amplify-discovery. `message` says what was asked and what was found,
 * `recoverySuggestion` what to do about it, `retryable` whether the same call may succeed later.
 *
 * An application can hold several copies of this class, of ES modules, of CommonJS and in bundles. Recognise it with
 * {@link isDiscoveryError}, not with `instanceof`, which knows its own copy only. A `Symbol.hasInstance` cannot help: compilers to
 * ES5, React Native's among them, ask `instanceof` before an error has its brand.
 */
export class DiscoveryError extends Error {
  readonly code: DiscoveryErrorCode;
  readonly service: string | undefined;
  readonly stage: string | undefined;
  readonly retryable: boolean;
  readonly recoverySuggestion: string;

  constructor(code: ReaderErrorCode, message: string, details?: DiscoveryErrorDetails);
  /** For the codes of writers: see `createWriterError`. */
  constructor(code: WriterErrorCode, message: string, details: DiscoveryErrorDetails & { recoverySuggestion: string });
  constructor(
    code: DiscoveryErrorCode,
    message: string,
    details: DiscoveryErrorDetails & { recoverySuggestion?: string } = {},
  ) {
    super(message, details);
    this.name = 'DiscoveryError';
    this.code = code;
    this.service = details.service;
    this.stage = details.stage;
    this.retryable = /Unavailable$|^ConcurrentChange$/.test(code);
    this.recoverySuggestion = details.recoverySuggestion ?? advice[code as ReaderErrorCode];
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Whether a caught value is a {@link DiscoveryError}, whichever copy of the package made it.
 *
 * @example
 * ```ts
 * try {
 *   await resolver.resolve('user-management-service');
 * } catch (error) {
 *   if (isDiscoveryError(error) && error.code === 'ServiceNotFound') console.warn(error.recoverySuggestion);
 *   else throw error;
 * }
 * ```
 */
export function isDiscoveryError(error: unknown): error is DiscoveryError {
  return error instanceof Error && brand in error;
}
