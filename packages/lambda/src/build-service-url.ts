import { DiscoveryError } from '@amplify-discovery/core';

/**
 * The URL of a path below a target, guaranteed to stay below it and on its host.
 *
 * @throws DiscoveryError `InvalidPath` when the path doesn't start with exactly one `/`, climbs (`..`, in any encoding),
 * or has a backslash, white space, a control character or a hash.
 */
export function buildServiceUrl(target: string, path: string, service: string): URL {
  const [pathname, query] = splitOnce(path, '?');
  const invalid = (what: string) =>
    new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" ${what}`, { service });
  if (!/^\/(?!\/)/.test(path)) throw invalid('does not start with exactly one "/"');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\\\x00-\x20\x7f#]/.test(path)) throw invalid('has a backslash, white space, a control character or "#"');
  if (/(^|\/|%2f|%5c)(\.|%2e){1,2}($|\/|%2f|%5c)/i.test(pathname)) throw invalid('has a "." or ".." segment');
  const base = new URL(target);
  const url = new URL(`${target}${pathname}${query === undefined ? '' : `?${query}`}`);
  // What the checks above promise, looked at once more on the result.
  if (
    url.origin !== base.origin ||
    !url.pathname.startsWith(base.pathname.replace(/\/$/, '') + '/') ||
    url.username ||
    url.password
  ) {
    throw invalid('leaves the service');
  }
  return url;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
