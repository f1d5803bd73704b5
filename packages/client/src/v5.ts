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
import { markEntry } from './rest-entry.ts';
import type { Cancellable, ListedEntry, V5Input } from './service-call.ts';
import type { ServiceName } from './service-name.ts';
import { startCall } from './start-call.ts';
import type { V5GraphqlOptions, V5Subscription } from './v5-graphql.ts';

/** What a call may carry, as in Amplify v5. */
export interface V5Init {
  /** Undefined and null are left out. An `Authorization`, even an empty one, keeps the request from being signed. */
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  /** Sent as JSON, also a string; FormData as it is. */
  readonly body?: unknown;
  /** An array repeats its key; a key replaces the same one in the path. */
  readonly queryStringParameters?: Readonly<Record<string, unknown>> | null | undefined;
  /** Resolve with the whole response instead of its data. @default false */
  readonly response?: boolean | undefined;
  /** How the data is read. @default 'json', text where it is not JSON */
  readonly responseType?: 'json' | 'text' | 'blob' | 'arraybuffer' | 'document' | undefined;
  /** Milliseconds, discovery included. @default none */
  readonly timeout?: number | undefined;
  readonly withCredentials?: boolean | undefined;
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
export type V5Verb = <Data = any>(apiName: ServiceName, path: string, init?: V5Init | null) => Promise<Data>;

/** An API that the app lists itself, as in Amplify v5's `API.endpoints`. */
export interface V5Endpoint {
  readonly name: string;
  readonly endpoint: string;
  readonly region?: string | undefined;
  readonly service?: string | undefined;
  /** Headers of every call. */
  readonly custom_header?: (() => HeadersOf | Promise<HeadersOf>) | undefined;
}
type HeadersOf = Record<string, string>;

/** Amplify v5's configuration of its API category. */
export interface V5Config {
  readonly endpoints?: readonly V5Endpoint[] | undefined;
  readonly region?: string | undefined;
  readonly [option: string]: unknown;
}

type CancelCall = (message?: string) => void;

const cancels = new WeakMap<Promise<unknown>, CancelCall>();
let configured: V5Config = { endpoints: [] };
/** Whether those endpoints are from a generated file, and so serve only where discovery has no other. */
let isGenerated = false;
/** What a refusal has told about this machine's clock: milliseconds that it is behind. */
let clockOffset = 0;

function makeVerb(verb: unknown, method: string): V5Verb {
  return (apiName, path, init) => {
    const input = makeInput(apiName, path, init ?? {});
    let cancelled: { readonly message: string } | undefined;
    let operation: Cancellable;
    const start = () => {
      operation = startCall(verb, method, [clockOffset ? { ...input, finish } : input]);
      return operation.response as Promise<AmplifyAnswer>;
    };
    const finish: V5Input['finish'] = async (prepared) => {
      const { signByClock } = await import('./sign-by-clock.ts');
      return signByClock(prepared, input.apiName, method, Date.now() + clockOffset);
    };
    const result = start()
      .catch((error: unknown) => {
        if (cancelled || !correctClock(error)) throw error;
        return start();
      })
      .then(
        (answer) => readAnswer(answer, init ?? {}),
        async (error: unknown) => {
          if (isCancelError(error)) throw Object.assign(error, { code: 'ERR_CANCELED', ...cancelled });
          throw await toV5Error(error, apiName, init ?? {});
        },
      );
    cancels.set(result, (message = 'canceled') => {
      cancelled ??= { message };
      operation.cancel(message);
    });
    return result as Promise<never>;
  };
}

/** What Amplify's verb takes for what v5's took. */
function makeInput(apiName: ServiceName, path: string, init: V5Init): V5Input {
  const { body, queryStringParameters, timeout, withCredentials } = init;
  const own = init.headers ?? {};
  // v5 took any value of this one for the caller's own authorization, and dropped all empty headers then.
  const isAuthorized = own.Authorization !== undefined;
  const isSent = (value: unknown) => (isAuthorized ? value : value != null && value !== false);
  const headers = Object.entries(own).filter(([, value]) => isSent(value));
  const isNegotiated = Object.entries(own).some(([name, value]) => /^accept$/i.test(name) && (value || !isAuthorized));
  return {
    apiName,
    path: buildPath(path, queryStringParameters),
    findListed: (config) => findListed(apiName, config, own),
    options: {
      headers: keepContentType({
        ...(!isNegotiated && { accept: 'application/json, text/plain, */*' }),
        ...Object.fromEntries(headers),
      }),
      retryStrategy: { strategy: 'no-retry' },
      ...(body !== undefined && { body: body as FormData }),
      ...(timeout && { timeout }),
      ...(withCredentials && { withCredentials }),
      ...(isAuthorized && { defaultAuthMode: 'none' }),
    },
  };
}

/** The path with its query and the parameters as one query, a parameter replacing what the path has of the same name. */
function buildPath(path: string, parameters: V5Init['queryStringParameters']): string {
  const [, before = '', text = ''] = /^([^?#]*)\??([^#]*)/.exec(path) ?? [];
  const query = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of new URLSearchParams(text)) query[key] = key in query ? [query[key], value].flat() : value;
  Object.assign(query, parameters);
  const pairs = Object.entries(query).flatMap(([key, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(toQueryText(value))}`),
  );
  const plain = before.replaceAll("'", '%27');
  return pairs.length ? `${plain}?${pairs.join('&')}` : plain;
}

/** As Node's and the browsers' `querystring` has it: what is neither text, a finite number nor a boolean is empty. */
function toQueryText(value: unknown): string {
  return /^(string|boolean|bigint)$/.test(typeof value) || Number.isFinite(value) ? String(value) : '';
}

/**
 * The headers with a content type that Amplify's verbs leave as it is: they replace one that is not JSON, and ask the value
 * itself whether it starts like one.
 */
function keepContentType(headers: Record<string, unknown>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    const isContentType = name.toLowerCase() === 'content-type';
    headers[name] = isContentType ? Object.assign(new String(value), { startsWith: () => true }) : String(value);
  }
  return headers as Record<string, string>;
}

/** The entry that the app lists in the shape of v5, with `API.configure` or in Amplify's configuration. */
function findListed(apiName: string, config: object, own: object): ListedEntry | undefined {
  const { API } = config as { API?: V5Config };
  const byName = ({ name }: V5Endpoint) => name === apiName;
  const ofApp = isGenerated ? undefined : configured.endpoints?.find(byName);
  const listed = ofApp ?? API?.endpoints?.find(byName) ?? configured.endpoints?.find(byName);
  if (!listed) return undefined;
  const { endpoint, region = configured.region, service, custom_header: customHeader } = listed;
  const entry = { endpoint, ...(region && { region }), ...(service && { service }) };
  const given = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  return {
    entry: listed === ofApp || API?.endpoints?.includes(listed) ? entry : markEntry('generated', entry),
    ...(customHeader && {
      async headers() {
        const headers = Object.entries(await customHeader()).filter(([name]) => !given.has(name.toLowerCase()));
        return keepContentType(Object.fromEntries(headers));
      },
    }),
  };
}

interface AmplifyAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: { text(): Promise<string>; blob(): Promise<Blob> };
}

async function readAnswer({ statusCode, headers, body }: AmplifyAnswer, { response, responseType }: V5Init) {
  const isBinary = responseType === 'blob' || responseType === 'arraybuffer';
  const data = shapeData(isBinary ? await body.blob() : await body.text(), responseType);
  return response ? { data: await data, status: statusCode, headers } : data;
}

/** The data as the caller wants it. */
function shapeData(data: string | Blob, responseType: V5Init['responseType']): unknown {
  if (responseType === 'blob') return new Blob([data]);
  if (responseType === 'arraybuffer') return new Blob([data]).arrayBuffer();
  if (responseType === 'document') return new DOMParser().parseFromString(data as string, 'text/html');
  try {
    return responseType === 'text' ? data : JSON.parse(data as string);
  } catch {
    return data;
  }
}

/** Five minutes, which is what AWS allows. */
const allowedSkew = 300_000;

/** Whether a refusal says that this machine's clock is wrong, which is corrected then. */
function correctClock(error: unknown): boolean {
  const { headers = {} } = ((error as { response?: object }).response ?? {}) as { headers?: Record<string, string> };
  const isRefusal = /^(BadRequest|InvalidSignature)Exception$/.test(headers['x-amzn-errortype'] ?? '');
  const offset = Date.parse(headers.date ?? '') - Date.now();
  if (!isRefusal || !(Math.abs(offset - clockOffset) >= allowedSkew)) return false;
  clockOffset = offset;
  return true;
}

/** The error as v5's callers know it: axios's, or a plain string for an unknown name. */
async function toV5Error(error: unknown, apiName: string, { timeout, responseType }: V5Init): Promise<unknown> {
  const { code, name, response } = error as {
    code?: string;
    name?: string;
    response?: { statusCode: number; headers: object; body?: string };
  };
  if (code === 'ServiceNotFound') return `API ${apiName} does not exist`;
  if (name === 'TimeoutError') return makeError(`timeout of ${timeout}ms exceeded`, 'ECONNABORTED', error);
  if (response) {
    const { statusCode: status, headers, body = '' } = response;
    const kind = /^4/.test(`${status}`) ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
    const data = await shapeData(body, responseType);
    const failure = makeError(`Request failed with status code ${status}`, kind, error);
    return Object.assign(failure, { status, response: { status, headers, data } });
  }
  return /^(Network|Type)Error$/.test(`${name}`) ? makeError('Network Error', 'ERR_NETWORK', error) : error;
}

function makeError(message: string, code: string, cause: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: 'AxiosError', code });
}

/** What v5's `API.graphql` is given: a query with its variables, and a token where it needs one. */
export function graphqlOperation(
  query: V5GraphqlOptions['query'],
  variables: object = {},
  authToken?: string,
): V5GraphqlOptions {
  return { query, variables, authToken };
}

/** v5 went by the first definition. */
function isSubscription({ query }: V5GraphqlOptions): boolean {
  return typeof query === 'string'
    ? /^(\s|,|#.*\n)*subscription\b/.test(query)
    : query.definitions[0]?.operation === 'subscription';
}

function makeQuery(options: V5GraphqlOptions, headers: HeadersOf | undefined): Promise<unknown> {
  let operation: Cancellable | undefined;
  let cancel: ((started: Cancellable) => void) | undefined;
  const result = import('./v5-graphql.ts').then(({ startQuery }) => {
    operation = startQuery(options, headers);
    cancel?.(operation);
    return operation.response;
  });
  cancels.set(result, (message) => {
    cancel = (started) => started.cancel(message);
    if (operation) cancel(operation);
  });
  return result;
}

function makeSubscription(options: V5GraphqlOptions, headers: HeadersOf | undefined): V5Subscription {
  return {
    subscribe(observer) {
      let isOver = false;
      let subscription: { unsubscribe(): void } | undefined;
      import('./v5-graphql.ts')
        .then(({ startSubscription }) => {
          if (!isOver) subscription = startSubscription(options, headers, observer);
        })
        .catch((error: unknown) => observer.error?.(error));
      return {
        unsubscribe() {
          isOver = true;
          subscription?.unsubscribe();
        },
      };
    },
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
export const API: {
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
  /** A query or mutation of the GraphQL API in Amplify's configuration, or a subscription to it, by Amplify's own client. */
  graphql<Data = unknown>(
    options: V5GraphqlOptions,
    additionalHeaders?: HeadersOf,
  ): Promise<Data> & V5Subscription<Data>;
  /** The URL that a service is called at; empty for an unknown name. */
  endpoint(apiName: ServiceName): Promise<string>;
  /** Cancels the call that returned this promise. False when it is none of ours. */
  cancel(call: Promise<unknown>, message?: string): boolean;
  /** Tells whether `cancel` can be used with this promise. */
  hasCancelToken(call: Promise<unknown>): boolean;
  /** Tells whether a call was rejected because it was cancelled. */
  isCancel(error: unknown): boolean;
} = {
  get: makeVerb(amplifyGet, 'GET'),
  post: makeVerb(amplifyPost, 'POST'),
  put: makeVerb(amplifyPut, 'PUT'),
  patch: makeVerb(amplifyPatch, 'PATCH'),
  del: makeVerb(amplifyDel, 'DELETE'),
  head: makeVerb(amplifyHead, 'HEAD'),
  configure(options) {
    const { API: category, ...rest } = (options ?? {}) as V5Config & { readonly API?: V5Config };
    const given: V5Config = { ...rest, ...category };
    const { aws_project_region: region, aws_cloud_logic_custom: generated } = given;
    isGenerated = !!generated && !given.endpoints;
    const endpoints = isGenerated ? (typeof generated === 'string' ? JSON.parse(generated) : generated) : undefined;
    configured = {
      ...configured,
      ...(region ? { region: region as string } : {}),
      ...given,
      ...(endpoints && { endpoints }),
    };
    return configured;
  },
  graphql(options, headers) {
    return (isSubscription(options) ? makeSubscription(options, headers) : makeQuery(options, headers)) as never;
  },
  async endpoint(apiName) {
    const { findAddress } = await loadEngine();
    return findAddress(amplifyParts, apiName, (config) => findListed(apiName, config, {})).catch((error: unknown) => {
      if ((error as { code?: string }).code === 'ServiceNotFound') return '';
      throw error;
    });
  },
  cancel(call, message) {
    const cancel = cancels.get(call);
    cancel?.(message);
    return !!cancel;
  },
  hasCancelToken: (call) => cancels.has(call),
  isCancel: isCancelError,
};
