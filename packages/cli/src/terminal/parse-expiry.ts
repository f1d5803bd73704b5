import { findPeriodMs } from './find-period.ts';
import { DiscoveryError, isDateTime, parseDateTime, showValue } from '@amplify-discovery/core';

/**
 * The ISO 8601 time for `2d`, `12h`, `30m` or a time with an offset.
 *
 * @throws DiscoveryError `InvalidOptions` for anything else and for times in the past.
 */
export function parseExpiry(text: string, now: number, option: string = '--expires'): string {
  const period = findPeriodMs(text);
  const time = period !== undefined ? now + period : isDateTime(text) ? parseDateTime(text) : NaN;
  if (!(time > now)) {
    throw new DiscoveryError(
      'InvalidOptions',
      `${option} must be a time in the future, such as 2d, 12h, 30m or 2030-01-31T12:00:00Z: it is ${showValue(text)}`,
    );
  }
  return new Date(time).toISOString();
}
