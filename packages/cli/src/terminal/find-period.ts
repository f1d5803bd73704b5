const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The milliseconds that `2d`, `12h` or `30m` means; undefined for anything else. */
export function findPeriodMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * unitMs[unit as keyof typeof unitMs];
}
