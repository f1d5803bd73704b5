import { hasGone, isIdempotent } from '@amplify-discovery/core';
import { findGlobalContext } from './amplify-context.ts';

import { prepareAtOnce, prepareCall, type PreparedCall } from './prepare-call.ts';
import type { Cancellable, DeferCall, ServiceCall } from './service-call.ts';

/**
 * Starts a call by service name with one of Amplify's verbs: resolves the name, applies the service's auth mode and the
 * trust rule, and sends; at once where everything is at hand, otherwise after waiting for it. When the failure looks as if
 * the endpoint had gone, the registry is asked again (all failing calls share that), and an idempotent call is repeated once
 * if there is another endpoint.
 *
 * The response rejects with what Amplify's verb rejects with, or with a DiscoveryError; `cancel` works from the start.
 */
export function callService(call: ServiceCall, defer: DeferCall): Cancellable {
  let prepared: PreparedCall | undefined;
  try {
    prepared = prepareAtOnce(call);
  } catch (error) {
    return defer(call, findTimeout(call), () => Promise.reject(error));
  }
  if (prepared) return sendCall(call, prepared, defer);
  return defer(call, findTimeout(call), async (send) => {
    const waited = await prepareCall(call);
    return send(() => sendCall(call, waited, defer));
  });
}

function sendCall(call: ServiceCall, { context, path, options, found }: PreparedCall, defer: DeferCall): Cancellable {
  const { verb, method, input } = call;
  const { apiName, idempotent = isIdempotent(method) } = input;
  let operation = verb(context, { apiName, path, options });
  if (!found) return operation;
  const { resolver, resolution } = found;
  let isCancelled = false;

  function recover(error: unknown): Promise<unknown> {
    if (isCancelled || !hasGone(error)) throw error;
    operation = defer(call, findTimeout(call), async (send) => {
      await resolver.recheck(resolution);
      const next = await prepareCall(call).catch(() => undefined);
      const target = next?.found?.resolution.endpoint.target ?? resolution.endpoint.target;
      if (!idempotent || !next || target === resolution.endpoint.target) throw error;
      const once = { ...next.options, retryStrategy: { strategy: 'no-retry' } } as const;
      return send(() => verb(next.context, { apiName, path: next.path, options: once }));
    });
    return operation.response;
  }

  return {
    response: operation.response.catch(recover),
    cancel(message) {
      isCancelled = true;
      operation.cancel(message);
    },
  };
}

/** The call's own timeout, else that of Amplify's library options, in milliseconds. */
function findTimeout({ context = findGlobalContext(), method, input }: ServiceCall): number | undefined {
  const { apiName, options } = input;
  return options?.timeout || context?.libraryOptions.API?.REST?.timeout?.({ apiName, method });
}
