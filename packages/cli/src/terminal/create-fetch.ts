import { findProxies } from '@amplify-discovery/router/proxies';

/**
 * A fetch that honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which Node's own ignores on 20 and 22. Node's own if no proxy is
 * set.
 *
 * @param ca A certificate authority besides Node's own. @default none
 */
export function createFetch(env: Readonly<Record<string, string | undefined>>, ca?: string): typeof globalThis.fetch {
  const proxies = findProxies(env);
  if (!proxies) return globalThis.fetch;
  const connect = ca === undefined ? {} : { requestTls: { ca } };
  let loading: Promise<typeof globalThis.fetch> | undefined;
  const load = async () => {
    const { EnvHttpProxyAgent, fetch } = await import('undici');
    const dispatcher = new EnvHttpProxyAgent({ ...proxies, ...connect });
    const send = fetch as unknown as typeof globalThis.fetch;
    return (url: Parameters<typeof send>[0], init?: RequestInit) => send(url, { ...init, dispatcher } as RequestInit);
  };
  return async (url, init) => (await (loading ??= load()))(url, init);
}
