import type { EndpointKind } from './endpoint.ts';

/**
 * The URL, if requests may ever go there: over https or wss, to this machine's own names (development) over http or ws
 * as well, without userinfo, and to a host name of plain labels (not `a..com`, `a.com.` or `a.com;b`).
 */
export function parseSecureUrl(value: string): URL | undefined {
  try {
    const url = new URL(value);
    const { protocol, hostname, username, password } = url;
    const isLocal = /^(127\.0\.0\.1|localhost|\[::1])$/.test(hostname);
    const isSecure = (isLocal ? /^(http|ws)s?:$/ : /^(http|ws)s:$/).test(protocol);
    return isSecure && !username && !password && /^([\w-]+(\.[\w-]+)*|\[.*])$/.test(hostname) ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * RFC 3986's characters without those of query and hash: what two URL parsers could read differently (white space, control
 * characters, backslashes, Unicode look-alikes) is not among them, and encoded slashes, backslashes and dots are not either.
 */
const plainUrl = /^(http|ws)s?:\/\/[\w[](?!.*%(2f|5c|2e))[\w.~:/@!$&'()*+,;=%[\]-]*$/i;
const arn = /^arn:[\w-]+:[\w-]+:[\w-]*:\d*:[\w:/.$+=,@-]+$/;

/**
 * The target in its one canonical form, or undefined when it is not one that may ever be called: a secure URL (wss and ws
 * only for `websocket` and `events`) in plain ASCII without query, hash or trailing slash. An ARN for `function` and
 * `resource`.
 */
export function parseTarget(value: unknown, kind: EndpointKind): string | undefined {
  if (typeof value !== 'string' || value.length > 2048) return undefined;
  if (/function|resource/.test(kind)) return arn.test(value) ? value : undefined;
  const isWrongKind = /^ws/i.test(value) && !/events|websocket/.test(kind);
  return plainUrl.test(value) && !isWrongKind ? parseSecureUrl(value)?.href.replace(/\/+$/, '') : undefined;
}
