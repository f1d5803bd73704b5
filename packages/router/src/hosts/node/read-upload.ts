import type { IncomingMessage } from 'node:http';
import type { Upload, UploadFault, UploadSink } from '../../route/router-request.ts';
import type { Budget } from './create-budget.ts';

export interface UploadOptions {
  readonly maximumBytes: number;
  /** What bodies in memory share. */
  readonly budget: Budget;
}

/** The body of a request to node:http, read as it is needed; undefined when the request has none. */
export function readUpload(request: IncomingMessage, options: UploadOptions): Upload | undefined {
  const { 'content-length': announced, 'transfer-encoding': coding } = request.headers;
  const length = announced === undefined ? undefined : Number(announced);
  return coding === undefined && !length ? undefined : createUpload(request, length, options);
}

function createUpload(
  request: IncomingMessage,
  length: number | undefined,
  { maximumBytes, budget }: UploadOptions,
): Upload {
  /** Chunks that have arrived and were not passed on yet. */
  const waiting: Buffer[] = [];
  const endings: (() => void)[] = [];
  let whole: Buffer | undefined;
  let received = 0;
  let taken = 0;
  let isListening = false;
  let isEnded = false;
  let isClosed = false;
  let isUntouched = true;
  let fault: UploadFault | undefined;
  let sink: UploadSink | undefined;
  /** Called after each chunk while the body is being buffered. */
  let check: (() => void) | undefined;

  function listen(): void {
    if (isListening) return;
    isListening = true;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (isClosed || fault) return;
      if (received > maximumBytes) end('too-large');
      else if (!sink) {
        waiting.push(chunk);
        check?.();
      } else if (!sink.write(chunk)) request.pause();
    });
    request.on('end', () => {
      isEnded = true;
      for (const act of endings) act();
      end(undefined);
    });
    const leave = () => {
      if (!isEnded) end('left');
    };
    request.on('error', leave);
    request.on('close', leave);
  }

  function end(why: UploadFault | undefined): void {
    fault ??= why;
    check?.();
    finishFlow();
  }

  function finishFlow(): void {
    if (!sink || waiting.length > 0 || !(fault || isEnded)) return;
    const ended = sink;
    sink = undefined;
    if (fault) ended.fail(new Error(`The body ended early: ${fault}`));
    else ended.end();
  }

  function resume(): void {
    while (waiting.length > 0) if (!sink?.write(waiting.shift() as Buffer)) return;
    finishFlow();
    if (sink) request.resume();
  }

  function reserve(bytes: number): boolean {
    if (!budget.take(bytes)) return false;
    taken += bytes;
    return true;
  }

  /** Undefined while it is too early to decide. */
  function judgeBuffer(limit: number): 'whole' | 'not' | undefined {
    if (fault || isClosed || received > limit) return 'not';
    if (isEnded) return 'whole';
    return length !== undefined || reserve(Math.max(received - taken, 0)) ? undefined : 'not';
  }

  return {
    length,
    buffer(limit) {
      if (whole || (length !== undefined && (length > limit || !reserve(length)))) return Promise.resolve(whole);
      return new Promise((resolve) => {
        check = () => {
          const verdict = judgeBuffer(limit);
          if (!verdict) return;
          check = undefined;
          if (verdict === 'not') request.pause();
          else {
            whole = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
            waiting.length = 0;
          }
          resolve(whole);
        };
        listen();
        request.resume();
        check();
      });
    },
    flow(into) {
      sink = into;
      isUntouched = false;
      listen();
      resume();
    },
    resume,
    isUntouched: () => isUntouched,
    isAwaited: () => isListening && !isEnded && !fault && !request.isPaused(),
    findFault: () => fault,
    onEnd(act) {
      if (isEnded) act();
      else endings.push(act);
    },
    close() {
      isClosed = true;
      sink = undefined;
      check?.();
      waiting.length = 0;
      budget.give(taken);
      taken = 0;
      // What still arrives is discarded, so that the caller reads its answer.
      request.resume();
    },
  };
}
