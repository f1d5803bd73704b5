import { checkPath, DiscoveryError } from '@amplify-discovery/core';

/**
 * The URL of a path below a target, guaranteed to stay below it and on its host.
 *
 * @throws DiscoveryError `InvalidPath` as `checkPath` of `@amplify-discovery/core`.
 */
export function buildServiceUrl(target: string, path: string, service: string): URL {
  checkPath(path, service);
  const url = new URL(target + path);
  // What the check promises, looked at once more on the result. A target is in the form that URL gives it.
  if (!url.href.startsWith(`${target}/`)) {
    throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" leaves the service`, { service });
  }
  return url;
}
