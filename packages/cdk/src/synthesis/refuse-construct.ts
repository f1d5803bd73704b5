import { DiscoveryError } from '@amplify-discovery/core';
import type { IConstruct } from 'constructs';

/**
 * Fails the synthesis with an error that names the construct.
 *
 * @throws DiscoveryError `InvalidOptions`, always.
 */
export function refuseConstruct(scope: IConstruct, problem: string, cause?: unknown): never {
  throw new DiscoveryError('InvalidOptions', `[${scope.node.path}] ${problem}`, { cause });
}
