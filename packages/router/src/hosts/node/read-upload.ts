import type { IncomingMessage } from 'node:http';
import type { Upload } from '../../route/router-request.ts';
import type { Budget } from './create-budget.ts';

export interface UploadOptions {
  readonly maximumBytes: number;
  /** What bodies in memory share. */
  readonly budget: Budget;
}

/** The body of a request to node:http, read as it is needed; undefined when the request has none. */
export function readUpload(request: IncomingMessage, { maximumBytes, budget }: UploadOptions): Upload | undefined {
  const { 'content-length': announced, 'transfer-encoding': coding } = request.headers;
  const length = announced === undefined ? undefined : Number(announced);
  if (coding === undefined && !length) return undefined;

  /** What `buffer` has read so far. */
  const before: Buffer[] = [];
  const endings: (() => void)[] = [];
  let whole: Buffer | undefined;
  let received = 0;
  let taken = 0;
  let isReading = false;
  let isEnded = false;
  let isClosed = false;
  let isUntouched = true;
  let isAwaited = false;
  let fault: Upload['fault'];
  let wake: (() => void) | undefined;

  function awake(): void {
    wake?.();
    wake = undefined;
  }

  function listen(): void {
    isReading = true;
    request.on('readable', awake);
    request.on('end', () => {
      isEnded = true;
      for (const act of endings) act();
      awake();
    });
    const leave = () => {
      if (!isEnded) fault ??= 'left';
      awake();
    };
    request.on('error', leave);
    request.on('close', leave);
  }

  /** Undefined when nothing more comes: at the end, after a fault, after `close`. */
  async function read(): Promise<Buffer | undefined> {
    if (!isReading) listen();
    for (;;) {
      if (isClosed || fault) return undefined;
      const chunk = request.read() as Buffer | null;
      if (chunk) {
        received += chunk.length;
        if (received <= maximumBytes) return chunk;
        fault = 'too-large';
      } else if (isEnded) return undefined;
      else {
        isAwaited = true;
        await new Promise<void>((resolve) => (wake = resolve));
        isAwaited = false;
      }
    }
  }

  function reserve(bytes: number): boolean {
    if (!budget.take(bytes)) return false;
    taken += bytes;
    return true;
  }

  async function buffer(limit: number): Promise<Buffer | undefined> {
    if (whole) return whole;
    if (length !== undefined && (length > limit || !reserve(length))) return undefined;
    while (received <= limit) {
      const chunk = await read();
      if (!chunk) {
        if (!isEnded) return undefined;
        whole = before.length === 1 ? before[0] : Buffer.concat(before);
        before.length = 0;
        return whole;
      }
      before.push(chunk);
      if (length === undefined && !reserve(chunk.length)) return undefined;
    }
    return undefined;
  }

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    isUntouched = false;
    const value = before.shift() ?? (await read());
    if (value) return { value, done: false };
    // A body that was cut off must not look complete to the endpoint.
    if (!isEnded) throw new Error(`The body ended early: ${fault ?? 'closed'}`);
    return { value: undefined, done: true };
  }

  return {
    length,
    buffer,
    stream: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    get isUntouched() {
      return isUntouched;
    },
    get isAwaited() {
      return isAwaited;
    },
    get fault() {
      return fault;
    },
    onEnd(act) {
      if (isEnded) act();
      else endings.push(act);
    },
    close() {
      isClosed = true;
      budget.give(taken);
      taken = 0;
      awake();
      // What still comes is read and forgotten, so that the caller gets to read its answer.
      request.off('readable', awake);
      request.resume();
    },
  };
}
