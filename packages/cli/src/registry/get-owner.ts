import { DiscoveryError } from '@amplify-discovery/core';
import type { Shell } from '../terminal/shell.ts';

/** The option that says on whose behalf a record is written. */
export const ownerOption = {
  kind: 'text',
  value: 'OWNER',
  help: 'Who holds the record. Default: DISCOVERY_OWNER or cli:USER.',
} as const;

/**
 * Who holds what this command writes.
 *
 * @throws DiscoveryError `InvalidOptions` for an empty or overlong one.
 */
export function getOwner(explicit: string | undefined, { env, userName }: Pick<Shell, 'env' | 'userName'>): string {
  const owner = explicit ?? (env['DISCOVERY_OWNER'] || `cli:${userName}`);
  if (owner.length > 0 && owner.length <= 1024) return owner;
  throw new DiscoveryError('InvalidOptions', '--owner: 1 to 1024 characters are needed');
}
