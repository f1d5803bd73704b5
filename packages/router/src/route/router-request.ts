import type { HeaderList } from './header-list.ts';

/** A request as its event source received it. */
export interface RouterRequest {
  readonly method: string;
  /** Path and query, exactly as they were sent. */
  readonly target: string;
  readonly headers: HeaderList;
  /** Undefined when there is none. */
  readonly body?: Upload | undefined;
  /** As the event source saw it, never from a header. */
  readonly clientAddress?: string | undefined;
  readonly scheme: 'http' | 'https';
  /** The host of the request. */
  readonly host?: string | undefined;
}

/** A request's body, in memory or still arriving. It is read once: either it is buffered or it flows. */
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
  /** Whether more of it is being waited for. */
  isAwaited(): boolean;
  /** Calls back when the last byte has arrived; at once if it has already. */
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
