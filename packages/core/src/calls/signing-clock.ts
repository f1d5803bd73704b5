/** The time that requests are signed at: this machine's, until a refusal shows that its clock is wrong. */
export interface SigningClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Takes the time from an answer that refuses a request, if it is so far from this clock's that AWS accepts no signature.
   * True when the request may be accepted with another signature.
   */
  correct(answer: Pick<Response, 'status' | 'headers'>): boolean;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html; S3 grants 15 minutes. */
const toleranceMs = 5 * 60_000;

/** Makes a clock. Requests that share one are corrected together. */
export function createSigningClock(machineNow: () => number = Date.now): SigningClock {
  let offsetMs = 0;
  const now = () => machineNow() + offsetMs;
  return {
    now,
    correct({ status, headers }) {
      const time = Date.parse(headers.get('date') ?? '');
      if (!/^40[013]$/.test(`${status}`) || !(Math.abs(time - now()) >= toleranceMs)) return false;
      offsetMs = time - machineNow();
      return true;
    },
  };
}
