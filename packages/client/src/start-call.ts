import type { AmplifyContext } from 'aws-amplify';
import type { get } from 'aws-amplify/api';
import type { ServiceName } from './service-name.ts';

/** What Amplify's verbs take. */
export type AmplifyInput = Parameters<typeof get>[0];

/** Amplify's input with a service's name, and what Amplify can't know. */
export type ServiceInput<Input = AmplifyInput> = Omit<Input, 'apiName'> & {
  readonly apiName: ServiceName;
  /** Whether the request may be repeated at a moved endpoint. @default true for GET, HEAD, PUT and DELETE (RFC 9110, 9.2.2) */
  readonly idempotent?: boolean;
};

/** What every verb returns. */
export interface Cancellable {
  response: Promise<unknown>;
  cancel(message?: string): void;
}

/** One of Amplify's verbs, as far as it matters here. */
export type AmplifyVerb<Operation> = (context: AmplifyContext, input: AmplifyInput) => Operation;

let engine: Promise<typeof import('./engine.ts')> | undefined;

/**
 * Starts a call by service name. What resolves and sends is loaded at the first call, so that it is no part of what an app
 * loads before its first paint. `cancel` works from the start.
 */
export function startCall<Operation extends Cancellable>(
  verb: AmplifyVerb<Operation>,
  isIdempotent: boolean,
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
      call = callService(verb, isIdempotent, context, input);
      cancel?.(call);
      return call.response;
    }),
    cancel(message?: string) {
      cancel = (started) => started.cancel(message);
      if (call) cancel(call);
    },
  } as Operation;
}
