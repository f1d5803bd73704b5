import type { ErrorAnswer } from '../route/answer-error.ts';
import type { HeaderList } from '../route/header-list.ts';

/** Where a router's answer goes; its host makes one for each request. */
export interface Reply {
  /** Throws when the event source can't carry such a head. */
  start(status: number, headers: HeaderList): void;
  /** False: write no more until the host calls `resume` of the exchange. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** The answer ended in the middle: what was sent so far must not look complete. */
  breakOff(): void;
}

/** Sends a whole answer. */
export function replyWith(reply: Reply, { status, headers, body }: Omit<ErrorAnswer, 'code'>): void {
  reply.start(status, headers);
  reply.write(body);
  reply.end();
}

/** A request on its way. */
export interface Exchange {
  /** The caller can take more of the answer. */
  resume(): void;
  /** The caller has left: ends the request to the endpoint, and nothing is written any more. */
  cancel(): void;
}
