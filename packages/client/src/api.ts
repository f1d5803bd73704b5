import type { AmplifyContext } from 'aws-amplify';
import * as amplify from 'aws-amplify/api';
import type { ServiceInput } from './service-call.ts';
import { startCall } from './start-call.ts';

export { isCancelError } from 'aws-amplify/api';
export type { ServiceInput };

/**
 * One of Amplify's verbs, by service name: the same input and the same `{response, cancel}`. May be called before discovery
 * has finished and before `Amplify.configure`. A context comes first, as with Amplify's own verbs.
 */
export interface ServiceVerb<Verb extends (...args: never[]) => unknown> {
  (context: AmplifyContext, input: ServiceInput<Parameters<Verb>[0]>): ReturnType<Verb>;
  // Last, because `Parameters` and inference take the last overload, as with Amplify's own verbs.
  (input: ServiceInput<Parameters<Verb>[0]>): ReturnType<Verb>;
}

function makeVerb<Verb extends (...args: never[]) => unknown>(verb: Verb, method: string): ServiceVerb<Verb> {
  return (...args: unknown[]) => startCall(verb, method, args) as ReturnType<Verb>;
}

/**
 * GET by service name.
 *
 * @example
 * ```ts
 * const { body } = await get({ apiName: 'user-management-service', path: '/users' }).response;
 * ```
 */
export const get: ServiceVerb<typeof amplify.get> = /* @__PURE__ */ makeVerb(amplify.get, 'GET');
/** POST by service name. Not repeated at a moved endpoint unless the input says `idempotent: true`. */
export const post: ServiceVerb<typeof amplify.post> = /* @__PURE__ */ makeVerb(amplify.post, 'POST');
/** PUT by service name. */
export const put: ServiceVerb<typeof amplify.put> = /* @__PURE__ */ makeVerb(amplify.put, 'PUT');
/** PATCH by service name. Not repeated at a moved endpoint unless the input says `idempotent: true`. */
export const patch: ServiceVerb<typeof amplify.patch> = /* @__PURE__ */ makeVerb(amplify.patch, 'PATCH');
/** DELETE by service name. */
export const del: ServiceVerb<typeof amplify.del> = /* @__PURE__ */ makeVerb(amplify.del, 'DELETE');
/** HEAD by service name. */
export const head: ServiceVerb<typeof amplify.head> = /* @__PURE__ */ makeVerb(amplify.head, 'HEAD');
