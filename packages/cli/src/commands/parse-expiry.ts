import { DiscoveryError, isDateTime, parseDateTime, showValue } from '@amplify-discovery/core';

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * The ISO 8601 time that `2d`, `12h`, `30m` or a time with an offset means.
 *
 * @throws DiscoveryError `InvalidOptions` for anything else and for what has passed.
 */
export function parseExpiry(text: string, now: number, option: string = '--expires'): string {
  const [, amount, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const time =
    amount !== undefined
      ? now + Number(amount) * unitMs[unit as keyof typeof unitMs]
      : isDateTime(text)
        ? parseDateTime(text)
        : NaN;
  if (!(time > now)) {
    throw new DiscoveryError(
      'InvalidOptions',
      `${option} must be a time to come, such as 2d, 12h, 30m or 2030-01-31T12:00:00Z: it is ${showValue(text)}`,
    );
  }
  return new Date(time).toISOString();
}
