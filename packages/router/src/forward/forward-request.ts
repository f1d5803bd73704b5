import {
  findReplayableHeader,
  hasGone,
  isIdempotent,
  mayBeGatewayRefusal,
  type Endpoint,
  type Resolution,
  type SelectionCriteria,
} from '@amplify-discovery/core';
import type { ServiceAuth } from '@amplify-discovery/aws';
import { answerError, type ErrorAnswer, type RouterErrorCode } from '../route/answer-error.ts';
import { answerBodyTooLarge } from '../route/check-request.ts';
import type { HeaderList } from '../route/header-list.ts';
import type { RoutePlan } from '../route/plan-request.ts';
import type { RouterRequest, Upload } from '../route/router-request.ts';
import type { StageDiscovery } from '../router-options.ts';
import { authorizeForward, type RouterCredentials } from './authorize-forward.ts';
import { buildAnswerHeaders } from './build-answer-headers.ts';
import { buildForwardHeaders, type ForwardHeaderOptions } from './build-forward-headers.ts';
import { describeFailure, describeSendFailure, retryLater } from './describe-failure.ts';
import { createPreparation, type PreparedEndpoint } from './prepare-endpoint.ts';
import { replyWith, type Exchange, type Reply } from './reply.ts';
import type { OutgoingRequest, SendFailure, SendRequest, SentRequest } from './send-request.ts';

/** What a router's requests have in common. */
export interface ForwarderOptions extends RouterCredentials, Omit<ForwardHeaderOptions, 'prefix'> {
  readonly send: SendRequest;
  readonly auth: Readonly<Record<string, ServiceAuth>>;
  readonly maximumBodyBytes: number;
  /** Whether redirects and cookies are kept below the prefix. */
  readonly rewriteAnswers: boolean;
  /** Names of services that one which isn't there may have meant, as far as the caller may know them. */
  readonly suggest: (plan: RoutePlan, discovery: StageDiscovery) => readonly string[];
}

/** One request, and where it goes. */
export interface Forwarding {
  readonly request: RouterRequest;
  readonly plan: RoutePlan;
  readonly discovery: StageDiscovery;
  readonly criteria: SelectionCriteria;
  /** For the answer, from when the request has come as a whole; and for its coming as long again. */
  readonly timeoutMs: number;
}

/** What became of a request, known when the head of its answer is. */
export interface Outcome {
  readonly status: number;
  /** How often it was sent. */
  readonly attempts: number;
  readonly endpoint?: Endpoint | undefined;
  /** Why the router answered itself. */
  readonly code?: RouterErrorCode | undefined;
  /** What the caller doesn't get to read. */
  readonly error?: string | undefined;
  readonly droppedCookies?: readonly string[] | undefined;
}

export type ForwardRequest = (forwarding: Forwarding, reply: Reply, report: (outcome: Outcome) => void) => Exchange;

/** A body up to this size is taken in before it is sent on, so that it has a length and can be sent again. */
const smallBodyBytes = 64 * 1024;

