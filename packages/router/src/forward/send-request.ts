import type { HeaderList } from '../route/header-list.ts';
import type { Upload } from '../route/router-request.ts';

export interface OutgoingRequest {
  /** `https://api.example.com`, as URL gives it. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly method: string;
  /** Without Host and Content-Length. */
  readonly headers: HeaderList;
  /** Bytes can be sent again; a stream is sent with its length, or in chunks. */
  readonly body: Uint8Array | Upload | undefined;
}

/**
 * `unreachable`: no connection, or one that broke before an answer; asking the source again may help. `late`: no
 * connection in time. `invalid`: what came back is not HTTP. `unsendable`: the request itself is not valid HTTP.
 */
export interface SendFailure {
  readonly failure: 'unreachable' | 'late' | 'invalid' | 'unsendable';
  readonly error: Error;
}

/** What a sender calls: a head, then data, then an end; or a failure at any moment, and nothing after it. */
export interface AnswerHandler {
  /** Once, with a final status of 200 or more. Hop-by-hop headers are included. */
  onHead(status: number, headers: HeaderList): void;
  /** False: nothing more until `resume`. */
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  onFailure(failure: SendFailure): void;
}

/** A request that was sent. */
export interface SentRequest {
  resume(): void;
  /** Ends the exchange; its handler is not called any more. */
  abort(): void;
}

/**
 * Sends one request; never throws. Answers are passed on as they arrive: not decompressed, redirects not followed, 1xx left
 * out. The deadline of the exchange is not the sender's concern.
 */
export type SendRequest = (request: OutgoingRequest, handler: AnswerHandler) => SentRequest;
