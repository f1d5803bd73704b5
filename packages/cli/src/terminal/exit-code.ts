import { isDiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';

/** What each exit code means: one per family of errors, so that a script can tell what to do next. */
export const exitCodes = {
  0: 'done',
  1: 'a check found something: doctor, typegen --check, audit (a gap)',
  2: 'the command line or the configuration is wrong',
  3: 'no such service, stage or record',
  4: 'another owner holds the record',
  5: 'no credentials, or the registry or the bucket refuses them',
  6: 'the registry or the bucket did not answer, or a write collided: the same command may succeed later',
  7: 'a record or an answer is malformed, unsigned or not trusted',
  70: 'a defect of this program',
  130: 'interrupted',
} as const;

/** An exit code of the `discovery` command. */
export type ExitCode = keyof typeof exitCodes;

const byErrorCode: Record<DiscoveryErrorCode, ExitCode> = {
  InvalidOptions: 2,
  InvalidPath: 2,
  ServiceNotFound: 3,
  RegistrationConflict: 4,
  ServiceFrozen: 4,
  CredentialsMissing: 5,
  RegistryDenied: 5,
  RegistryOutdated: 2,
  BucketDenied: 5,
  SigningKeyDenied: 5,
  EdgeStoreDenied: 5,
  ClockSkewed: 5,
  RegistryUnavailable: 6,
  ConcurrentChange: 6,
  BucketUnavailable: 6,
  SigningKeyUnavailable: 6,
  EdgeStoreUnavailable: 6,
  InvalidRecord: 7,
  UntrustedEndpoint: 7,
  StorageFailed: 7,
  SigningKeyUnusable: 7,
  SignatureInvalid: 7,
};

/** The exit code for an error of a command. */
export function getExitCode(error: unknown, signal: AbortSignal): ExitCode {
  if (signal.aborted) return 130;
  return isDiscoveryError(error) ? byErrorCode[error.code] : 70;
}
