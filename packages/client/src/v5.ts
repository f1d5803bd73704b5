import {
  del as amplifyDel,
  get as amplifyGet,
  head as amplifyHead,
  isCancelError,
  patch as amplifyPatch,
  post as amplifyPost,
  put as amplifyPut,
} from 'aws-amplify/api';
import { amplifyParts } from './amplify-parts.ts';
import { loadEngine } from './load-engine.ts';
import { makeAxiosError } from './make-axios-error.ts';
import type { ServiceName } from './service-name.ts';
import type * as v5CallModule from './v5-call.ts';
import { v5Cancels } from './v5-cancels.ts';
import { addV5Configuration, type V5Config, type V5Configuration } from './v5-configuration.ts';
import type { V5Init } from './v5-init.ts';

export type { V5Config, V5Endpoint } from './v5-configuration.ts';
export type { V5Init } from './v5-init.ts';

/** What a call with `response: true` resolves with. */
// oxlint-disable-next-line typescript/no-explicit-any -- v5's own contract: its callers read what they get without a type
export interface V5Response<Data = any> {
  readonly data: Data;
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** A call as Amplify v5 makes it. */
// oxlint-disable-next-line typescript/no-explicit-any -- v5's own contract, as above
export type V5Verb = <Data = any>(apiName: ServiceName, path: string, init?: V5Init | null) => Promise<Data>;

/** `API` of Amplify v5 without `graphql`, which `amplify-discovery/v5/graphql` has. */
export interface V5Api {
  readonly get: V5Verb;
  readonly post: V5Verb;
  readonly put: V5Verb;
  readonly patch: V5Verb;
  readonly del: V5Verb;
  readonly head: V5Verb;
  /**
   * Lists endpoints of the app's own, which win over discovered ones, with their `custom_header`. Takes what v5's took, also
   * a whole configuration; a generated one's endpoints serve where discovery has no other. Amplify's configuration stays as
   * it is.
   */
  configure(options?: object | null): V5Config;
  /** The URL that a service is called at; empty for an unknown name. */
  endpoint(apiName: ServiceName): Promise<string>;
  /** Cancels the call that returned this promise. False when no call of this `API` did. */
  cancel(call: Promise<unknown>, message?: string): boolean;
  /** Whether `cancel` can be used with this promise. */
  hasCancelToken(call: Promise<unknown>): boolean;
  /** Whether a call was rejected because it was cancelled. */
  isCancel(error: unknown): boolean;
}

let configuration: V5Configuration = { config: { endpoints: [] }, isGenerated: false };

/** What makes calls is loaded at the first one, so that it is no part of what an app loads before its first paint. */
async function loadCalls(): Promise<readonly [typeof v5CallModule, v5CallModule.V5Scope]> {
  try {
    const [engine, calls] = await Promise.all([loadEngine(), import('./v5-call.ts')]);
    return [calls, { engine, amplify: amplifyParts, isCancelError, getConfiguration: () => configuration }];
  } catch (cause) {
    throw makeAxiosError('Network Error', 'ERR_NETWORK', cause);
  }
}

function makeVerb(verb: unknown, method: string): V5Verb {
  return (apiName, path, init) => {
    const call = { verb, method, apiName, path, init: init ?? {}, startedAt: performance.now() };
    const starting = loadCalls().then(([{ startV5Call }, scope]) => startV5Call(scope, call));
    const result = starting.then(({ response }) => response);
    v5Cancels.set(result, (message) => {
      // Where the code of calls can't be loaded, the result says so.
      starting.then(
        ({ cancel }) => cancel(message),
        () => {},
      );
    });
    return result as Promise<never>;
  };
}

/**
 * `API` in the shape of Amplify v5, for code that has it, by service name.
 *
 * @example
 * ```ts
 * const users = await API.get('user-management-service', '/users');
 * ```
 */
export const API: V5Api = {
  get: makeVerb(amplifyGet, 'GET'),
  post: makeVerb(amplifyPost, 'POST'),
  put: makeVerb(amplifyPut, 'PUT'),
  patch: makeVerb(amplifyPatch, 'PATCH'),
  del: makeVerb(amplifyDel, 'DELETE'),
  head: makeVerb(amplifyHead, 'HEAD'),
  configure(options) {
    configuration = addV5Configuration(configuration, options);
    return configuration.config;
  },
  async endpoint(apiName) {
    const [{ findV5Address }, scope] = await loadCalls();
    return findV5Address(scope, apiName);
  },
  cancel(call, message) {
    const cancel = v5Cancels.get(call);
    cancel?.(message);
    return !!cancel;
  },
  hasCancelToken: (call) => v5Cancels.has(call),
  isCancel: isCancelError,
};
