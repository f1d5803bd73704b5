/** The proxies that requests go through. */
export interface Proxies {
  /** For http; empty for none. */
  readonly httpProxy: string;
  /** For https; empty for none. */
  readonly httpsProxy: string;
  /** Hosts that are reached directly, with commas. */
  readonly noProxy: string;
}

/**
 * The proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, in either case; undefined where they name none, or `*` is
 * among the hosts that are reached directly. This machine's own names are never proxied.
 */
export function findProxies(env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  const find = (name: string) => env[name.toLowerCase()] || env[name] || '';
  const [httpProxy, httpsProxy, noProxy] = [find('HTTP_PROXY'), find('HTTPS_PROXY'), find('NO_PROXY')];
  if ((!httpProxy && !httpsProxy) || /(^|[\s,])\*([\s,]|$)/.test(noProxy)) return undefined;
  return { httpProxy, httpsProxy, noProxy: `${noProxy},localhost,127.0.0.1,[::1]` };
}
