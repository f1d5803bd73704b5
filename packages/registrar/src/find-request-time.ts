/** How far the clock of an event may be from ours before it is not believed. */
const toleranceMs = 15 * 60_000;

/**
 * When CloudFormation made the event, in ISO 8601 to the second: the time at which it signed the ResponseURL. Undefined
 * where the URL doesn't tell, or tells a time that is not near.
 */
export function findRequestTime(responseUrl: string, now: number): string | undefined {
  const signedAt = URL.canParse(responseUrl) ? new URL(responseUrl).searchParams.get('X-Amz-Date') : null;
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt ?? '');
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Math.abs(Date.parse(time) - now) <= toleranceMs ? time : undefined;
}
