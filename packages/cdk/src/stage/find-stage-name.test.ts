import { expect, test } from '@jest/globals';
import { isName } from '@amplify-discovery/core';
import fc from 'fast-check';
import { findStageName } from './find-stage-name.ts';

test('a branch that can name a stage is the stage', () => {
  expect(findStageName('main')).toBe('main');
  expect(findStageName('release-1.2_x')).toBe('release-1.2_x');
});

test('what a stage can\u2019t have becomes one hyphen', () => {
  expect(findStageName('feature/login')).toBe('feature-login');
  expect(findStageName('fix/\u00e4/\u00f6 #12')).toBe('fix-12');
  expect(findStageName('../../etc')).toBe('etc');
});

test('a branch of which nothing is left has no stage', () => {
  expect(findStageName('')).toBeUndefined();
  expect(findStageName('/\u2603/')).toBeUndefined();
});

test('whatever the branch, the stage is a name, and its own stage', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 200 })), (branch) => {
      const stage = findStageName(branch);
      expect(stage === undefined || isName(stage)).toBe(true);
      if (stage !== undefined) expect(findStageName(stage)).toBe(stage);
    }),
  );
});
