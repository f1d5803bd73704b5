import type { Endpoint } from '@amplify-discovery/core';
import type { RouterErrorCode } from '../route/answer-error.ts';

/** What became of a request, known when the head of its answer is. */
export interface Outcome {
  readonly status: number;
  /** How often it was sent. */
  readonly attempts: number;
  readonly endpoint?: Endpoint | undefined;
  /** Why the router answered itself. */
  readonly code?: RouterErrorCode | undefined;
  /** What the caller doesn't get to read. */
  readonly error?: string | undefined;
  readonly droppedCookies?: readonly string[] | undefined;
}
