import { DiscoveryError } from '@amplify-discovery/core';

/** What went wrong with a file, as a fault of the option or file that named it. */
export function describeFileError(what: string, cause: unknown): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `${what}: ${(cause as Error).message}`, { cause });
}
