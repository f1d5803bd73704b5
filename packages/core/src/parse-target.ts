import type { EndpointKind } from './endpoint.ts';

/**
 * The URL, if requests may ever go there: over https or wss, to this machine's own names (development) over http or ws
 * as well, and without userinfo.
 */
export function parseSecureUrl(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isLocal = /^(127\.0\.0\.1|localhost|\[::1])$/.test(url.hostname);
  return (isLocal ? /^(http|ws)s?:$/ : /^(http|ws)s:$/).test(url.protocol) && !url.username && !url.password ? url : undefined;
}

/**
 * The target in its one canonical form, or undefined when it is not one that may ever be called: a secure URL (wss and ws
 * only for `websocket` and `events`) without query or hash, and without anything that two URL parsers could read
 * differently: white space, control characters, backslashes, encoded slashes or dots. An ARN for `function` and `resource`.
 */
export function parseTarget(value: unknown, kind: EndpointKind): string | undefined {
  if (typeof value !== 'string' || value.length > 2048) return undefined;
  if (/^(function|resource)$/.test(kind)) return /^arn:[\w-]+:[\w-]+:[\w-]*:\d*:[\w:/.$+=,@-]+$/.test(value) ? value : undefined;
  const scheme = /^(websocket|events)$/.test(kind) ? /^(http|ws)s?:\/\/\w/i : /^https?:\/\/[\w[]/i;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return scheme.test(value) && !/[\\?#\x00-\x20\x7f]|%2f|%5c|%2e/i.test(value) ? parseSecureUrl(value)?.href.replace(/\/+$/, '') : undefined;
}
