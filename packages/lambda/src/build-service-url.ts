import { DiscoveryError, findPathFault } from '@amplify-discovery/core';

/**
 * The URL of a path below a target, guaranteed to stay below it and on its host.
 *
 * @throws DiscoveryError `InvalidPath` as `findPathFault` of `@amplify-discovery/core` says.
 */
export function buildServiceUrl(target: string, path: string, service: string): URL {
  const fault = findPathFault(path);
  if (fault) throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" ${fault}`, { service });
  const base = new URL(target);
  const url = new URL(target + path);
  // What the check promises, looked at once more on the result.
  if (url.origin !== base.origin || !url.pathname.startsWith(`${base.pathname.replace(/\/$/, '')}/`)) {
    throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" leaves the service`, { service });
  }
  return url;
}
