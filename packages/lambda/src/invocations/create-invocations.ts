import { setMaxListeners } from 'node:events';
import { measureAge, type FreshnessBounds, type Resolver } from '@amplify-discovery/core';
import { readTraceHeaders } from './find-trace-headers.ts';

/** What is used of the context that Lambda gives a handler. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  readonly invokedFunctionArn?: string | undefined;
}

/** One run of a handler: from `begin` to `end`. */
export interface Invocation {
  /** Aborts when so little of the invocation's time is left that the handler has to answer now. */
  readonly signal: AbortSignal;
  readonly traceHeaders: Readonly<Record<string, string>>;
  /**
   * Lets a refresh that is under way finish in the time there is to spare, then ends it: nothing is left running for the
   * freeze that follows. Never rejects.
   */
  end(): Promise<void>;
}

export interface InvocationsOptions {
  readonly resolver: Pick<Resolver, 'inspect' | 'refresh' | 'settle' | 'abort'>;
  readonly bounds: FreshnessBounds;
  /** How long before the invocation's deadline waiting ends. */
  readonly deadlineMarginMs: number;
  /** How long an invocation's end may wait for a refresh. */
  readonly settleMs: number;
  readonly now: () => number;
  /** Called as an invocation ends: metrics are written. */
  readonly flush: () => void;
}

export interface Invocations {
  /** The same promise; an invocation's end waits for it, as for a request under way. */
  track<T>(call: Promise<T>): Promise<T>;
  begin(event: unknown, context: LambdaContext | undefined): Invocation;
  readonly findOwnArn: () => string | undefined;
}

/** A snapshot is refreshed ahead of time when this part of its fresh time is over. */
const refreshAheadShare = 0.8;

/** A source that ignores its signal is not waited for. */
const maximumTurns = 50;

/**
 * Fits what a resolver does into invocations: a refresh that will be needed soon starts beside the handler; all requests
 * have ended when the invocation has. A source that didn't answer in the time to spare is not waited for again before
 * `recheckSeconds` are over.
 */
export function createInvocations(options: InvocationsOptions): Invocations {
  const { resolver, bounds, deadlineMarginMs, settleMs, now, flush } = options;
  let active = 0;
  let ownArn: string | undefined;
  let startedAheadAt: number | undefined;
  let gaveUpAt: number | undefined;
  /** Calls that may yet start a request. */
  const calls = new Set<Promise<unknown>>();
  const isRecent = (time: number | undefined) => time !== undefined && measureAge(now(), time) < bounds.recheckSeconds;

  function refreshAhead(): void {
    const isDue = resolver
      .inspect()
      .some(({ ageSeconds = 0 }) => ageSeconds >= bounds.freshSeconds * refreshAheadShare);
    if (!isDue || isRecent(startedAheadAt) || isRecent(gaveUpAt)) return;
    startedAheadAt = now();
    resolver.refresh().catch(() => {});
  }

  async function waitForCalls(): Promise<true> {
    do {
      await Promise.allSettled(calls);
      await resolver.settle();
    } while (calls.size);
    return true;
  }

  async function settle(spareMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let turn: ReturnType<typeof setImmediate> | undefined;
    let isOver = await Promise.race([
      waitForCalls(),
      new Promise<false>((resolve) => {
        if (spareMs > 0) timer = setTimeout(resolve, spareMs, false);
        else turn = setImmediate(resolve, false);
      }),
    ]);
    clearTimeout(timer);
    clearImmediate(turn);
    if (isOver) return;
    gaveUpAt = now();
    const reason = new DOMException('The invocation ended before the source answered', 'AbortError');
    // A call that was still reading storage starts its request afterwards, so that takes some turns of the event loop.
    for (let turns = 0; turns < maximumTurns && !isOver; turns++) {
      resolver.abort(reason);
      isOver = await Promise.race([waitForCalls(), new Promise<false>((resolve) => setImmediate(resolve, false))]);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    findOwnArn: () => ownArn,
    track(call) {
      calls.add(call);
      const forget = () => void calls.delete(call);
      call.then(forget, forget);
      return call;
    },
    begin(event, context) {
      active++;
      ownArn = context?.invokedFunctionArn ?? ownArn;
      const findRemainingMs = () => context?.getRemainingTimeInMillis() ?? Infinity;
      const controller = new AbortController();
      // Every call of the invocation listens to it, and Node warns of the eleventh.
      setMaxListeners(Infinity, controller.signal);
      function stopWaiting(): void {
        const reason = new DOMException(`Less than ${deadlineMarginMs} ms of the invocation are left`, 'TimeoutError');
        // Callers get what is at hand if there is anything, so this comes a turn before the signal.
        if (active === 1) resolver.abort(reason);
        setImmediate(() => controller.abort(reason));
      }
      const waitMs = findRemainingMs() - deadlineMarginMs;
      const timer = waitMs < 2 ** 31 ? setTimeout(stopWaiting, Math.max(waitMs, 0)) : undefined;
      timer?.unref();
      refreshAhead();
      let isEnded = false;
      return {
        signal: controller.signal,
        traceHeaders: readTraceHeaders(event),
        async end() {
          if (isEnded) return;
          isEnded = true;
          clearTimeout(timer);
          active--;
          if (active > 0) return;
          await settle(isRecent(gaveUpAt) ? 0 : Math.min(settleMs, findRemainingMs() - deadlineMarginMs));
          flush();
        },
      };
    },
  };
}
