import type { IncomingMessage, ServerResponse } from 'node:http';
import { createResolver, explainMiss, type Resolver } from '@amplify-discovery/core';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { createRouterListener } from '@amplify-discovery/router';

export interface RouterHandlerOptions {
  /** Read at each request, so that what was just registered counts. */
  readonly transport: GraphqlTransport;
  /** The prefix before stage and service in every path. */
  readonly mount: string;
  /** The hosts that requests may be forwarded to. */
  readonly trustedHosts: readonly string[];
  readonly now: () => number;
}

/** Callers choose the stages, so the number of cached ones is bounded. */
const maximumStages = 100;

/** Forwards `{mount}/{stage}/{service}/…` to what is registered. */
export function createRouterHandler({
  transport,
  mount,
  trustedHosts,
  now,
}: RouterHandlerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const resolvers = new Map<string, Resolver>();
  const source = registrySource({ transport });

  function discovery(stage: string): Resolver {
    const known = resolvers.get(stage);
    if (known) return known;
    const [oldest] = resolvers.keys();
    if (resolvers.size >= maximumStages && oldest !== undefined) resolvers.delete(oldest);
    const bounds = { freshSeconds: 0, staleWhileRevalidateSeconds: 0, recheckSeconds: 0 };
    const resolver = createResolver({ source, stage, trustedHosts, explainMiss, now, ...bounds });
    resolvers.set(stage, resolver);
    return resolver;
  }

  return createRouterListener({ discovery, stage: { inPath: 'any' }, mount, now });
}
