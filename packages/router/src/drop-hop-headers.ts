import type { Header } from './router-request.ts';

/** RFC 9110 §7.6.1, with Trailer, since trailers aren't passed on, and Proxy, which some servers read as a setting (CVE-2016-5385). */
const hopByHop = new Set(
  [
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'proxy',
    'te',
    'trailer',
  ].concat(['transfer-encoding', 'upgrade', 'http2-settings']),
);

/**
 * The headers that are for the other end: those of one connection are left out, also the ones that Connection names.
 */
export function dropHopHeaders(headers: readonly Header[]): readonly Header[] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
    .map((token) => token.trim().toLowerCase());
  const dropped = new Set(named);
  return headers.filter(([name]) => !hopByHop.has(name.toLowerCase()) && !dropped.has(name.toLowerCase()));
}
