import { findEngine, loadEngine } from './load-engine.ts';
import type { Cancellable } from './service-call.ts';

/**
 * Starts a call by service name with the arguments of one of Amplify's verbs: input, or context and input. What resolves
 * and sends is loaded at the first call, so that it is no part of what an app loads before its first paint; for what Amplify
 * would throw at once, that call's response rejects.
 */
export function startCall(verb: unknown, method: string, args: readonly unknown[]): Cancellable {
  const startedAt = performance.now();
  const engine = findEngine();
  if (engine) return engine.callService(verb, method, args, startedAt);
  let operation: Cancellable | undefined;
  let cancel: ((started: Cancellable) => void) | undefined;
  return {
    response: loadEngine().then(({ callService }) => {
      operation = callService(verb, method, args, startedAt);
      cancel?.(operation);
      return operation.response;
    }),
    cancel(message) {
      cancel = (started) => started.cancel(message);
      if (operation) cancel(operation);
    },
  };
}
