import {
  buildServiceUrl,
  DiscoveryError,
  isIdempotent,
  type Resolution,
  type SelectionCriteria,
} from '@amplify-discovery/core';
import { authorizeRequest, type ServiceAuth } from '@amplify-discovery/aws';
import { answerError } from './answer-error.ts';
import type { EndpointAnswer, SendFailure, SendRequest } from './create-sender.ts';
import { dropHopHeaders } from './drop-hop-headers.ts';
import type { ForwardHeaders } from './build-forward-headers.ts';
import type { RequestNotes, RouteCall, RouterOptions, StageDiscovery } from './router-options.ts';
import type { RouterAnswer, RouterRequest } from './router-request.ts';

export interface ForwardRequest {
  readonly request: RouterRequest;
  readonly call: RouteCall;
  readonly options: RouterOptions;
  readonly discovery: StageDiscovery;
  readonly service: string;
  readonly path: string;
  readonly criteria: SelectionCriteria;
  readonly headers: ForwardHeaders;
  readonly send: SendRequest;
  readonly notes: RequestNotes;
}

/**
 * Resolves, authorises and sends. When there was no connection, or it broke before an answer came, the source is asked
 * again and an idempotent request goes out once more, to the endpoint that the name has then.
 *
 * @throws DiscoveryError when the request may not or can't be sent.
 */
export async function forwardRequest(forward: ForwardRequest): Promise<RouterAnswer> {
  const { request, call, options, discovery, service, criteria, send, notes } = forward;
  const { connectTimeoutMs = 3000, timeoutMs = 29_000 } = options;
  const deadline = new AbortController();
  const stop = () => deadline.abort(call.signal?.reason);
  const timer = setTimeout(
    () => deadline.abort(new DOMException('The endpoint took too long', 'TimeoutError')),
    Math.max(Math.min(timeoutMs, call.remainingMs ?? Infinity), 0),
  );
  const release = () => {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', stop);
  };
  call.signal?.addEventListener('abort', stop);
  if (call.signal?.aborted) stop();
  const { signal } = deadline;

  async function attempt(resolution: Resolution): Promise<EndpointAnswer | SendFailure> {
    const { endpoint } = resolution;
    notes.attempts = (notes.attempts ?? 0) + 1;
    Object.assign(notes, { stage: endpoint.stage, endpoint: endpoint.id, target: endpoint.target });
    const { url, headers } = await prepareRequest(forward, resolution);
    return send({ url, method: request.method, headers, body: request.body, connectTimeoutMs, signal });
  }

  try {
    const first = await discovery.resolve(service, criteria, { signal });
    if (!isHttp(first)) {
      release();
      return answerError(
        'EndpointNotHttp',
        `"${service}" is not called over HTTP: it is of kind ${first.endpoint.kind}.`,
        { service },
      );
    }
    let result = await attempt(first);
    if ('failure' in result && result.failure === 'unreachable') {
      await discovery.recheck(first);
      if (isIdempotent(request.method)) {
        const second = await discovery.resolve(service, criteria, { signal }).catch(() => first);
        result = await attempt(isHttp(second) ? second : first);
      }
    }
    if ('failure' in result) {
      release();
      return describeSendFailure(result, service, notes);
    }
    result.body.once('close', release);
    return { status: result.status, headers: dropHopHeaders(result.headers), body: result.body };
  } catch (error) {
    release();
    if (signal.aborted && error === signal.reason)
      return describeSendFailure({ failure: 'timeout', error: error as Error }, service, notes);
    throw error;
  }
}

function isHttp({ endpoint }: Resolution): boolean {
  return /^https?:/.test(endpoint.target);
}

/** The URL below the endpoint's target and the headers with what the router's own auth for the service adds. */
async function prepareRequest(
  forward: ForwardRequest,
  { endpoint }: Resolution,
): Promise<{ url: URL; headers: ForwardHeaders }> {
  const { request, options, discovery, service, path } = forward;
  const { auth = {}, region } = options;
  const { target, stage } = endpoint;
  const url = buildServiceUrl(target, path, service);
  const trust = discovery.findTrust(url.href);
  if (!trust)
    throw new DiscoveryError(
      'UntrustedEndpoint',
      `"${service}" in "${stage}" is at ${url.origin}, which is not trusted`,
      { service, stage },
    );
  const own: ServiceAuth = (Object.hasOwn(auth, service) ? auth[service] : undefined) ?? { mode: 'none' };
  const credentials =
    options.credentials ??
    (() => Promise.reject(new DiscoveryError('CredentialsMissing', 'credentials: none are given')));
  const base = { endpoint, trust, url, method: request.method, credentials, defaultRegion: region };
  const headers: Record<string, string> = own.mode === 'none' ? forward.headers : { ...forward.headers };
  if (own.mode !== 'none') delete headers[own.mode === 'apiKey' ? 'x-api-key' : 'authorization'];
  // The caller's own headers under the rule for credentials; unsigned, because proxies on the way may change some of them.
  if (trust !== 'listed')
    await authorizeRequest({ ...base, auth: { mode: 'none' }, headers: new Headers(headers), body: undefined });
  if (own.mode === 'none') return { url, headers };
  const body = own.mode === 'iam' && request.body?.length ? new Uint8Array(request.body) : undefined;
  const added = await authorizeRequest({ ...base, auth: own, headers: new Headers(), body });
  return { url, headers: { ...headers, ...Object.fromEntries(added) } };
}

function describeSendFailure({ failure, error }: SendFailure, service: string, notes: RequestNotes): RouterAnswer {
  notes.error = `${(error as NodeJS.ErrnoException).code ?? error.name}: ${error.message}`;
  const details = { service, stage: notes.stage };
  switch (failure) {
    case 'timeout':
      return answerError('EndpointTimeout', `"${service}" did not answer in time.`, details);
    case 'invalid':
      return answerError('AnswerInvalid', `"${service}" did not answer with valid HTTP.`, details);
    case 'unreachable':
      return answerError('EndpointUnreachable', `"${service}" can't be reached.`, details);
  }
}
