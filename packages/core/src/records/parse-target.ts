import { parseSecureUrl } from '../trust/parse-secure-url.ts';
import type { EndpointKind } from './endpoint-kind.ts';

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
