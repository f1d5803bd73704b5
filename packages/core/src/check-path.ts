import { DiscoveryError } from './discovery-error.ts';

/**
 * Refuses a path that could lead out of its service. Endpoint and path are joined as text, so `@evil.com/x` or
 * `.evil.com/x` would change the host, and `/../x`, in any encoding, would leave the endpoint's own path.
 * This is what fits a browser's bundle; servers are stricter, see `findPathFault`.
 *
 * @throws DiscoveryError `InvalidPath` when the path doesn't start with exactly one `/`, has a `.` or `..` segment, or has a
 * backslash, a control character or a hash.
 *
 * @example
 * ```ts
 * checkPath('/users?active=1', 'user-management-service');
 * ```
 */
export function checkPath(path: string, service: string): void {
  const [pathname = ''] = path.split('?', 1);
  const fault = !/^\/(?!\/)/.test(path)
    ? 'does not start with one "/"'
    : // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      /[\\#\x00-\x1f\x7f]/.test(path)
      ? 'has a "\\", a "#" or a control character'
      : /(\/|%2f|%5c)(\.|%2e){1,2}($|\/|%2f|%5c)/i.test(pathname)
        ? 'has a dot segment'
        : undefined;
  if (fault) throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" ${fault}`, { service });
}
