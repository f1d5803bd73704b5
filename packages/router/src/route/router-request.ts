import type { HeaderList } from './header-list.ts';

/** A request as its event source received it, whichever that was. */
export interface RouterRequest {
  readonly method: string;
  /** Path and query, exactly as they came. */
  readonly target: string;
  readonly headers: HeaderList;
  /** Undefined when there is none. */
  readonly body?: Upload | undefined;
  /** As the event source saw it: never what a header says. */
  readonly clientAddress?: string | undefined;
  readonly scheme: 'http' | 'https';
  /** The host the caller asked for. */
  readonly host?: string | undefined;
}

/** A request's body, in memory or still on its way. It comes once, so who reads it decides between the two forms. */
export interface Upload {
  /** In bytes, where the caller announced it or where it has arrived as a whole. */
  readonly length: number | undefined;
  /** The whole body, if it has no more than `maximumBytes` and there is room for it; otherwise it can still be streamed. */
  buffer(maximumBytes: number): Promise<Uint8Array | undefined>;
  /** Its chunks. May be asked for again while `isUntouched`. */
  stream(): AsyncIterable<Uint8Array>;
  /** No chunk has left through `stream` yet. */
  readonly isUntouched: boolean;
  /** Why it ended early: it is larger than allowed, or the caller left. */
  readonly fault: 'too-large' | 'left' | undefined;
  /** The caller has yet to send something that is being waited for. */
  readonly isAwaited: boolean;
  /** Calls back once the last byte has come from the caller; at once if it has come already. */
  onEnd(act: () => void): void;
  /** Ends waiting and frees its memory. */
  close(): void;
}
