import type { Endpoint } from '@amplify-discovery/core';
import type { RouterErrorCode } from '../route/answer-error.ts';

/** What became of a request, once its status is known. */
export interface Outcome {
  readonly status: number;
  /** How often it was sent. */
  readonly attempts: number;
  readonly endpoint?: Endpoint | undefined;
  /** Why the router answered and not the endpoint. */
  readonly code?: RouterErrorCode | undefined;
  /** Not shown to the caller. */
  readonly error?: string | undefined;
  readonly droppedCookies?: readonly string[] | undefined;
}
