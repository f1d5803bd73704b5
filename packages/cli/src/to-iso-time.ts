/** Milliseconds since the epoch as ISO 8601; undefined for nothing and for what no date can be. */
export function toIsoTime(time: number | undefined): string | undefined {
  return time !== undefined && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : undefined;
}
