import { amplifyParts } from './amplify-parts.ts';
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
  if (engine) return engine.callService(amplifyParts, verb, method, args, startedAt);
  const starting = loadEngine().then(({ callService }) => callService(amplifyParts, verb, method, args, startedAt));
  return {
    response: starting.then(({ response }) => response),
    cancel(message) {
      // Where the engine can't be loaded, the response says so.
      starting.then(
        ({ cancel }) => cancel(message),
        () => {},
      );
    },
  };
}
