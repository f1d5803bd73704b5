import type { Readable } from 'node:stream';
import type { RouterErrorCode } from './answer-error.ts';

/** One header line. Names in any case; a name may come several times. */
export type Header = readonly [name: string, value: string];

/** A request as its event source received it, whichever that was. */
export interface RouterRequest {
  readonly method: string;
  /** Path and query, exactly as they came. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body?: Uint8Array | undefined;
  /** As the event source saw it: never what a header says. */
  readonly clientAddress?: string | undefined;
  readonly scheme: 'http' | 'https';
  /** The host the caller asked for. */
  readonly host?: string | undefined;
}

/** What goes back to the caller. */
export interface RouterAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** Bytes for an error; the endpoint's own body as a stream. */
  readonly body: Uint8Array | Readable;
  /** Why the router answered itself. */
  readonly code?: RouterErrorCode | undefined;
}
