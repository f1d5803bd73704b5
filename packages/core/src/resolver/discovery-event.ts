import type { DiscoveryError } from '../discovery-error.ts';

/**
 * What a resolver reports as it works; the same events with the same fields in browser, Lambda and router.
 *
 * - `hit`: a call was answered from a snapshot that was there; `stale` when it was past its fresh time.
 * - `miss`: no endpoint of the stage serves this name.
 * - `refresh`: a source was asked and answered; `changed` when the revision differs.
 * - `refresh-failed`: it did not; the snapshot at hand, if any, stays in use.
 * - `rejected`: a record was left out, malformed or on an untrusted host.
 * - `connected`, `disconnected`: notices of changes arrive from now on, or no longer; in browsers, with `live`.
 * - `storage-failed`: storage could not be read or written; nothing depends on it.
 */
export type DiscoveryEvent =
  | {
      readonly type: 'hit';
      readonly stage: string;
      readonly service: string;
      readonly target: string;
      readonly origin: string;
      readonly stale: boolean;
      readonly ageSeconds: number;
    }
  | { readonly type: 'miss'; readonly stage: string; readonly service: string }
  | {
      readonly type: 'refresh';
      readonly stage: string;
      readonly revision: string;
      readonly changed: boolean;
      readonly origin: string;
      readonly durationSeconds: number;
    }
  | { readonly type: 'connected' | 'disconnected'; readonly url: string }
  | {
      readonly type: 'refresh-failed' | 'rejected' | 'storage-failed';
      readonly stage: string;
      readonly error: DiscoveryError;
    };

/** Receives events. What it throws is ignored: watching must not break a call. */
export type ReportEvent = (event: DiscoveryEvent) => void;
