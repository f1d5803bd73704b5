/**
 * The milliseconds since the epoch of an `AWSDateTime`, whose offset may have seconds, which `Date.parse` doesn't read.
 * NaN for what is not a time at all; `isDateTime` says what AppSync takes.
 */
export function parseDateTime(text: string): number {
  const [, time = text, sign, seconds = 0] = /^(.+([+-])\d\d:\d\d):(\d\d)$/.exec(text) ?? [];
  return Date.parse(time) - Number(`${sign ?? ''}1`) * Number(seconds) * 1000;
}
