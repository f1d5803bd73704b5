import { DiscoveryError } from './discovery-error.ts';

type Release = readonly [major: number, minor: number, patch: number];

/** A parsed version range, made by {@link versionRange}. */
export interface VersionRange {
  readonly range: string;
  matches(version: string): boolean;
  /** Negative when the left release is lower. Pre-release and build parts don't count. */
  compare(left: string, right: string): number;
}

/**
 * Parses a range in node-semver's notation: `1.2.3`, `1.x`, `^1.2`, `~1.2.3`, `>=1.2 <2`, alternatives with `||`.
 * One rule is stricter than node-semver's: a pre-release matches only when the range is exactly that version, so that
 * nobody is moved onto a release candidate by a range.
 *
 * @throws DiscoveryError `InvalidOptions` when the text is not a range.
 *
 * @example
 * ```ts
 * versionRange('^1.2').matches('1.4.0'); // true
 * ```
 */
export function versionRange(range: string): VersionRange {
  const alternatives = range.split('||').map((alternative) =>
    alternative
      .replace(/([<>=~^])\s+/g, '$1')
      .trim()
      .split(/\s+/)
      .map((term) => parseTerm(term, range)),
  );
  return {
    range,
    compare: (left, right) => compare(release(left), release(right)),
    matches: (version) =>
      version === range ||
      (!version.split('+', 1)[0]?.includes('-') &&
        alternatives.some((terms) => terms.every((includes) => includes(release(version))))),
  };
}

/** One comparator as a half-open interval of releases. */
function parseTerm(term: string, range: string): (version: Release) => boolean {
  const [, operator = '', text] = /^([<>]=?|[~^=]?)v?((?:(?:\d+|[x*])(?:\.(?=.)|$|(?=-))){0,3})(?:-[\w.-]+)?$/i.exec(term) ?? [];
  if (text === undefined) throw new DiscoveryError('InvalidOptions', `"${range}" is not a version range such as ^1.2`);
  const numbers = text.split('.').map((number) => (/\d/.test(number) ? Number(number) : NaN));
  const known = [...numbers, NaN].findIndex(Number.isNaN);
  const low = release(numbers.slice(0, known).join('.'));
  const kept = operator === '^' ? (low.slice(0, known).findIndex(Boolean) + 1 || known) : operator === '~' ? Math.min(2, known) : known;
  /** The first release after all that share the first `kept` numbers with `low`. */
  const end: Release = kept ? (low.map((number, index) => (index < kept - 1 ? number : index < kept ? number + 1 : 0)) as never) : [Infinity, 0, 0];
  const from: Release = operator[0] === '<' ? [0, 0, 0] : operator === '>' ? end : low;
  const to: Release = operator === '<' ? low : operator[0] === '>' ? [Infinity, 0, 0] : end;
  return (version) => compare(version, from) >= 0 && compare(version, to) < 0;
}

function release(version: string): Release {
  const [major = 0, minor = 0, patch = 0] = (version.split(/[-+]/, 1)[0] as string).split('.').map(Number);
  return [major, minor, patch];
}

function compare(left: Release, right: Release): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
