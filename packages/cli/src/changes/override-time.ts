import { DiscoveryError } from '@amplify-discovery/core';
import { parseExpiry } from '../terminal/parse-expiry.ts';

/** The options of commands that override records for a time. */
export const overrideTimeOptions = {
  for: { kind: 'text', value: 'TIME', help: 'How long: 2h, 30m, 1d.' },
  until: { kind: 'text', value: 'TIME', help: 'The same as an ISO 8601 time.' },
  reason: { kind: 'text', value: 'TEXT', help: 'Why; shown by list --owners and kept in the log of changes.' },
} as const;

export interface OverrideTime {
  /** ISO 8601. */
  readonly until: string;
  readonly reason: string;
}

interface GivenTime {
  readonly for: string | undefined;
  readonly until: string | undefined;
  readonly reason: string | undefined;
}

/**
 * How long an override lasts, and why; undefined where none of the options is given.
 *
 * @throws DiscoveryError `InvalidOptions` where only some of them are.
 */
export function findOverrideTime(
  command: string,
  { for: duration, until, reason }: GivenTime,
  now: number,
): OverrideTime | undefined {
  if ((duration ?? until ?? reason) === undefined) return undefined;
  const refuse = (found: string) => new DiscoveryError('InvalidOptions', `discovery ${command}: ${found}`);
  if (!reason) throw refuse('--reason is missing');
  if ((duration === undefined) === (until === undefined))
    throw refuse('give --for or --until: an override lasts for a time');
  const option = duration === undefined ? '--until' : '--for';
  return { until: parseExpiry(duration ?? until ?? '', now, option), reason };
}
