import { DiscoveryError } from '@amplify-discovery/core';
import type { Shell } from '../terminal/shell.ts';
import { findPipeline } from './find-pipeline.ts';

/** The option for the owner of written records. */
export const ownerOption = {
  kind: 'text',
  value: 'OWNER',
  help: 'The record\u2019s owner. Default: DISCOVERY_OWNER, in CI the repository and pipeline, else cli:USER.',
} as const;

/**
 * The owner of what this command writes.
 *
 * @throws DiscoveryError `InvalidOptions` for an empty or overlong one, and in CI where pipelines can't be told apart: they
 * run as one user, so each could replace another's registrations.
 */
export function getOwner(explicit: string | undefined, { env, userName }: Pick<Shell, 'env' | 'userName'>): string {
  const isNamed = explicit !== undefined || env['DISCOVERY_OWNER'];
  if (!isNamed && findPipeline(env) === null)
    throw new DiscoveryError(
      'InvalidOptions',
      'This runs in CI, and the pipeline is unknown: set --owner or DISCOVERY_OWNER, a different one for each pipeline',
    );
  return checkOwner(explicit ?? findOwner({ env, userName }));
}

/**
 * The owner of what a registry's own program writes to it: the same, but in CI no pipeline need be known, because no other writes
 * there.
 *
 * @throws DiscoveryError `InvalidOptions` for an overlong one.
 */
export function getLocalOwner(shell: Pick<Shell, 'env' | 'userName'>): string {
  return checkOwner(findOwner(shell));
}

function findOwner({ env, userName }: Pick<Shell, 'env' | 'userName'>): string {
  return env['DISCOVERY_OWNER'] || (findPipeline(env) ?? `cli:${userName}`);
}

function checkOwner(owner: string): string {
  if (owner.length > 0 && owner.length <= 1024) return owner;
  throw new DiscoveryError('InvalidOptions', `--owner must be 1 to 1024 characters: it has ${owner.length}`);
}
