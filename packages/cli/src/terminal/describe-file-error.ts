import { DiscoveryError } from '@amplify-discovery/core';

/** A file's error as an error of the option or file that named it. */
export function describeFileError(what: string, cause: unknown): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `${what}: ${(cause as Error).message}`, { cause });
}
