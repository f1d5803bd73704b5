import type { IncomingMessage, ServerResponse } from 'node:http';
import { createResolver, type Resolver } from '@amplify-discovery/core';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { createRouterListener } from '@amplify-discovery/router';
import { findForeignCaller } from './find-foreign-caller.ts';

export interface RouterMountOptions {
  /** The registry's own GraphQL endpoint. */
  readonly url: string;
  readonly apiKey: string;
  /** Where requests may be forwarded to. */
  readonly trustedHosts: readonly string[];
  readonly now: () => number;
}

const maximumStages = 100;

/**
 * Forwards `/r/{stage}/{service}/…` to what is registered, and tells other handlers of the same server (false) that a path
 * is not its own. What was registered a moment ago counts. Pages from elsewhere are refused, as by the registry itself.
 */
export function createRouterMount(
  options: RouterMountOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const { url, apiKey, trustedHosts, now } = options;
  const resolvers = new Map<string, Resolver>();
  const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });

  function discovery(stage: string): Resolver {
    const known = resolvers.get(stage);
    if (known) return known;
    const [oldest] = resolvers.keys();
    if (resolvers.size >= maximumStages && oldest !== undefined) resolvers.delete(oldest);
    const bounds = { freshSeconds: 0, staleWhileRevalidateSeconds: 0, recheckSeconds: 0 };
    const resolver = createResolver({ source, stage, trustedHosts, now, ...bounds });
    resolvers.set(stage, resolver);
    return resolver;
  }

  const listener = createRouterListener({ discovery, stage: { inPath: 'any' }, mount: '/r', now });
  return async (request, response) => {
    if (!request.url?.startsWith('/r/')) return false;
    const foreign = findForeignCaller(request.headers);
    if (foreign) {
      response.writeHead(403, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify({ code: foreign.errorType, message: foreign.message }));
      return true;
    }
    listener(request, response);
    return true;
  };
}
