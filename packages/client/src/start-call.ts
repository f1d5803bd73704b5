import type { AmplifyContext } from 'aws-amplify';
import type * as engineModule from './engine.ts';
import type { AmplifyVerb, Cancellable, ServiceInput } from './service-call.ts';

let engine: Promise<typeof engineModule> | undefined;

/**
 * Starts a call by service name. What resolves and sends is loaded at the first call, so that it is no part of what an app
 * loads before its first paint. `cancel` works from the start.
 */
export function startCall<Operation extends Cancellable>(
  verb: AmplifyVerb<Operation>,
  method: string,
  context: AmplifyContext | undefined,
  input: ServiceInput,
): Operation {
  let cancel: ((started: Cancellable) => void) | undefined;
  let call: Cancellable | undefined;
  engine ??= import('./engine.ts').catch((error: unknown) => {
    // A chunk that could not be fetched may be there at the next call.
    engine = undefined;
    throw error;
  });
  return {
    response: engine.then(({ callService }) => {
      call = callService(verb, method, context, input);
      cancel?.(call);
      return call.response;
    }),
    cancel(message?: string) {
      cancel = (started) => started.cancel(message);
      if (call) cancel(call);
    },
  } as Operation;
}
