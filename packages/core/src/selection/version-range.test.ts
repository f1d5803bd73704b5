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
        expect({ text, version, matches: versionRange(text).matches(version) }).toEqual({
          text,
          version,
          matches: satisfies(version, text),
        });
      }),
      { numRuns: 4000 },
    );
  });

  test('agrees with node-semver on releases, also where the range names a pre-release', () => {
    const preReleaseTerm = fc
      .tuple(
        fc.constantFrom('', '^', '~', '=', '>', '>=', '<', '<='),
        release,
        fc.constantFrom('-0', '-rc.1', '-a-b.2'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(preReleaseTerm, release, (text, version) => {
        expect({ text, version, matches: versionRange(text).matches(version) }).toEqual({
          text,
          version,
          matches: satisfies(version, text),
        });
      }),
      { numRuns: 2000 },
    );
  });

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

  test('matches a pre-release only when the range is exactly that version', () => {
    const version = '1.3.0-rc.1';
    expect(versionRange(version).matches(version)).toBe(true);
    for (const text of ['^1.2', '*', '>=1.3.0-rc.0', '1.3.0', '1.3.0-rc.2', '^1.3.0-rc.1', '1.x']) {
      expect([text, versionRange(text).matches(version)]).toEqual([text, false]);
    }
  });

  test('does not take a release for the pre-release that a range names', () => {
    expect(versionRange('1.3.0-rc.1').matches('1.3.0')).toBe(false);
  });

  test('is no pre-release for a hyphen in the build part', () => {
    expect(versionRange('^1.2').matches('1.3.0+build-5')).toBe(true);
  });

  test('compares releases as node-semver does', () => {
    const { compare: compareOurs } = versionRange('*');
    fc.assert(
      fc.property(release, release, (left, right) => {
        expect(Math.sign(compareOurs(left, right))).toBe(compare(left, right));
      }),
    );
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
  ])('refuses %j', (text) => {
    expect(() => versionRange(text)).toThrow(
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(`"${text}"`) }),
    );
  });

  test('says no to hyphen ranges, which it does not know, instead of misreading them', () => {
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
