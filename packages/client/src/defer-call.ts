import type { Cancellable, ServiceCall } from './service-call.ts';

/** Amplify's brand of contexts, which all its copies share. */
export const contextBrand: unique symbol = Symbol.for('amplify.context');

/**
 * Makes one operation of a call that has to wait before it can be sent, or that is sent more than once: `cancel` and the
 * timeout, counted from the start of the call, hold for all of it. `run` gives each request it starts to `send`, which
 * starts nothing once the operation has ended.
 */
export function deferCall(
  { verb, startedAt }: ServiceCall,
  timeout: number | undefined,
  run: (send: (start: () => Cancellable) => Promise<unknown>) => Promise<unknown>,
): Cancellable {
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
      const nothing = verb({ [contextBrand]: true } as never, { apiName: '', path: '' });
      nothing.cancel(message);
      nothing.response.catch(fail);
    },
  };
}
