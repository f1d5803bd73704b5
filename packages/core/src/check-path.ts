import { DiscoveryError } from './discovery-error.ts';
import { findPathFault } from './find-path-fault.ts';

/**
 * Refuses a path that could lead out of its service.
 *
 * @throws DiscoveryError `InvalidPath`, saying what `findPathFault` finds.
 *
 * @example
 * ```ts
 * checkPath('/users?active=1', 'user-management-service');
 * ```
 */
export function checkPath(path: string, service: string): void {
  const fault = findPathFault(path);
  if (fault) throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" ${fault}`, { service });
}
