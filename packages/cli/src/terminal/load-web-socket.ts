import type { WatchOptions } from '@amplify-discovery/registry/notices';
import { findProxies } from '@amplify-discovery/router/proxies';

/** A WebSocket, which Node 20 lacks, that honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which that of Node 22 ignores. */
export async function loadWebSocket(
  env: Readonly<Record<string, string | undefined>>,
): Promise<WatchOptions['WebSocket']> {
  const { EnvHttpProxyAgent, WebSocket } = await import('undici');
  const proxies = findProxies(env);
  const dispatcher = proxies && new EnvHttpProxyAgent(proxies);
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, { protocols, ...(dispatcher && { dispatcher }) });
    }
  };
}
