import { expect, test } from '@jest/globals';
import { checkPath } from './check-path.ts';

test.each([
  ['/users', '/users'],
  ['users', '/users'],
  ['@evil.com/x', '/@evil.com/x'],
  ['', ''],
  ['?a=1', '?a=1'],
  ['#part', '#part'],
])('%j follows a target as %j', (path, expected) => {
  expect(checkPath(path, 'users')).toBe(expected);
});

test.each(['//evil.com', '/../x', '..', '/x\\y', '/a\tb'])('%j is refused', (path) => {
  expect(() => checkPath(path, 'users')).toThrow(expect.objectContaining({ code: 'InvalidPath', service: 'users' }));
});
