import { describe, expect, test } from '@jest/globals';
import { findAlias, mayWrite, parseWriteScopes } from './write-scopes.ts';

const scopes = parseWriteScopes('{"team-users":["user-management-service","user.*"],"ci":["*"],"nobody":[]}');

describe('a write scope', () => {
  test('lets an alias write the services that it names, and no other', () => {
    expect(mayWrite(scopes, 'team-users', 'user-management-service')).toBe(true);
    expect(mayWrite(scopes, 'team-users', 'user.profile')).toBe(true);
    expect(mayWrite(scopes, 'team-users', 'userXprofile')).toBe(false);
    expect(mayWrite(scopes, 'team-users', 'user-management-service-2')).toBe(false);
    expect(mayWrite(scopes, 'team-users', 'my-user-management-service')).toBe(false);
    expect(mayWrite(scopes, 'ci', 'anything')).toBe(true);
    expect(mayWrite(scopes, 'nobody', 'anything')).toBe(false);
  });

  test('gives an alias or version that has none nothing at all', () => {
    for (const alias of ['team-orders', '7', 'constructor', '__proto__', 'toString']) {
      expect(mayWrite(scopes, alias, 'user-management-service')).toBe(false);
      expect(mayWrite({}, alias, 'user-management-service')).toBe(false);
    }
  });

  test('is not needed where the function is called by its bare name', () => {
    expect(mayWrite(scopes, undefined, 'anything')).toBe(true);
  });

  test('that is malformed is refused as a whole', () => {
    for (const text of ['{', '[]', 'null', '"x"', '{"a":"b"}', '{"a":[1]}', '{"a":["(x+)+"]}', '{"a":[""]}']) {
      expect(() => parseWriteScopes(text)).toThrow('SCOPES must be JSON');
    }
    expect(parseWriteScopes(undefined)).toEqual({});
    expect(parseWriteScopes('')).toEqual({});
  });
});

test('the alias is read from the ARN by which the function was called', () => {
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
  expect(findAlias(arn)).toBeUndefined();
  expect(findAlias(`${arn}:$LATEST`)).toBeUndefined();
  expect(findAlias(`${arn}:team-users`)).toBe('team-users');
  expect(findAlias(`${arn}:7`)).toBe('7');
});
