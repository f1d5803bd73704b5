import { isLocalHost } from './is-local-host.ts';

/**
 * The URL, if requests may ever go there: over https or wss, to this machine's own names (development) over http or ws
 * as well, without userinfo, and to a host name of plain labels (not `a..com`, `a.com.` or `a.com;b`).
 */
export function parseSecureUrl(value: string): URL | undefined {
  try {
    const url = new URL(value);
    const { protocol, hostname, username, password } = url;
    const isSecure = (isLocalHost(hostname) ? /^(http|ws)s?:$/ : /^(http|ws)s:$/).test(protocol);
    return isSecure && !username && !password && /^([\w-]+(\.[\w-]+)*|\[.*])$/.test(hostname) ? url : undefined;
  } catch {
    return undefined;
  }
}
