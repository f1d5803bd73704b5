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
  const names = headers.map(([name]) => name.toLowerCase());
  const named = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name !== 'connection') continue;
    for (const token of headers[index]?.[1].split(',') ?? []) named.add(token.trim().toLowerCase());
  }
  return headers.filter((_, index) => !hopByHop.has(names[index] ?? '') && !named.has(names[index] ?? ''));
}
