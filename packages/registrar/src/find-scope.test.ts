import { expect, test } from '@jest/globals';
import { findScope } from './find-scope.ts';

test('the scope is the alias in the ARN by which the function was called', () => {
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
  expect(findScope(arn)).toBeUndefined();
  expect(findScope(`${arn}:$LATEST`)).toBeUndefined();
  expect(findScope(`${arn}:team-users`)).toBe('team-users');
  expect(findScope(`${arn}:7`)).toBe('7');
});
