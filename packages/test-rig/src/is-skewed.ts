import type { IncomingHttpHeaders } from 'node:http';

const allowedMs = 15 * 60_000;

/** Whether a request was signed at a time so far from the server's that AWS refuses it. */
export function isSkewed(headers: IncomingHttpHeaders, now: number): boolean {
  const signedAt = String(headers['x-amz-date'] ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  return Math.abs(Date.parse(signedAt) - now) > allowedMs;
}
