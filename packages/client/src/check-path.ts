import { DiscoveryError } from '@amplify-discovery/core';

/**
 * Refuses a path that would leave its service. Amplify joins endpoint and path as text, so a path such as `@evil.com/x` or
 * `.evil.com/x` would change the host, and `/../x` would leave the endpoint's own path.
 *
 * @throws DiscoveryError `InvalidPath`.
 */
export function checkPath(endpoint: string, path: string, service: string): void {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/^(\/(?!\/)[^\\\x00-\x1f]*)?$/.test(path)) {
    const base = endpoint.replace(/\/+$/, '');
    const rest = new URL(endpoint + path).href;
    // What a URL parser makes of the whole still starts with the endpoint.
    if (rest.startsWith(base) && /^([/?#]|$)/.test(rest.slice(base.length))) return;
  }
  throw new DiscoveryError('InvalidPath', `"${path}" is no path of "${service}"`, { service });
}
