import { expect, test } from '@jest/globals';
import { findNearest } from './find-nearest.ts';

test.each([
  ['lsit', 'list'],
  ['stage', 'stages'],
  ['dereg', 'deregister'],
  ['frobnicate', undefined],
  ['', undefined],
])('"%s" means %s', (text, meant) => {
  expect(findNearest(text, ['register', 'deregister', 'stages', 'list'])).toBe(meant);
});
