import type { AmplifyContext } from 'aws-amplify';
import { findEngine, loadEngine } from './load-engine.ts';
import type { AmplifyVerb, Cancellable, DeferCall, ServiceInput } from './service-call.ts';

/** Amplify's brand of contexts, which all its copies share. */
const brand = Symbol.for('amplify.context');
const isContext = (value: unknown): value is AmplifyContext => typeof value === 'object' && !!value && brand in value;

/**
 * Starts a call by service name with the arguments of one of Amplify's verbs: input, or context and input. What resolves
 * and sends is loaded at the first call, so that it is no part of what an app loads before its first paint.
 */
export function startCall(verb: unknown, method: string, args: readonly unknown[]): Cancellable {
  const context = isContext(args[0]) ? args[0] : undefined;
  const input = args[context ? 1 : 0] as ServiceInput | undefined;
  // Amplify's own error says what is wrong with such arguments.
  if (!input || (!context && args.some(isContext))) return (verb as (...args: unknown[]) => Cancellable)(...args);
  const call = { verb: verb as AmplifyVerb, method, context, input, startedAt: performance.now() };
  const engine = findEngine();
  if (engine) return engine.callService(call, deferCall);
  return deferCall(call, input.options?.timeout, async (send) => {
    const { callService } = await loadEngine();
    return send(() => callService(call, deferCall));
  });
}

const deferCall: DeferCall = ({ verb, startedAt }, timeout, run) => {
  // As Amplify does, at once.
  if (timeout && timeout < 0) throw new Error('Timeout must be a non-negative number');
  let operation: Cancellable | undefined;
  let isOver = false;
  let fail: (reason: unknown) => void;
  const response = new Promise((resolve, reject) => {
    fail = reject;
    run((start) => (isOver ? new Promise(() => {}) : (operation = start()).response)).then(resolve, reject);
  });

  function end(error: unknown, message?: string): void {
    isOver = true;
    fail(error);
    operation?.cancel(message);
  }

  if (timeout) {
    setTimeout(
      () => {
        const name = 'TimeoutError';
        end(Object.assign(new Error(`Request timeout after ${timeout}ms`), { name }), name);
      },
      startedAt + timeout - performance.now(),
    );
  }

  return {
    response,
    cancel(message) {
      isOver = true;
      operation?.cancel(message);
      // Amplify alone can make the error that its isCancelError knows: a call without endpoint, cancelled before it fails.
      const nothing = verb({ [brand]: true } as never, { apiName: '', path: '' });
      nothing.cancel(message);
      nothing.response.catch(fail);
    },
  };
};
