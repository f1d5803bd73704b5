import {
  createSigningClock,
  hasGone,
  isIdempotent,
  mayBeGatewayRefusal,
  type Endpoint,
  type Resolution,
  type SelectionCriteria,
} from '@amplify-discovery/core';
import { answerError } from '../route/answer-error.ts';
import type { HeaderList } from '../route/header-list.ts';
import type { RoutePlan } from '../route/plan-request.ts';
import type { RouterRequest } from '../route/router-request.ts';
import { buildAnswerHeaders } from './build-answer-headers.ts';
import { describeFailure, describeSendFailure } from './describe-failure.ts';
import { openExchange } from './open-exchange.ts';
import type { Outcome } from './outcome.ts';
import {
  createRequestPreparation,
  describeUploadFault,
  type Preparation,
  type PreparationOptions,
  type PreparedRequest,
} from './prepare-request.ts';
import type { Exchange, Reply } from './reply.ts';
import type { SendFailure, SendRequest, SentRequest } from './send-request.ts';
import type { StageDiscovery } from './stage-discovery.ts';

/** What all requests of a router share. */
export interface ForwarderOptions extends Omit<PreparationOptions, 'clock'> {
  readonly send: SendRequest;
  /** Whether redirects and cookies are kept below the prefix. */
  readonly rewriteAnswers: boolean;
  /** Names like that of an unknown service, of services that the caller may know. */
  readonly suggest: (plan: RoutePlan, discovery: StageDiscovery) => readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** One request, and where it goes. */
export interface Forwarding {
  readonly request: RouterRequest;
  readonly plan: RoutePlan;
  readonly discovery: StageDiscovery;
  readonly criteria: SelectionCriteria;
  readonly timeoutMs: number;
}

export type ForwardRequest = (forwarding: Forwarding, reply: Reply, report: (outcome: Outcome) => void) => Exchange;

/** A gateway's refusal, body included. It is held back, because it may mean that the endpoint has gone. */
interface Refusal {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

/** How an attempt ended that has not answered the caller. */
type Result = SendFailure | Refusal | 'mistimed';

/** An attempt that shows that the endpoint has gone. */
interface Unsettled {
  readonly result: SendFailure | Refusal;
  readonly prepared: PreparedRequest;
}

/**
 * Makes the forwarder, which resolves, prepares and sends. When the endpoint has gone, it asks the source again and repeats an
 * idempotent request once, at the endpoint that the name has then. It repeats a request once, at the endpoint's time, when its
 * signature was refused for its time.
 */
export function createForwarder(options: ForwarderOptions): ForwardRequest {
  const clock = createSigningClock(options.now);
  const prepareRequest = createRequestPreparation({ ...options, clock });

  return ({ request, plan, discovery, criteria, timeoutMs }, reply, report) => {
    const { method, body } = request;
    const { service, stage } = plan;
    let attempts = 0;
    let endpoint: Endpoint | undefined;
    let sent: SentRequest | undefined;
    const exchange = openExchange({
      reply,
      body,
      plan,
      timeoutMs,
      report: (outcome) => report({ ...outcome, attempts, endpoint }),
      abort: () => sent?.abort(),
    });

    function start(status: number, given: HeaderList, { mapping }: PreparedRequest): void {
      const rewrite = options.rewriteAnswers ? { ...mapping, isBare: !plan.path.startsWith('/') } : undefined;
      const { headers, droppedCookies } = buildAnswerHeaders(given, rewrite);
      exchange.start(status, headers, droppedCookies);
    }

    /** Calls `decide`, unless the answer goes straight to the caller. */
    function send(prepared: PreparedRequest, mayBeMistimed: boolean, decide: (result: Result) => void): void {
      attempts++;
      let refusal: { readonly status: number; readonly headers: HeaderList } | undefined;
      let hasStarted = false;
      const chunks: Uint8Array[] = [];
      const sending = options.send(prepared.outgoing, {
        onHead(status, headers) {
          if (mayBeMistimed && clock.correct({ status, headers: toHeaders(headers) })) {
            sending.abort();
            decide('mistimed');
          } else if (mayBeRefusal(status, headers)) refusal = { status, headers };
          else {
            hasStarted = true;
            start(status, headers, prepared);
          }
        },
        onData: (chunk) => (refusal ? chunks.push(chunk) > 0 : exchange.write(chunk)),
        onEnd() {
          if (refusal) decide({ ...refusal, body: Buffer.concat(chunks) });
          else exchange.end();
        },
        onFailure(failure) {
          if (hasStarted) exchange.fail(describeSendFailure(failure.failure, plan));
          else decide(failure);
        },
      });
      sent = sending;
    }

    /** Answers in place of the endpoint. */
    function settle(answer: Exclude<Preparation, PreparedRequest>): void {
      if (answer === 'left') exchange.cancel();
      else exchange.fail(answer);
    }

    /** Sends the request to this endpoint; `recover` is called when it has gone. */
    function attempt(resolution: Resolution, recover: (unsettled: Unsettled) => void, mayBeMistimed = true): void {
      endpoint = resolution.endpoint;
      const preparation = prepareRequest(request, plan, endpoint, discovery.findTrust);
      if (preparation instanceof Promise) preparation.then(go).catch(refuse);
      else go(preparation);

      function go(prepared: Preparation): void {
        if (exchange.isOver()) return;
        if (prepared === 'left' || 'code' in prepared) return settle(prepared);
        send(prepared, prepared.isSigned && mayBeMistimed, (result) => {
          if (exchange.isOver()) return;
          const fault = body?.findFault();
          // The endpoint has done nothing, so any method may be repeated.
          if (result === 'mistimed') attempt(resolution, recover, false);
          else if (fault) settle(describeUploadFault(fault, options.maximumBodyBytes));
          else if (isGone(result)) recover({ result, prepared });
          else conclude({ result, prepared });
        });
      }
    }

    function conclude({ result, prepared }: Unsettled): void {
      if ('failure' in result) {
        exchange.fail(describeSendFailure(result.failure, plan), describe(result.error));
      } else {
        start(result.status, result.headers, prepared);
        exchange.write(result.body);
        exchange.end();
      }
    }

    function forward(first: Resolution): void {
      if (exchange.isOver()) return;
      if (isHttp(first)) return attempt(first, (gone) => void repeat(first, gone).catch(refuse));
      const what = `"${service}" is not called over HTTP: it is of kind ${first.endpoint.kind}.`;
      exchange.fail(answerError('EndpointNotHttp', what, { service, stage }));
    }

    async function repeat(first: Resolution, gone: Unsettled): Promise<void> {
      await discovery.recheck(first, { hasAnswered: 'status' in gone.result });
      if (exchange.isOver()) return;
      const mayRepeat = isIdempotent(method) && (body?.isUntouched() ?? true);
      const second = mayRepeat ? await resolveAgain(first) : first;
      if (exchange.isOver()) return;
      // Another connection may work, but the same gateway would refuse again.
      const isWorthwhile = 'failure' in gone.result || second.endpoint.target !== first.endpoint.target;
      if (mayRepeat && isWorthwhile) attempt(second, conclude);
      else conclude(gone);
    }

    async function resolveAgain(first: Resolution): Promise<Resolution> {
      const second = await discovery.resolve(service, criteria).catch(() => first);
      return isHttp(second) ? second : first;
    }

    function refuse(error: unknown): void {
      const suggest = () => options.suggest(plan, discovery);
      exchange.fail(describeFailure(error, plan, suggest), describe(error));
    }

    try {
      const known = discovery.findFresh?.(service, criteria);
      if (known) forward(known);
      else discovery.resolve(service, criteria).then(forward).catch(refuse);
    } catch (error) {
      refuse(error);
    }
    return { cancel: exchange.cancel, resume: () => sent?.resume() };
  };
}

function isHttp({ endpoint }: Resolution): boolean {
  return /^https?:/.test(endpoint.target);
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
