import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Range, compare, satisfies } from 'semver';
import { versionRange } from './version-range.ts';

const number = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.integer({ min: 0, max: 30 }));
const release = fc.tuple(number, number, number).map((numbers) => numbers.join('.'));
const partial = fc.oneof(
  release,
  fc.tuple(number, number).map((numbers) => numbers.join('.')),
  number.map(String),
  fc.tuple(number, fc.constantFrom('x', 'X', '*')).map((parts) => parts.join('.')),
  fc.tuple(number, number, fc.constantFrom('x', '*')).map((parts) => parts.join('.')),
  fc.tuple(number, fc.constantFrom('x', '*'), fc.constantFrom('x', '*')).map((parts) => parts.join('.')),
  fc.constantFrom('*', 'x'),
);
const term = fc
  .tuple(fc.constantFrom('', '', '^', '~', '=', '>', '>=', '<', '<='), fc.constantFrom('', '', ' ', 'v'), partial)
  .map((parts) => parts.join(''));
const hyphen = fc.tuple(partial, partial).map(([low, high]) => `${low} - ${high}`);
const alternative = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(' '));
const range = fc
  .array(alternative, { minLength: 1, maxLength: 3 })
  .chain((alternatives) => fc.constantFrom('||', ' || ', ' ||').map((separator) => alternatives.join(separator)));

