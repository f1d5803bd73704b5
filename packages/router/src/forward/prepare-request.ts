import { findReplayableHeader, type Endpoint, type FindTrust } from '@amplify-discovery/core';
import type { ServiceAuth } from '@amplify-discovery/aws';
import { answerError, type ErrorAnswer } from '../route/answer-error.ts';
import { answerBodyTooLarge } from '../route/check-request.ts';
import type { RoutePlan } from '../route/plan-request.ts';
import type { RouterRequest, Upload, UploadFault } from '../route/router-request.ts';
import { authorizeForward, type RouterCredentials } from './authorize-forward.ts';
import { buildForwardHeaders, type ForwardHeaderOptions, type ForwardHeaders } from './build-forward-headers.ts';
import { retryLater } from './describe-failure.ts';
import { createPreparation } from './prepare-endpoint.ts';
import type { PathMapping } from './rewrite-answer.ts';
import type { OutgoingRequest } from './send-request.ts';

export interface PreparationOptions extends RouterCredentials, Omit<ForwardHeaderOptions, 'prefix'> {
  readonly auth: Readonly<Record<string, ServiceAuth>>;
  readonly maximumBodyBytes: number;
}

/** A request as it goes to an endpoint. */
export interface PreparedRequest {
  readonly outgoing: OutgoingRequest;
  /** How the paths of the answer correspond to the router's. */
  readonly mapping: PathMapping;
  /** Signed by the router itself. */
  readonly isSigned: boolean;
}

/** `left`: the caller has gone. */
export type Preparation = PreparedRequest | ErrorAnswer | 'left';

/** A body up to this size is buffered before it is sent, so that it has a length and can be sent again. */
const smallBodyBytes = 64 * 1024;

/**
 * Makes a function that prepares a request: it decides about trust, buffers the body where that is needed, and authenticates.
 * It throws, or rejects with, a DiscoveryError when the request may not or can't be sent.
 */
export function createRequestPreparation(
  options: PreparationOptions,
): (
  request: RouterRequest,
  plan: RoutePlan,
  endpoint: Endpoint,
  findTrust: FindTrust,
) => Preparation | Promise<Preparation> {
  const { auth, maximumBodyBytes } = options;
  const prepareEndpoint = createPreparation();

  return (request, plan, endpoint, findTrust) => {
    const { method } = request;
    const { service, path, prefix } = plan;
    const prepared = prepareEndpoint(endpoint, findTrust);
    const headers = buildForwardHeaders(request, { ...options, prefix });
    const replayable = prepared.trust === 'listed' ? undefined : findReplayableHeader(headers.callers.keys());
    if (replayable !== undefined) return answerReplayable(plan, replayable);
    const own = (Object.hasOwn(auth, service) ? auth[service] : undefined) ?? { mode: 'none' };
    const isSigned = own.mode === 'iam';
    const { origin, basePath } = prepared;

    function finish(
      { callers, own: routers }: ForwardHeaders,
      target: string,
      body: Uint8Array | Upload | undefined,
    ): PreparedRequest {
      const lines: string[] = [];
      for (const [name, value] of callers) lines.push(name, value);
      lines.push(...routers);
      const outgoing = { origin, method, path: target.startsWith('/') ? target : `/${target}`, headers: lines, body };
      return { outgoing, mapping: { origin, basePath, prefix }, isSigned };
    }

    async function finishLater(): Promise<Preparation> {
      const body = request.body && (await takeBody(request.body, isSigned, plan, maximumBodyBytes));
      if (body === 'left' || (body && 'code' in body)) return body;
      if (own.mode === 'none') return finish(headers, `${basePath}${path}`, body);
      const bytes = body instanceof Uint8Array ? body : undefined;
      const authorized = await authorizeForward(own, prepared, { method, body: bytes }, plan, headers, options);
      return finish(authorized, authorized.path, body);
    }

    const isReady = own.mode === 'none' && !request.body;
    return isReady ? finish(headers, `${basePath}${path}`, undefined) : finishLater();
  };
}

/** The body in memory where it is small or has to be signed, otherwise as a stream. */
async function takeBody(
  upload: Upload,
  isSigned: boolean,
  { service, stage }: RoutePlan,
  maximumBodyBytes: number,
): Promise<Uint8Array | Upload | ErrorAnswer | 'left'> {
  if (!isSigned && (upload.length ?? 0) > smallBodyBytes) return upload;
  const bytes = await upload.buffer(isSigned ? Infinity : smallBodyBytes);
  const fault = upload.findFault();
  if (fault) return describeUploadFault(fault, maximumBodyBytes);
  if (bytes || !isSigned) return bytes ?? upload;
  const what = 'Too many bodies are under way at once. Try again.';
  return answerError('RouterBusy', what, { service, stage }, retryLater);
}

/** The answer to a body that ended early. */
export function describeUploadFault(fault: UploadFault, maximumBodyBytes: number): ErrorAnswer | 'left' {
  return fault === 'left' ? 'left' : answerBodyTooLarge(maximumBodyBytes);
}

function answerReplayable({ service, stage }: RoutePlan, header: string): ErrorAnswer {
  const what = `"${service}" in "${stage}" is at a host that is not listed, and the request carries "${header}": list the host in trustedHosts.`;
  return answerError('UntrustedEndpoint', what, { service, stage });
}
