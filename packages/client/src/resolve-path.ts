import { DiscoveryError } from '@amplify-discovery/core';

/**
 * The URL that an endpoint and a path make, which is on the endpoint's own origin and below its own path.
 *
 * Amplify joins the two as text, so a path such as `@evil.com/x` or `.evil.com/x` would change the host, and `/../x` would leave
 * the service.
 *
 * @throws DiscoveryError `InvalidPath`.
 */
export function resolvePath(endpoint: string, path: string, service: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/^(\/(?!\/)[^\\\x00-\x1f]*)?$/.test(path)) {
    const base = new URL(endpoint);
    const url = new URL(endpoint + path);
    if (url.origin === base.origin && `${url.pathname}/`.startsWith(base.pathname.replace(/\/*$/, '/'))) return url.href;
  }
  throw new DiscoveryError('InvalidPath', `"${path}" is no path of "${service}"`, { service });
}
