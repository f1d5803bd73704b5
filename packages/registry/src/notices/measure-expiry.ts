/**
 * In how many milliseconds to read the records again without a notice: when the first of them expires, or the first override ends. At
 * most 12 days, which every timer takes.
 */
export function measureExpiry(records: readonly unknown[], now: number): number {
  let wait = 1e9;
  for (const record of records) {
    for (const field of ['expiresAt', 'overriddenUntil']) {
      const text = (Object(record) as Record<string, unknown>)[field];
      const left = typeof text === 'string' ? Date.parse(text) - now : 0;
      if (left > 0) wait = Math.min(wait, left);
    }
  }
  return wait;
}
