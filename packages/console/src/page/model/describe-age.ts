const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** How long ago, or in how long, in the largest unit that fits: `3 d ago`, `in 12 min`, `just now`. Empty for what is no time. */
export function describeAge(time: string | undefined, now: number): string {
  const past = now - Date.parse(time ?? '');
  if (!Number.isFinite(past)) return '';
  const [unit, length] = units.find(([, milliseconds]) => Math.abs(past) >= milliseconds) ?? [];
  if (unit === undefined || length === undefined) return past < 0 ? 'in a moment' : 'just now';
  const count = Math.floor(Math.abs(past) / length);
  return past < 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}