/** A gateway's refusal as a whole: it says that the endpoint has gone, so it may not be the last word. */
interface Refusal {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

/**
 * Makes the forwarder: it resolves, authorises and sends. When the endpoint has gone, the source is asked again and an
 * idempotent request goes out once more, to the endpoint that the name has then. Whatever endpoint and caller do, an exchange
 * is over when its time is.
 */
export function createForwarder(options: ForwarderOptions): ForwardRequest {
  const { send, auth, rewriteAnswers } = options;
  const prepare = createPreparation();

  return ({ request, plan, discovery, criteria, timeoutMs }, reply, report) => {
    const { method, body } = request;
    const { service, stage, path, prefix } = plan;
    let attempts = 0;
    let endpoint: Endpoint | undefined;
    let sent: SentRequest | undefined;
    let hasStarted = false;
    let isOver = false;

    const deadline = setTimeout(() => {
      if (body?.isAwaited)
        fail(answerError('RequestTimeout', 'The body of the request did not come in time.', { service, stage }));
      else fail(describeSendFailure('late', plan), `No answer in ${timeoutMs} ms`);
    }, timeoutMs);
    body?.onEnd(() => void deadline.refresh());

    function finish(): void {
      isOver = true;
      clearTimeout(deadline);
      body?.close();
    }

    /** Ends an exchange whose answer the endpoint doesn't give, or no longer. */
    function fail(answer: ErrorAnswer, error?: string): void {
      if (isOver) return;
      finish();
      sent?.abort();
      if (hasStarted) return reply.breakOff();
      report({ status: answer.status, code: answer.code, error, attempts, endpoint });
      replyWith(reply, answer);
    }

    function start(status: number, given: HeaderList, { origin, basePath }: PreparedEndpoint): void {
      const rewrite = rewriteAnswers ? { origin, basePath, prefix, isBare: !path.startsWith('/') } : undefined;
      const { headers, droppedCookies } = buildAnswerHeaders(given, rewrite);
      try {
        reply.start(status, headers);
      } catch (error) {
        return fail(describeSendFailure('invalid', plan), describe(error));
      }
      hasStarted = true;
      report({ status, attempts, endpoint, ...(droppedCookies.length > 0 && { droppedCookies }) });
    }

    /** Undefined once an answer is under way to the caller. */
    function exchange(
      outgoing: OutgoingRequest,
      prepared: PreparedEndpoint,
    ): Promise<SendFailure | Refusal | undefined> {
      attempts++;
      return new Promise((resolve) => {
        let refusal:
          | { readonly status: number; readonly headers: HeaderList; readonly chunks: Uint8Array[] }
          | undefined;
        sent = send(outgoing, {
          onHead(status, headers) {
            if (mayBeRefusal(status, headers)) refusal = { status, headers, chunks: [] };
            else {
              start(status, headers, prepared);
              resolve(undefined);
            }
          },
          onData(chunk) {
            if (!refusal) return reply.write(chunk);
            refusal.chunks.push(chunk);
            return true;
          },
          onEnd() {
            if (refusal) return resolve({ ...refusal, body: Buffer.concat(refusal.chunks) });
            finish();
            reply.end();
          },
          onFailure(failure) {
            if (hasStarted) fail(describeSendFailure(failure.failure, plan));
            else resolve(failure);
          },
        });
      });
    }

    /** Undefined once the exchange needs no more care of this function: an answer is under way, or it is over. */
    async function attempt({ endpoint: found }: Resolution): Promise<SendFailure | Refusal | undefined> {
      endpoint = found;
      const prepared = prepare(found, discovery.findTrust);
      const headers = buildForwardHeaders(request, { ...options, prefix });
      const replayable = prepared.trust === 'listed' ? undefined : findReplayableHeader(headers.callers.keys());
      if (replayable !== undefined) {
        const what = `"${service}" in "${stage}" is at a host that is not listed, and the request carries "${replayable}": list the host in trustedHosts.`;
        fail(answerError('UntrustedEndpoint', what, { service, stage }));
        return undefined;
      }
      const own = Object.hasOwn(auth, service) ? auth[service] : undefined;
      const taken = body && (await takeBody(body, own?.mode === 'iam'));
      if (isOver) return undefined;
      const authorized =
        own && own.mode !== 'none'
          ? await authorizeForward(own, prepared, { method, body: bytesOf(taken) }, plan, headers, options)
          : undefined;
      if (isOver) return undefined;
      const { callers, own: routers } = authorized ?? headers;
      const lines: string[] = [];
      for (const [name, value] of callers) lines.push(name, value);
      lines.push(...routers);
      const { origin, basePath } = prepared;
      const joined = authorized?.path ?? `${basePath}${path}`;
      const sentPath = joined.startsWith('/') ? joined : `/${joined}`;
      return exchange({ origin, path: sentPath, method, headers: lines, body: taken }, prepared);
    }

    /** The body in memory where it is small or has to be signed, otherwise as a stream. */
    async function takeBody(upload: Upload, isSigned: boolean): Promise<Uint8Array | Upload | undefined> {
      if (!isSigned && (upload.length ?? 0) > smallBodyBytes) return upload;
      const bytes = await upload.buffer(isSigned ? Infinity : smallBodyBytes);
      if (isOver || failForBody()) return undefined;
      if (bytes || !isSigned) return bytes ?? upload;
      const what = 'Too many bodies are on their way at once. Try again.';
      fail(answerError('RouterBusy', what, { service, stage }, retryLater));
      return undefined;
    }

    /** Whether the caller's body is the reason why there is nothing to wait for any more. */
    function failForBody(): boolean {
      if (body?.fault === 'left') cancel();
      else if (body?.fault === 'too-large') fail(answerBodyTooLarge(options.maximumBodyBytes));
      return body?.fault !== undefined;
    }

    async function run(): Promise<void> {
      const first = await discovery.resolve(service, criteria);
      if (isOver) return;
      if (!isHttp(first)) {
        const what = `"${service}" is not called over HTTP: it is of kind ${first.endpoint.kind}.`;
        return fail(answerError('EndpointNotHttp', what, { service, stage }));
      }
      let result = await attempt(first);
      if (!result || isOver || failForBody()) return;
      if (isGone(result)) {
        await discovery.recheck(first);
        if (isOver) return;
        const second = isIdempotent(method) && (!body || body.isUntouched) ? await resolveAgain(first) : undefined;
        if (isOver) return;
        // Another connection may serve; another answer of the same gateway would say the same.
        if (second && ('failure' in result || second.endpoint.target !== first.endpoint.target))
          result = await attempt(second);
        if (!result || isOver || failForBody()) return;
      }
      if ('failure' in result) return fail(describeSendFailure(result.failure, plan), describe(result.error));
      const { status, headers, body: answerBody } = result;
      start(status, headers, prepare(endpoint as Endpoint, discovery.findTrust));
      if (isOver) return;
      finish();
      reply.write(answerBody);
      reply.end();
    }

    async function resolveAgain(first: Resolution): Promise<Resolution> {
      const second = await discovery.resolve(service, criteria).catch(() => first);
      return isHttp(second) ? second : first;
    }

    function cancel(): void {
      if (isOver) return;
      finish();
      sent?.abort();
    }

    run().catch((error: unknown) => {
      const suggest = () => options.suggest(plan, discovery);
      fail(describeFailure(error, plan, suggest), describe(error));
    });
    return { cancel, resume: () => sent?.resume() };
  };
}

function isHttp({ endpoint }: Resolution): boolean {
  return /^https?:/.test(endpoint.target);
}

function bytesOf(body: Uint8Array | Upload | undefined): Uint8Array | undefined {
  return body instanceof Uint8Array ? body : undefined;
}

function mayBeRefusal(status: number, headers: HeaderList): boolean {
  return (status === 403 || status === 404) && mayBeGatewayRefusal(status, toHeaders(headers));
}

function isGone(result: SendFailure | Refusal): boolean {
  if ('failure' in result) return /^(unreachable|late)$/.test(result.failure) && hasGone(result.error);
  const { status, headers, body } = result;
  return hasGone({ status, headers: toHeaders(headers), body: Buffer.from(body).toString() });
}

function toHeaders(list: HeaderList): Headers {
  const headers = new Headers();
  for (let index = 0; index < list.length; index += 2) headers.append(list[index] as string, list[index + 1] as string);
  return headers;
}

function describe(error: unknown): string {
  const { code, name, message } = Object(error) as NodeJS.ErrnoException;
  return `${code ?? name}: ${message}`;
}
