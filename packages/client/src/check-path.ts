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
    // Only dot segments can lead out of the endpoint's own path, and few paths have something that looks like one.
    if (!/\/(\.|%2e)/i.test(path)) return;
    const base = endpoint.replace(/\/+$/, '');
    const { href } = new URL(endpoint + path);
    if (href.startsWith(base) && /^([/?#]|$)/.test(href.slice(base.length))) return;
  }
  throw new DiscoveryError('InvalidPath', `"${path}" is no path of "${service}"`, { service });
}
