const loopbackNames = ['127.0.0.1', 'localhost'];

/** Those of a request to a server on this machine that say where it comes from. */
export interface CallerHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | undefined;
}

export interface CallerRule {
  /** Names and addresses by which the server may be called, beside this machine's own. @default none */
  readonly allowedHosts?: readonly string[] | undefined;
  /** The one origin whose pages may call it: `http://127.0.0.1:4440`. @default every one of those hosts, at any port */
  readonly pageOrigin?: string | undefined;
}

/**
 * Why a request to a server on this machine must be refused as coming from elsewhere, or undefined. Its Host must be this
 * machine or one of the allowed hosts, which stops DNS rebinding, and its Origin, if it has one, that of a page that may call.
 */
export function findForeignCaller(
  { host = '', origin, 'sec-fetch-site': site }: CallerHeaders,
  { allowedHosts = [], pageOrigin }: CallerRule = {},
): { readonly errorType: string; readonly message: string } | undefined {
  const names = [...loopbackNames, ...allowedHosts.map((name) => name.toLowerCase())];
  if (!names.includes(findHostname(host)))
    return { errorType: 'ForbiddenHost', message: `The Host header must be ${names.join(' or ')}.` };
  if (pageOrigin !== undefined) {
    const isForeign = (origin ?? pageOrigin) !== pageOrigin || !/^(same-origin|none)$/.test(site ?? 'none');
    return isForeign ? { errorType: 'ForbiddenOrigin', message: 'Only pages of this server may call it.' } : undefined;
  }
  const isForeign = origin === undefined ? site === 'cross-site' : ![...names, '::1'].includes(findOriginName(origin));
  return isForeign
    ? { errorType: 'ForbiddenOrigin', message: 'Only pages served from this machine may call it.' }
    : undefined;
}

/** The name in `name:port`, without an IPv6 address's brackets; empty for anything else. */
function findHostname(host: string): string {
  const [, address, name] = /^(?:\[([\da-f]*:[\da-f:.]*)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (address ?? name ?? '').toLowerCase();
}

const findOriginName = (origin: string) => findHostname(/^https?:\/\/(.+)$/.exec(origin)?.[1] ?? '');
