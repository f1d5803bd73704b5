import { DiscoveryError } from '@amplify-discovery/core';

/** What every system can hold. */
export const markPattern: RegExp = /^[\w.:/-]{1,128}$/;

/** @throws DiscoveryError `InvalidOptions` */
export function checkMark(mark: string): void {
  if (markPattern.test(mark)) return;
  throw new DiscoveryError('InvalidOptions', `mark: "${mark}" is not 1 to 128 of A-Z a-z 0-9 . _ : / -`);
}
