import { answerError, type ErrorAnswer } from '../route/answer-error.ts';
import type { HeaderList } from '../route/header-list.ts';
import type { RoutePlan } from '../route/plan-request.ts';
import type { Upload } from '../route/router-request.ts';
import { describeSendFailure } from './describe-failure.ts';
import type { Outcome } from './outcome.ts';
import { replyWith, type Reply } from './reply.ts';

export interface OpenExchangeOptions {
  readonly reply: Reply;
  readonly body: Upload | undefined;
  readonly plan: RoutePlan;
  /** For the answer, from the end of the request on; the request may take as long again to arrive. */
  readonly timeoutMs: number;
  /** Called once the status is known. */
  readonly report: (outcome: Omit<Outcome, 'attempts' | 'endpoint'>) => void;
  /** Called when the exchange ends before the endpoint's answer does. */
  readonly abort: () => void;
}

/**
 * One answer to one caller, which ends in time whatever happens. Nothing is written once it is over.
 *
 * It has methods and no getters: V8 puts the accessors of an object literal into the old generation, where what they close over
 * waits for a full collection.
 */
export interface OpenExchange {
  isOver(): boolean;
  /** Begins the endpoint's answer. */
  start(status: number, headers: HeaderList, droppedCookies: readonly string[]): void;
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** Sends the router's own answer, or breaks off the endpoint's if it has begun. */
  fail(answer: ErrorAnswer, error?: string): void;
  /** The caller has left. */
  cancel(): void;
}

/** Opens an exchange and starts its clock. */
export function openExchange(options: OpenExchangeOptions): OpenExchange {
  const { reply, body, plan, timeoutMs, report, abort } = options;
  let hasStarted = false;
  let isOver = false;

  const deadline = setTimeout(() => {
    const { service, stage } = plan;
    if (body?.isAwaited())
      fail(answerError('RequestTimeout', 'The body of the request did not arrive in time.', { service, stage }));
    else fail(describeSendFailure('late', plan), `No answer in ${timeoutMs} ms`);
  }, timeoutMs);
  body?.onEnd(() => void deadline.refresh());

  function close(): void {
    isOver = true;
    clearTimeout(deadline);
    body?.close();
  }

  function fail(answer: ErrorAnswer, error?: string): void {
    if (isOver) return;
    close();
    abort();
    if (hasStarted) return reply.breakOff();
    report({ status: answer.status, code: answer.code, error });
    replyWith(reply, answer);
  }

  return {
    isOver: () => isOver,
    start(status, headers, droppedCookies) {
      if (isOver) return;
      try {
        reply.start(status, headers);
      } catch (error) {
        return fail(describeSendFailure('invalid', plan), String(error));
      }
      hasStarted = true;
      report({ status, ...(droppedCookies.length > 0 && { droppedCookies }) });
    },
    write: (chunk) => isOver || reply.write(chunk),
    end() {
      if (isOver) return;
      close();
      reply.end();
    },
    fail,
    cancel() {
      if (isOver) return;
      close();
      abort();
    },
  };
}
