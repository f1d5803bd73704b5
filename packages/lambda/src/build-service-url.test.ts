import { expect, test } from '@jest/globals';
import { buildServiceUrl } from './build-service-url.ts';

const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';

test.each([
  ['/users', `${target}/users`],
  ['/', `${target}/`],
  ['/users?name=a%2Fb&x=../y', `${target}/users?name=a%2Fb&x=../y`],
  ['/.well-known/x', `${target}/.well-known/x`],
  ['/@evil.com/x', `${target}/@evil.com/x`],
  ['/Ada Lovelace', `${target}/Ada%20Lovelace`],
])('%s is below the target', (path, expected) => {
  expect(buildServiceUrl(target, path, 'users').href).toBe(expected);
});

test.each(['@evil.com/x', '//evil.com', '/../x', '/..;/x', '/%252e%252e/x', '/x#y'])('%s is refused', (path) => {
  expect(() => buildServiceUrl(target, path, 'users')).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
});
