import {
  buildServiceUrl,
  createSigningClock,
  DiscoveryError,
  hasGone,
  isIdempotent,
  mayBeGatewayRefusal,
  type Resolution,
  type Resolver,
  type SelectionCriteria,
} from '@amplify-discovery/core';
import { authorizeRequest, type AwsCredentials, type ServiceAuth } from '@amplify-discovery/aws';
import { spreadCall } from './spread-call.ts';

/** What `fetch` takes, and which of the service's endpoints is meant. Redirects are given back, never followed. */
export interface ServiceRequest extends Omit<RequestInit, 'redirect' | 'signal' | 'credentials' | 'mode'> {
  readonly criteria?: SelectionCriteria | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Instead of the app's auth for this service. */
  readonly auth?: ServiceAuth | undefined;
  /**
   * Whether the request may go out a second time, to another endpoint, when the first didn't answer.
   * @default true for GET, HEAD, OPTIONS, PUT and DELETE
   */
  readonly idempotent?: boolean | undefined;
}

export type FetchService = (service: string, path: string, init?: ServiceRequest) => Promise<Response>;

export interface FetchServiceOptions {
  readonly resolver: Pick<Resolver, 'resolve' | 'recheck' | 'awaitAnswer' | 'findTrust'>;
  readonly findAuth: (service: string) => ServiceAuth;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly defaultRegion: string | undefined;
  /** Added unless the caller set them: the invocation's trace. */
  readonly findHeaders: () => Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes the fetch that takes a service's name for a host. When the endpoint can't be reached, or the gateway says that it
 * has no such API, the service is looked up once more, and the request goes to the new endpoint once, if there is one.
 */
export function createFetchService(options: FetchServiceOptions): FetchService {
  const { resolver, findAuth, credentials, defaultRegion, findHeaders, fetch, random = Math.random } = options;
  const clock = createSigningClock(options.now);

  return async (service, path, request = {}) => {
    const { criteria: given, auth = findAuth(service), idempotent, ...init } = request;
    const criteria = spreadCall(given, random);
    const { signal } = init;
    const method = (init.method ?? 'GET').toUpperCase();
    const headers = new Headers(init.headers);
    // Passed on from an incoming request it would choose the receiver: gateways look at it, not at the URL.
    headers.delete('host');
    for (const [name, value] of Object.entries(findHeaders())) if (!headers.has(name)) headers.set(name, value);
    const repeats = (idempotent ?? isIdempotent(method)) && !isStream(init.body);
    const body = auth.mode === 'iam' && init.body != null ? await bufferBody(init.body, headers) : init.body;

    async function sendOnce({ endpoint }: Resolution, until: AbortSignal | undefined): Promise<Response> {
      const { kind, target, stage } = endpoint;
      if (target.startsWith('arn:')) {
        throw new DiscoveryError(
          'InvalidOptions',
          `"${service}" in "${stage}" is a ${kind}, not a URL: use invokeService`,
          { service, stage },
        );
      }
      const url = buildServiceUrl(target, path, service);
      const trust = resolver.findTrust(url.href);
      if (!trust || !/^https?:$/.test(url.protocol)) {
        throw new DiscoveryError(
          'UntrustedEndpoint',
          `"${service}" in "${stage}" is at ${url.origin}, which is not trusted`,
          { service, stage },
        );
      }
      const authorized = await authorizeRequest({
        auth,
        endpoint,
        trust,
        url,
        method,
        headers,
        credentials,
        defaultRegion,
        clock,
        body: auth.mode === 'iam' ? (body as Uint8Array<ArrayBuffer> | undefined) : undefined,
      });
      const { signal: _, ...rest } = init;
      return fetch(url, {
        ...rest,
        method,
        headers: authorized,
        ...(body != null && { body }),
        redirect: 'manual',
        ...(until && { signal: until }),
      });
    }

    async function send(resolution: Resolution, until = signal): Promise<Response> {
      const answer = await sendOnce(resolution, until);
      if (auth.mode !== 'iam' || !clock.correct(answer)) return answer;
      await answer.body?.cancel();
      return sendOnce(resolution, until);
    }

    const first = await resolver.resolve(service, criteria, signal && { signal });
    let answer: Response | undefined;
    let failure: unknown;
    const silence = new AbortController();
    const sendFirst = () =>
      resolver.awaitAnswer(first, send(first, signal ? AbortSignal.any([signal, silence.signal]) : silence.signal));
    try {
      answer = await (repeats ? sendFirst() : send(first));
      if (!(await isRefusal(answer))) return answer;
    } catch (error) {
      if (signal?.aborted || !hasGone(error)) throw error;
      failure = error;
      // To a host that is silent it is still under way.
      silence.abort(error);
    }
    await resolver.recheck(first, { hasAnswered: !!answer });
    const second = repeats
      ? await resolver.resolve(service, criteria, signal && { signal }).catch(() => undefined)
      : undefined;
    if (second && second.endpoint.target !== first.endpoint.target) {
      await answer?.body?.cancel().catch(() => {});
      return send(second);
    }
    if (answer) return answer;
    throw failure;
  };
}

/** Whether the gateway itself says that it has no such API. The answer's body can still be read afterwards. */
async function isRefusal(answer: Response): Promise<boolean> {
  const { status, headers } = answer;
  if (!mayBeGatewayRefusal(status, headers)) return false;
  const body = await answer
    .clone()
    .text()
    .catch(() => '');
  return hasGone({ status, headers, body });
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || 'getReader' in body);
}

/** The body's bytes, which the signature covers; sets the content type that fetch would have. */
async function bufferBody(body: BodyInit, headers: Headers): Promise<Uint8Array<ArrayBuffer>> {
  const response = new Response(body);
  const type = response.headers.get('content-type');
  if (type && !headers.has('content-type')) headers.set('content-type', type);
  return new Uint8Array(await response.arrayBuffer());
}
