import { DiscoveryError } from '../discovery-error.ts';

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
 * nobody is moved onto a release candidate by a range. Hyphen ranges (`1.2 - 2`) are refused.
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

const termPattern =
  /^([<>]=?|[~^=]?)v?(\d+|[x*])(?:\.(\d+|[x*])(?:\.(\d+|[x*])(-[\da-z-]+(?:\.[\da-z-]+)*)?)?)?(?:\+[\w.-]+)?$/i;

/** One comparator as a half-open interval of releases. */
function parseTerm(term: string, range: string): (version: Release) => boolean {
  const [, operator = '', major, minor, patch, preRelease] = termPattern.exec(term || '*') ?? [];
  if (!major) throw new DiscoveryError('InvalidOptions', `"${range}" is not a version range such as ^1.2`);
  const numbers = [major, minor, patch].map(Number);
  const known = [...numbers, NaN].findIndex(Number.isNaN);
  const low = release(numbers.slice(0, known).join('.'));
  const kept =
    operator === '^'
      ? low.slice(0, known).findIndex(Boolean) + 1 || known
      : operator === '~'
        ? Math.min(2, known)
        : known;
  const end = preRelease && !/[~^]/.test(operator) ? low : releaseAfter(low, kept);
  const from: Release = operator[0] === '<' ? [0, 0, 0] : operator === '>' ? end : low;
  const to: Release = operator === '<' ? low : operator[0] === '>' ? releaseAfter(low, 0) : end;
  return (version) => compare(version, from) >= 0 && compare(version, to) < 0;
}

/** The first release after all that share their first `kept` numbers with this one. */
function releaseAfter(low: Release, kept: number): Release {
  if (!kept) return [Infinity, 0, 0];
  const [major, minor, patch] = low.map((number, index) => (index < kept ? number + (index === kept - 1 ? 1 : 0) : 0));
  return [major as number, minor as number, patch as number];
}

function release(version: string): Release {
  const [major = 0, minor = 0, patch = 0] = (version.split(/[-+]/, 1)[0] as string).split('.').map(Number);
  return [major, minor, patch];
}

function compare(left: Release, right: Release): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
