/** How long a snapshot may be used. The names follow HTTP's: RFC 9111 (fresh) and RFC 5861 (stale-…). */
export interface FreshnessOptions {
  /** Served without a request. @default 300 (5 minutes) */
  readonly freshSeconds?: number | undefined;
  /** After that served at once, while a refresh runs behind it. @default 86400 (1 day) */
  readonly staleWhileRevalidateSeconds?: number | undefined;
  /** After `freshSeconds` served when a refresh fails. @default 604800 (7 days) */
  readonly staleIfErrorSeconds?: number | undefined;
  /** The least time between two requests caused by a failure or by an unknown service, and that an unreachable endpoint is left out. @default 5 */
  readonly recheckSeconds?: number | undefined;
}

/** `stale`: use it and refresh behind it. `expired`: refresh first, use it if that fails. `gone`: never use it. */
export type Freshness = 'fresh' | 'stale' | 'expired' | 'gone';

/** Every bound, filled in. */
export type FreshnessBounds = { readonly [K in keyof FreshnessOptions]-?: number };

/** The bounds with their defaults. */
export function resolveFreshness(options: FreshnessOptions = {}): FreshnessBounds {
  const {
    freshSeconds = 300,
    staleWhileRevalidateSeconds = 86_400,
    staleIfErrorSeconds = 604_800,
    recheckSeconds = 5,
  } = options;
  return { freshSeconds, staleWhileRevalidateSeconds, staleIfErrorSeconds, recheckSeconds };
}

/**
 * Seconds between two clock readings in milliseconds, in either direction: a clock that was set back makes a snapshot
 * older, never younger, so a time stamp from the future can't keep one alive.
 */
export function measureAge(now: number, then: number): number {
  return Math.abs(now - then) / 1000;
}

/** What may be done with a snapshot of this age. */
export function judgeFreshness(ageSeconds: number, bounds: FreshnessBounds): Freshness {
  const { freshSeconds, staleWhileRevalidateSeconds, staleIfErrorSeconds } = bounds;
  if (ageSeconds < freshSeconds) return 'fresh';
  if (ageSeconds < freshSeconds + staleWhileRevalidateSeconds) return 'stale';
  if (ageSeconds < freshSeconds + staleIfErrorSeconds) return 'expired';
  return 'gone';
}
