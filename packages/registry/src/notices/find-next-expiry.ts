const minuteMs = 60_000;

/**
 * When to read the records again without a notice, in milliseconds since the epoch: when the first of them expires, or the first override
 * ends; never is Infinity. An override that has ended by this clock and stands there still lasts by the registry's: that is asked again in
 * a minute.
 */
export function findNextExpiry(records: readonly unknown[], now: number): number {
  let next = Infinity;
  for (const record of records) {
    const { expiresAt, overriddenUntil } = Object(record) as Record<string, unknown>;
    const expiry = readTime(expiresAt);
    if (expiry > now) next = Math.min(next, expiry);
    const end = readTime(overriddenUntil);
    if (end > 0) next = Math.min(next, end > now ? end : now + minuteMs);
  }
  return next;
}

function readTime(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : 0;
}
