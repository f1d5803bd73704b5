import { findHeaders, type HeaderList } from '../route/header-list.ts';

/** Headers of one connection, RFC 9110 §7.6.1, with Trailer, since trailers aren't passed on. */
export const hopHeaders: ReadonlySet<string> = new Set(
  [
    'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade',
    'http2-settings',
  ].flatMap((line) => line.split(' ')),
);

/** The names that Connection lists, in lower case: these headers are for one connection as well. */
export function findConnectionNames(headers: HeaderList): readonly string[] {
  const lines = findHeaders(headers, 'connection');
  if (lines.length === 0) return lines;
  return lines.flatMap((line) => line.split(',').map((token) => token.trim().toLowerCase()));
}
