import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameScopeAlias } from './name-scope-alias.ts';

/** In the opposite order; `toReversed` is not in the language version that is compiled for. */
function turn(list: readonly string[]): string[] {
  return list.map((_, index) => list[list.length - 1 - index] as string);
}

const service = fc.stringMatching(/^[A-Za-z0-9._*-]{1,128}$/);

test('the same services in any order, also twice, have the same alias', () => {
  fc.assert(
    fc.property(fc.array(service, { minLength: 1 }), (services) => {
      expect(nameScopeAlias(turn(services))).toBe(nameScopeAlias(services));
      expect(nameScopeAlias([...services, ...services])).toBe(nameScopeAlias(services));
    }),
  );
});

test('every alias is one that Lambda accepts, and never a version number', () => {
  fc.assert(
    fc.property(fc.array(service, { minLength: 1 }), (services) => {
      expect(nameScopeAlias(services)).toMatch(/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/);
    }),
  );
});

test('services that look alike in an alias still have their own', () => {
  expect(nameScopeAlias(['user.*'])).not.toBe(nameScopeAlias(['user-*']));
  expect(nameScopeAlias(['a', 'b'])).not.toBe(nameScopeAlias(['a']));
});
