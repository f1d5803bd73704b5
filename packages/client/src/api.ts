import type { AmplifyContext } from 'aws-amplify';
// By their names: some bundlers take a whole module of which a namespace is used, and this one brings GraphQL along.
import {
  del as amplifyDel,
  get as amplifyGet,
  head as amplifyHead,
  patch as amplifyPatch,
  post as amplifyPost,
  put as amplifyPut,
} from 'aws-amplify/api';
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
export const get: ServiceVerb<typeof amplifyGet> = /* @__PURE__ */ makeVerb(amplifyGet, 'GET');
/** POST by service name. Not repeated at a moved endpoint unless the input says `idempotent: true`. */
export const post: ServiceVerb<typeof amplifyPost> = /* @__PURE__ */ makeVerb(amplifyPost, 'POST');
/** PUT by service name. */
export const put: ServiceVerb<typeof amplifyPut> = /* @__PURE__ */ makeVerb(amplifyPut, 'PUT');
/** PATCH by service name. Not repeated at a moved endpoint unless the input says `idempotent: true`. */
export const patch: ServiceVerb<typeof amplifyPatch> = /* @__PURE__ */ makeVerb(amplifyPatch, 'PATCH');
/** DELETE by service name. */
export const del: ServiceVerb<typeof amplifyDel> = /* @__PURE__ */ makeVerb(amplifyDel, 'DELETE');
/** HEAD by service name. */
export const head: ServiceVerb<typeof amplifyHead> = /* @__PURE__ */ makeVerb(amplifyHead, 'HEAD');
