import type { IncomingHttpHeaders } from 'node:http';

const loopbackNames = ['127.0.0.1', 'localhost'];

/**
 * Why a request must be refused as coming from elsewhere, or undefined. Its Host must be this machine or one of the allowed
 * hosts, which stops DNS rebinding, and its Origin, if it has one, a page served from there.
 */
export function findForeignCaller(
  { host = '', origin, ...headers }: IncomingHttpHeaders,
  allowedHosts: readonly string[] = [],
): { readonly errorType: string; readonly message: string } | undefined {
  const names = [...loopbackNames, ...allowedHosts.map((name) => name.toLowerCase())];
  if (!names.includes(findHostname(host)))
    return { errorType: 'ForbiddenHost', message: `The Host header must be ${names.join(' or ')}.` };
  const isForeign =
    origin === undefined
      ? headers['sec-fetch-site'] === 'cross-site'
      : ![...names, '::1'].includes(findOriginName(origin));
  return isForeign
    ? { errorType: 'ForbiddenOrigin', message: 'Only pages served from this machine may call it.' }
    : undefined;
}

/** The name in `name:port`, without an IPv6 address's brackets; empty for anything else. */
function findHostname(host: string): string {
  const [, address, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (address ?? name ?? '').toLowerCase();
}

const findOriginName = (origin: string) => findHostname(/^https?:\/\/(.+)$/.exec(origin)?.[1] ?? '');
