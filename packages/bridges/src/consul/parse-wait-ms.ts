const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const defaultMs = 300_000;
const maximumMs = 600_000;

/**
 * How long a blocking query waits, in milliseconds: `90s`, `1m30s`, Go's durations. 5 minutes where nothing, or nothing above 0,
 * is asked for, and 10 minutes at most, as in Consul; undefined for text that is no duration.
 */
export function parseWaitMs(text: string): number | undefined {
  if (/^[-+]?0?$/.test(text)) return defaultMs;
  const [, sign, parts = ''] = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const found = [...parts.matchAll(/([\d.]+)([a-zµ]+)/g)];
  const waitMs = found.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0);
  return sign === '-' || waitMs <= 0 ? defaultMs : Math.min(waitMs, maximumMs);
}