describe('versionRange', () => {
  test('agrees with node-semver on releases', () => {
    fc.assert(
      fc.property(range, release, (text, version) => {
        return versionRange(text).matches(version) === satisfies(version, text);
      }),
      { numRuns: 4000 },
    );
  });

  const pre = fc
    .array(fc.constantFrom('0', '1', '10', 'a', 'rc', 'beta-2', 'x'), { minLength: 1, maxLength: 3 })
    .map((parts) => `-${parts.join('.')}`);
  const build = fc.constantFrom('', '', '+build-5');
  const version = fc.tuple(release, fc.oneof(fc.constant(''), pre), build).map((parts) => parts.join(''));

  test('agrees with node-semver on pre-releases, in the version and in the range', () => {
    const tagged = fc
      .tuple(fc.constantFrom('', '=', 'v', '=v', '^', '~', '>', '>=', '<', '<='), version)
      .map((parts) => parts.join(''));
    const terms = fc.array(fc.oneof({ weight: 3, arbitrary: tagged }, term), { minLength: 1, maxLength: 3 });
    const near = fc.tuple(terms, version, fc.boolean()).map(([all, own, isNear]) => {
      // A version that differs at most in its pre-release from one that the range names, as often as not.
      const named = /\d+\.\d+\.\d+/.exec(all.join(' '))?.[0];
      return { text: all.join(' '), version: isNear && named ? named + own.replace(/^[\d.]+/, '') : own };
    });
    fc.assert(
      fc.property(near, ({ text, version: own }) => {
        return versionRange(text).matches(own) === satisfies(own, text);
      }),
      { numRuns: 8000 },
    );
  });

  test.each(['0.x.x', '^0', '~0', '0.0', '^0.0.0', '>=0.0.0', '>=0', '*', '0.0.0'])(
    'agrees with node-semver on a pre-release of 0.0.0 that is named beside %s',
    (one) => {
      const text = `${one} 0.0.0-0`;
      expect(versionRange(text).matches('0.0.0-0')).toBe(satisfies('0.0.0-0', text));
    },
  );

  test.each([
    ['^0.2.3', '0.2.3 0.2.9', '0.2.2 0.3.0 1.0.0'],
    ['^0.0.3', '0.0.3', '0.0.4 0.1.0'],
    ['^0.0', '0.0.0 0.0.9', '0.1.0'],
    ['^0', '0.0.1 0.9.9', '1.0.0'],
    ['^0.0.0', '0.0.0', '0.0.1'],
    ['^1.2', '1.2.0 1.99.0', '1.1.9 2.0.0'],
    ['~1', '1.0.0 1.9.0', '2.0.0'],
    ['~0.0.1', '0.0.1 0.0.9', '0.1.0'],
    ['>1', '2.0.0', '1.9.9'],
    ['>1.2', '1.3.0', '1.2.9'],
    ['<=1.2', '1.2.9 0.1.0', '1.3.0'],
    ['<2', '1.9.9', '2.0.0'],
    ['>= 1.2 <2', '1.2.0', '2.0.0 1.1.9'],
    ['1.2.3 || ^3', '1.2.3 3.4.5', '1.2.4 2.0.0 4.0.0'],
    ['1.x', '1.0.0', '2.0.0'],
    ['', '0.0.0 9.9.9', ''],
    ['*', '0.0.0 9.9.9', ''],
    ['=v1.2.3', '1.2.3 1.2.3+build.7', '1.2.4'],
  ])('%s matches %s and not %s', (text, yes, no) => {
    const { matches } = versionRange(text);
    expect(yes.split(' ').filter((version) => version && !matches(version))).toEqual([]);
    expect(no.split(' ').filter((version) => version && matches(version))).toEqual([]);
  });

  test.each([
    ['3.x-staging', '3.7.9-staging 3.0.0-staging', '3.7.9 3.7.9-staging.1 4.0.0-staging 3.7.9-rc'],
    ['5.x.x-staging', '5.0.0-staging 5.9.1-staging', '5.0.0 6.0.0-staging'],
    ['1.2.x-a.1', '1.2.0-a.1', '1.2.0 1.3.0-a.1'],
    ['*-next', '1.0.0-next 7.1.0-next', '1.0.0'],
    ['=1.2.3-beta', '1.2.3-beta', '1.2.3 1.2.3-beta.1 1.2.4-beta'],
    ['v1.2.3-beta', '1.2.3-beta', '1.2.3'],
    ['v1.2.3', '1.2.3', '1.2.3-beta'],
    ['^1.3.0-rc.1', '1.3.0-rc.1 1.3.0-rc.2 1.3.0 1.4.0', '1.3.0-beta 1.4.0-rc.1 2.0.0-rc.1'],
  ])('%s has %s in it and not %s', (text, yes, no) => {
    const { matches } = versionRange(text);
    expect(yes.split(' ').filter((own) => !matches(own))).toEqual([]);
    expect(no.split(' ').filter((own) => matches(own))).toEqual([]);
  });

  test('has an endpoint without version in it only when it leaves nothing out', () => {
    for (const text of ['*', '', 'x', '>=*', '^*', '1 || *']) {
      expect([text, versionRange(text).matches(undefined)]).toEqual([text, true]);
    }
    for (const text of ['^1', '>=0.0.0', '*-next', '<*', '1.2.3']) {
      expect([text, versionRange(text).matches(undefined)]).toEqual([text, false]);
    }
  });

  test('orders versions as node-semver does', () => {
    const { compare: compareOurs } = versionRange('*');
    fc.assert(
      fc.property(version, version, (left, right) => {
        return Math.sign(compareOurs(left, right)) === compare(left, right);
      }),
      { numRuns: 2000 },
    );
  });

  test('does not take a hyphen in the build part for a pre-release', () => {
    expect(versionRange('^1.2').matches('1.3.0+build-5')).toBe(true);
  });

  test.each([
    'latest',
    'a.b.c',
    '^',
    '~>1',
    '1.2.3.4',
    '1..2',
    '1.2.',
    '||^',
    '^^1',
    '> >1',
    '-1',
    '1.2.3-',
    '1,2',
    '^1.2 &&',
    '1.-2',
    '=>1',
    '1-staging',
    '1.2-next',
    '^3.x-staging',
    '>=3.x-staging',
  ])('refuses %j', (text) => {
    expect(() => versionRange(text)).toThrow(
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(`"${text}"`) }),
    );
  });

  test('refuses hyphen ranges, which it does not support, instead of misreading them', () => {
    fc.assert(
      fc.property(hyphen, (text) => {
        expect(new Range(text)).toBeDefined();
        expect(() => versionRange(text)).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
      }),
    );
  });

  test('never throws anything but InvalidOptions', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.x*^~<>=| v-]{0,12}$/)), release, (text, version) => {
        try {
          expect(typeof versionRange(text).matches(version)).toBe('boolean');
        } catch (error) {
          expect(error).toMatchObject({ code: 'InvalidOptions' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
