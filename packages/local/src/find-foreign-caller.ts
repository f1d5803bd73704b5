import type { IncomingHttpHeaders } from 'node:http';

const ownHost = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;
const ownOrigin = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * Why a request isn't one of this machine's own, if so: only those that name this machine as host are let in, which stops
 * pages that rebind their DNS name, and browsers only with pages served from this machine.
 */
export function findForeignCaller({
  host = '',
  origin,
  ...headers
}: IncomingHttpHeaders): { readonly errorType: string; readonly message: string } | undefined {
  if (!ownHost.test(host)) return { errorType: 'ForbiddenHost', message: 'Only 127.0.0.1 and localhost are served.' };
  const isForeign = origin === undefined ? headers['sec-fetch-site'] === 'cross-site' : !ownOrigin.test(origin);
  return isForeign ? { errorType: 'ForbiddenOrigin', message: 'Only pages of this machine are served.' } : undefined;
}
