/** How far ahead of ours the clock of an event may be. */
const toleranceMs = 15 * 60_000;

/**
 * When CloudFormation made the event, in ISO 8601 to the second: the time at which it signed the ResponseURL. Undefined
 * where the URL doesn't say. However old an event is, it counts as that old; one from the future counts as made now, so
 * that no event can keep later ones out.
 */
export function findRequestTime(responseUrl: string, now: number): string | undefined {
  const signedAt = URL.canParse(responseUrl) ? new URL(responseUrl).searchParams.get('X-Amz-Date') : null;
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt ?? '');
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return undefined;
  return ms - now <= toleranceMs ? time : new Date(Math.floor(now / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
