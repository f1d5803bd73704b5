import type { IncomingHttpHeaders } from 'node:http';

const ownHost = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;
const ownOrigin = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * Why a request must be refused as coming from elsewhere, or undefined. Its Host must be this machine, which stops DNS
 * rebinding, and its Origin, if it has one, a page served from this machine.
 */
export function findForeignCaller({
  host = '',
  origin,
  ...headers
}: IncomingHttpHeaders): { readonly errorType: string; readonly message: string } | undefined {
  if (!ownHost.test(host))
    return { errorType: 'ForbiddenHost', message: 'The Host header must be 127.0.0.1 or localhost.' };
  const isForeign = origin === undefined ? headers['sec-fetch-site'] === 'cross-site' : !ownOrigin.test(origin);
  return isForeign
    ? { errorType: 'ForbiddenOrigin', message: 'Only pages served from this machine may call it.' }
    : undefined;
}
