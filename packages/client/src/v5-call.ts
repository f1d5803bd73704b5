import type { AmplifyParts } from './amplify-parts.ts';
import type * as engineModule from './engine.ts';
import { makeAxiosError } from './make-axios-error.ts';
import { signByClock } from './sign-by-clock.ts';
import type { Cancellable, ListedEntry, V5Input } from './service-call.ts';
import type { V5Configuration, V5Endpoint, V5Config } from './v5-configuration.ts';
import type { V5Init } from './v5-init.ts';
import type { ServiceName } from './service-name.ts';

/** What is loaded before the first call, handed over for the reason that `AmplifyParts` is. */
export interface V5Scope {
  readonly engine: typeof engineModule;
  readonly amplify: AmplifyParts;
  readonly isCancelError: (error: unknown) => boolean;
  readonly getConfiguration: () => V5Configuration;
}

/** A call as it was made. */
export interface V5Call {
  /** One of Amplify's, and `GET`, `POST` … */
  readonly verb: unknown;
  readonly method: string;
  readonly apiName: ServiceName;
  readonly path: string;
  readonly init: V5Init;
  /** In milliseconds, by a clock that is never set. */
  readonly startedAt: number;
}

/** How many milliseconds this machine's clock is behind, as refusals have shown. */
let clockOffset = 0;

/** Starts a call in the shape of v5: what its response resolves and rejects with is what v5's callers know. */
export function startV5Call(scope: V5Scope, { verb, method, apiName, path, init, startedAt }: V5Call): Cancellable {
  const { engine, amplify, isCancelError } = scope;
  const input = makeInput(scope, apiName, path, init);
  let cancelled: { readonly message: string } | undefined;
  let operation: Cancellable;

  function start(): Promise<AmplifyAnswer> {
    const sent = clockOffset ? { ...input, finish } : input;
    operation = engine.callService(amplify, verb, method, [sent], startedAt);
    return operation.response as Promise<AmplifyAnswer>;
  }

  const finish: V5Input['finish'] = (prepared) =>
    signByClock(amplify, prepared, apiName, method, Date.now() + clockOffset);

  const response = start()
    .catch((error: unknown) => {
      const offset = findClockOffset(error);
      if (cancelled || offset === undefined) throw error;
      clockOffset = offset;
      return start();
    })
    .then(
      (answer) => readAnswer(answer, init),
      async (error: unknown) => {
        if (isCancelError(error)) throw Object.assign(error as Error, { code: 'ERR_CANCELED', ...cancelled });
        throw await toV5Error(error, apiName, init);
      },
    );
  return {
    response,
    cancel(message = 'canceled') {
      cancelled ??= { message };
      operation.cancel(message);
    },
  };
}

/** The URL that a service is called at; empty for an unknown name. */
export async function findV5Address(scope: V5Scope, apiName: string): Promise<string> {
  try {
    return await scope.engine.findAddress(scope.amplify, apiName, (config) => findListed(scope, apiName, config, {}));
  } catch (error) {
    if ((error as { code?: string }).code === 'ServiceNotFound') return '';
    throw error;
  }
}

/** What Amplify's verb takes for what v5's took. */
function makeInput(scope: V5Scope, apiName: ServiceName, path: string, init: V5Init): V5Input {
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
    findListed: (config) => findListed(scope, apiName, config, own),
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
function findListed(
  { engine, getConfiguration }: V5Scope,
  apiName: string,
  config: object,
  own: object,
): ListedEntry | undefined {
  const { config: configured, isGenerated } = getConfiguration();
  const { API } = config as { API?: V5Config };
  const byName = ({ name }: V5Endpoint) => name === apiName;
  const ofApp = isGenerated ? undefined : configured.endpoints?.find(byName);
  const listed = ofApp ?? API?.endpoints?.find(byName) ?? configured.endpoints?.find(byName);
  if (!listed) return undefined;
  const { endpoint, region = configured.region, service, custom_header: customHeader } = listed;
  const entry = { endpoint, ...(region && { region }), ...(service && { service }) };
  const given = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  return {
    entry: listed === ofApp || API?.endpoints?.includes(listed) ? entry : engine.markEntry('generated', entry),
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
const allowedSkewMs = 300_000;

/** How far this machine's clock is off, in milliseconds, when a refusal says that it is, and by another time than is known. */
function findClockOffset(error: unknown): number | undefined {
  const { headers = {} } = ((error as { response?: object }).response ?? {}) as { headers?: Record<string, string> };
  const isRefusal = /^(BadRequest|InvalidSignature)Exception$/.test(headers['x-amzn-errortype'] ?? '');
  const offset = Date.parse(headers.date ?? '') - Date.now();
  return isRefusal && Math.abs(offset - clockOffset) >= allowedSkewMs ? offset : undefined;
}

/** The error as v5's callers know it: axios's, or a plain string for an unknown name. */
async function toV5Error(error: unknown, apiName: string, { timeout, responseType }: V5Init): Promise<unknown> {
  const { code, name, response } = error as {
    code?: string;
    name?: string;
    response?: { statusCode: number; headers: object; body?: string };
  };
  if (code === 'ServiceNotFound') return `API ${apiName} does not exist`;
  if (name === 'TimeoutError') return makeAxiosError(`timeout of ${timeout}ms exceeded`, 'ECONNABORTED', error);
  if (response) {
    const { statusCode: status, headers, body = '' } = response;
    const kind = /^4/.test(`${status}`) ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
    const data = await shapeData(body, responseType);
    const failure = makeAxiosError(`Request failed with status code ${status}`, kind, error);
    return Object.assign(failure, { status, response: { status, headers, data } });
  }
  return /^(Network|Type)Error$/.test(`${name}`) ? makeAxiosError('Network Error', 'ERR_NETWORK', error) : error;
}
