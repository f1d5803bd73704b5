import { checkPath, DiscoveryError } from '@amplify-discovery/core';

/**
 * The URL of a path below a target, guaranteed to stay below it and on its host.
 *
 * @throws DiscoveryError `InvalidPath` as `checkPath` of `@amplify-discovery/core`.
 */
export function buildServiceUrl(target: string, path: string, service: string): URL {
  checkPath(path, service);
  const base = new URL(target);
  const url = new URL(target + path);
  // What the check promises, looked at once more on the result.
  if (url.origin !== base.origin || !url.pathname.startsWith(`${base.pathname.replace(/\/$/, '')}/`)) {
    throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" leaves the service`, { service });
  }
  return url;
}
