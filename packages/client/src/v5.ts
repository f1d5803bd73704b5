import * as amplify from 'aws-amplify/api';
import { getDiscovery } from './get-discovery.ts';
import type { ServiceName } from './service-name.ts';
import { startCall } from './start-call.ts';

/** What a call may carry, as in Amplify v5. */
export interface V5Init {
  readonly headers?: Record<string, string>;
  /** Sent as JSON; FormData as it is. */
  readonly body?: unknown;
  /** An array repeats its key; undefined and null are left out. */
  readonly queryStringParameters?: Readonly<Record<string, unknown>>;
  /** Resolve with the whole response instead of its data. @default false */
  readonly response?: boolean;
  /** How the data is read. @default 'json', text where it is no JSON */
  readonly responseType?: 'json' | 'text' | 'blob';
  /** Milliseconds. @default none */
  readonly timeout?: number;
  readonly withCredentials?: boolean;
}

/** What a call with `response: true` resolves with. */
// oxlint-disable-next-line typescript/no-explicit-any -- v5's own contract: its callers read what they get without a type
export interface V5Response<Data = any> {
  readonly data: Data;
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** A call as Amplify v5 makes it. */
// oxlint-disable-next-line typescript/no-explicit-any -- v5's own contract, as above
export type V5Verb = <Data = any>(apiName: ServiceName, path: string, init?: V5Init) => Promise<Data>;

const cancels = new WeakMap<Promise<unknown>, (message?: string) => void>();

function makeVerb(verb: unknown, method: string): V5Verb {
  return (apiName, path, init = {}) => {
    const { headers = {}, body, queryStringParameters = {}, timeout, withCredentials } = init;
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(queryStringParameters)) {
      for (const one of [value].flat()) if (one != null) query.append(key, String(one));
    }
    const operation = startCall(verb, method, [
      {
        apiName,
        path: `${query}` ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path,
        options: {
          headers,
          retryStrategy: { strategy: 'no-retry' },
          ...(body !== undefined && { body: body as FormData }),
          ...(timeout && { timeout }),
          ...(withCredentials && { withCredentials }),
        },
      },
    ]) as ReturnType<typeof amplify.get>;
    const result = operation.response.then(
      async ({ body: payload, statusCode: status, headers: received }) => {
        const data =
          init.responseType === 'blob' ? await payload.blob() : parse(await payload?.text(), init.responseType);
        return init.response ? { data, status, headers: received } : data;
      },
      (error: unknown) => {
        throw toV5Error(error, apiName);
      },
    );
    cancels.set(result, operation.cancel);
    return result as Promise<never>;
  };
}

function parse(text = '', responseType?: string): unknown {
  try {
    return responseType === 'text' ? text : JSON.parse(text);
  } catch {
    return text;
  }
}

/** The error as v5's callers know it: `response.status` and `response.data`; a plain string for an unknown name. */
function toV5Error(error: unknown, apiName: string): unknown {
  const { code, name, response } = error as {
    code?: string;
    name?: string;
    response?: { statusCode: number; headers: object; body?: string };
  };
  if (code === 'ServiceNotFound') return `API ${apiName} does not exist`;
  if (response) {
    const { statusCode: status, headers, body } = response;
    return Object.assign(new Error(`Request failed with status code ${status}`, { cause: error }), {
      response: { status, headers, data: parse(body) },
    });
  }
  return /^(Network|Type)Error$/.test(`${name}`) ? new Error('Network Error', { cause: error }) : error;
}

/**
 * `API` in the shape of Amplify v5, for code that has it, by service name.
 *
 * @example
 * ```ts
 * const users = await API.get('user-management-service', '/users');
 * ```
 */
export const API: {
  readonly get: V5Verb;
  readonly post: V5Verb;
  readonly put: V5Verb;
  readonly patch: V5Verb;
  readonly del: V5Verb;
  readonly head: V5Verb;
  /** The URL that a service is called at. */
  endpoint(apiName: ServiceName): Promise<string>;
  /** Cancels the call that returned this promise. False when it is none of ours. */
  cancel(call: Promise<unknown>, message?: string): boolean;
  /** Tells whether a call was rejected because it was cancelled. */
  isCancel(error: unknown): boolean;
} = {
  get: makeVerb(amplify.get, 'GET'),
  post: makeVerb(amplify.post, 'POST'),
  put: makeVerb(amplify.put, 'PUT'),
  patch: makeVerb(amplify.patch, 'PATCH'),
  del: makeVerb(amplify.del, 'DELETE'),
  head: makeVerb(amplify.head, 'HEAD'),
  async endpoint(apiName) {
    const discovery = await getDiscovery();
    const own = discovery.options.config?.API?.REST?.[apiName];
    return own?.endpoint ?? (await discovery.resolve(apiName)).endpoint.target;
  },
  cancel(call, message) {
    const cancel = cancels.get(call);
    cancel?.(message);
    return !!cancel;
  },
  isCancel: amplify.isCancelError,
};
