import { DiscoveryError } from '../discovery-error.ts';

/** A parsed version range, made by {@link versionRange}. */
export interface VersionRange {
  readonly range: string;
  /** Undefined, for an endpoint without version, is in a range that leaves nothing out. */
  matches(version: string | undefined): boolean;
  /** Negative when the left version is lower: as semver orders them, with build parts left out. */
  compare(left: string, right: string): number;
}

type Release = readonly [major: number, minor: number, patch: number];

interface Version {
  readonly release: Release;
  /** The identifiers of a pre-release: `rc`, `1`. */
  readonly pre: readonly string[];
}

/** One comparator of node-semver's: a bound, and which side of it is in the range. */
interface Bound {
  readonly sign: '<' | '<=' | '>' | '>=';
  readonly than: Version;
}

/** What is between spaces: bounds, all of which a version keeps to, and the pre-release that it has to be, if any. */
interface Term {
  readonly bounds: readonly Bound[];
  readonly tag?: string | undefined;
}

const anything: Term = { bounds: [] };
const nothing: Term = { bounds: [{ sign: '<', than: { release: [0, 0, 0], pre: ['0'] } }] };

/**
 * Parses a range as node-semver reads it: `1.2.3`, `1.x`, `^1.2`, `~1.2.3`, `>=1.2 <2`, alternatives with `||`. A
 * pre-release is in a range only when that names one of the same release: `1.3.0-rc.2` is in `^1.3.0-rc.1`, and not in
 * `^1.2`. In addition `1.x-staging` stands for the versions of `1.x` that are called `-staging`. Hyphen ranges (`1.2 - 2`)
 * are refused.
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
    matches(version) {
      if (version === undefined) return alternatives.some((terms) => terms.every((term) => term === anything));
      const parsed = parseVersion(version);
      return alternatives.some((terms) => includes(terms, parsed));
    },
    compare: (left, right) => compare(parseVersion(left), parseVersion(right)),
  };
}

function includes(terms: readonly Term[], version: Version): boolean {
  const bounds = terms.flatMap((term) => term.bounds);
  const isNamed =
    terms.some(({ tag }) => tag !== undefined) ||
    bounds.some(({ than }) => than.pre.length && !compareReleases(than.release, version.release));
  return (
    (isNamed || !version.pre.length) &&
    terms.every(({ tag }) => tag === undefined || tag === version.pre.join('.')) &&
    bounds.every(({ sign, than }) => {
      const order = compare(version, than);
      return order ? order < 0 === (sign[0] === '<') : sign[1] === '=';
    })
  );
}

const termPattern =
  /^([<>]=?|[~^=]?)v?(\d+|[x*])(?:\.(\d+|[x*])(?:\.(\d+|[x*]))?)?(?:-([\da-z-]+(?:\.[\da-z-]+)*))?(?:\+[\w.-]+)?$/i;

function parseTerm(term: string, range: string): Term {
  const [, operator = '', major, minor, patch, tag] = termPattern.exec(term || '*') ?? [];
  const numbers = [major, minor, patch].map(Number);
  /** How many of the three are given, as numbers. */
  const known = [...numbers, NaN].findIndex(Number.isNaN);
  const isPartTagged = known < 3 && tag !== undefined;
  const hasX = [major, minor, patch].some((part) => /^[x*]$/i.test(part ?? ''));
  if (!major || (isPartTagged && (!hasX || /[<>~^]/.test(operator))))
    throw new DiscoveryError('InvalidOptions', `"${range}" is not a version range such as ^1.2`);
  const release = toRelease(numbers.slice(0, known));
  const low: Version = { release, pre: isPartTagged ? [] : splitPre(tag) };
  const first = isPartTagged ? { release, pre: ['0'] } : low;
  /** Of all versions that share so many numbers with this one, and of their pre-releases. */
  const between = (shared: number): Term =>
    shared
      ? {
          bounds: [...boundBelow(first), { sign: '<', than: { release: releaseAfter(release, shared), pre: ['0'] } }],
          tag: isPartTagged ? tag : undefined,
        }
      : isPartTagged
        ? { bounds: [], tag }
        : anything;

  switch (operator) {
    case '^':
      return between(Math.min(known, release.slice(0, known).findIndex(Boolean) + 1 || known));
    case '~':
      return between(Math.min(2, known));
    case '>':
      if (known === 3) return { bounds: [{ sign: '>', than: low }] };
      return known ? { bounds: [{ sign: '>=', than: { release: releaseAfter(release, known), pre: [] } }] } : nothing;
    case '<':
      return known ? { bounds: [{ sign: '<', than: known < 3 ? { release, pre: ['0'] } : low }] } : nothing;
    case '>=':
      return known ? { bounds: boundBelow(low) } : anything;
    case '<=':
      if (known === 3) return { bounds: [{ sign: '<=', than: low }] };
      return known
        ? { bounds: [{ sign: '<', than: { release: releaseAfter(release, known), pre: ['0'] } }] }
        : anything;
    default:
      return known === 3
        ? {
            bounds: [
              { sign: '>=', than: low },
              { sign: '<=', than: low },
            ],
          }
        : between(known);
  }
}

/** node-semver takes `>=0.0.0` for no bound, so a pre-release of 0.0.0 that another term names is not below it. */
function boundBelow(than: Version): readonly Bound[] {
  return than.pre.length || than.release.some(Boolean) ? [{ sign: '>=', than }] : [];
}

/** The first release after all that share their first numbers with this one. */
function releaseAfter(release: Release, shared: number): Release {
  return toRelease(release.slice(0, shared).map((number, index) => (index === shared - 1 ? number + 1 : number)));
}

function toRelease([major = 0, minor = 0, patch = 0]: readonly number[]): Release {
  return [major, minor, patch];
}

function parseVersion(version: string): Version {
  const [, release = '', pre] = /^([\d.]*)(?:-([^+]*))?/.exec(version) ?? [];
  return { release: toRelease(release.split('.').map(Number)), pre: splitPre(pre) };
}

function splitPre(pre: string | undefined): readonly string[] {
  return pre ? pre.split('.') : [];
}

function compare(left: Version, right: Version): number {
  return compareReleases(left.release, right.release) || comparePre(left.pre, right.pre);
}

function compareReleases(left: Release, right: Release): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** https://semver.org/#spec-item-11: a release comes after its pre-releases, numbers before words, the longer last. */
function comparePre(left: readonly string[], right: readonly string[]): number {
  if (!left.length || !right.length) return right.length - left.length;
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (one === other) continue;
    if (other === undefined) return 1;
    const [isNumber, isOtherNumber] = [one, other].map((part) => /^\d+$/.test(part));
    if (isNumber && isOtherNumber) return Number(one) - Number(other);
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
