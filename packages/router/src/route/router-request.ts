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

/** A request's body, in memory or still on its way. It comes once: either it is buffered or it flows. */
export interface Upload {
  /** In bytes, where the caller announced it. */
  readonly length: number | undefined;
  /** The whole body, if it has no more than `maximumBytes` and there is room for it; otherwise it can still flow. */
  buffer(maximumBytes: number): Promise<Uint8Array | undefined>;
  /** Hands the body over, chunk by chunk. May be called again while `isUntouched`. */
  flow(sink: UploadSink): void;
  /** Goes on after a sink's `write` gave false. */
  resume(): void;
  /** Nothing has flowed yet. */
  isUntouched(): boolean;
  /** Why it ended early; undefined while it has not. */
  findFault(): UploadFault | undefined;
  /** The caller has yet to send something that is waited for. */
  isAwaited(): boolean;
  /** Calls back once the last byte has come from the caller; at once if it has come already. */
  onEnd(act: () => void): void;
  /** Ends waiting and flowing, and frees its memory. */
  close(): void;
}

/** `too-large`: the body is larger than allowed. `left`: the caller has. */
export type UploadFault = 'too-large' | 'left';

/** Where a body flows. */
export interface UploadSink {
  /** False: no more until `resume` of the upload. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** The body ended early and must not look complete. */
  fail(error: Error): void;
}
