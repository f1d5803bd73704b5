import { DiscoveryError } from '../discovery-error.ts';
import { findPathFault } from './find-path-fault.ts';

/**
 * The path as it follows a target: with exactly one slash in front, or none where only a query or nothing follows, which is
 * the endpoint itself.
 *
 * @throws DiscoveryError `InvalidPath` for a path that could lead out of its service, saying what `findPathFault` finds.
 *
 * @example
 * ```ts
 * checkPath('users?active=1', 'user-management-service'); // '/users?active=1'
 * ```
 */
export function checkPath(path: string, service: string): string {
  const fault = findPathFault(path);
  if (fault) throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" ${fault}`, { service });
  return /^($|[/?#])/.test(path) ? path : `/${path}`;
}
