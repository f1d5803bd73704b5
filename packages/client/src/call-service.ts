import { hasGone, isIdempotent, type Endpoint } from '@amplify-discovery/core';
import type { AmplifyContext } from 'aws-amplify';
import { findGlobalContext } from './amplify-context.ts';
import type { AmplifyParts } from './amplify-parts.ts';
import { contextBrand, deferCall } from './defer-call.ts';
import { prepareAtOnce, prepareCall, type PreparedCall } from './prepare-call.ts';
import type { AmplifyVerb, Cancellable, ServiceCall, ServiceInput } from './service-call.ts';

/**
 * Starts a call by service name with one of Amplify's verbs and its arguments: resolves the name, applies the service's auth mode and the
 * trust rule, and sends; at once where everything is at hand, otherwise after waiting for it. When the failure looks as if
 * the endpoint had gone, the registry is asked again (all failing calls share that), and an idempotent call is repeated once
 * if there is another endpoint.
 *
 * The response rejects with what Amplify's verb rejects with, or with a DiscoveryError; `cancel` works from the start.
 */
export function callService(
  amplify: AmplifyParts,
  verb: unknown,
  method: string,
  args: readonly unknown[],
  startedAt: number,
): Cancellable {
  const context = isContext(args[0]) ? args[0] : undefined;
  const input = args[context ? 1 : 0] as ServiceInput | undefined;
  const isWrong = !input || (!context && args.some(isContext));
  // Amplify's own error says what is wrong with such arguments.
  if (isWrong) return (verb as (...args: unknown[]) => Cancellable)(...args);
  return makeCall({ amplify, verb: verb as AmplifyVerb, method, context, input, startedAt });
}

function makeCall(call: ServiceCall): Cancellable {
  let prepared: PreparedCall | undefined;
  try {
    prepared = prepareAtOnce(call);
  } catch (error) {
    return deferCall(call, findTimeout(call), () => Promise.reject(error));
  }
  if (prepared) return sendCall(call, prepared);
  return deferCall(call, findTimeout(call), async (send) => {
    const waited = await prepareCall(call);
    return send(() => sendCall(call, waited));
  });
}

function sendCall(call: ServiceCall, { context, path, options, found }: PreparedCall): Cancellable {
  const { verb, method, input } = call;
  const { apiName, idempotent = isIdempotent(method) } = input;
  if (!found) return verb(context, { apiName, path, options });
  const { resolver, resolution, intercept } = found;
  let operation = intercept?.(method, path, resolution.endpoint) ?? verb(context, { apiName, path, options });
  let isCancelled = false;

  function recover(error: unknown): Promise<unknown> {
    if (isCancelled || !hasGone(error)) throw error;
    // Of a host that is silent it is still under way.
    operation.cancel();
    operation = deferCall(call, findTimeout(call), async (send) => {
      await resolver.recheck(resolution, { hasAnswered: !!(error as { response?: unknown }).response });
      const next = await prepareCall(call).catch(() => undefined);
      const target = next?.found?.resolution.endpoint.target ?? resolution.endpoint.target;
      if (!idempotent || !next || target === resolution.endpoint.target) throw error;
      const once = { ...next.options, retryStrategy: { strategy: 'no-retry' } } as const;
      return send(
        () =>
          intercept?.(method, next.path, next.found?.resolution.endpoint as Endpoint) ??
          verb(next.context, { apiName, path: next.path, options: once }),
      );
    });
    return operation.response;
  }

  return {
    response: (idempotent ? resolver.awaitAnswer(resolution, operation.response) : operation.response).catch(recover),
    cancel(message) {
      isCancelled = true;
      operation.cancel(message);
    },
  };
}

const isContext = (value: unknown): value is AmplifyContext =>
  typeof value === 'object' && !!value && contextBrand in value;

/** The call's own timeout, else that of Amplify's library options, in milliseconds. */
function findTimeout({
  amplify,
  context = findGlobalContext(amplify),
  method,
  input,
}: ServiceCall): number | undefined {
  const { apiName, options } = input;
  return options?.timeout || context?.libraryOptions.API?.REST?.timeout?.({ apiName, method });
}
