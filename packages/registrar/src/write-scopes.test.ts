import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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

  test('with stars matches what the pattern says, however many stars there are', () => {
    const pattern = fc.stringMatching(/^[ab.*]{1,12}$/);
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab.]{1,20}$/), (pattern, service) => {
        const expected = new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replaceAll(/\*+/g, '.*')}$`).test(
          service,
        );
        expect(mayWrite({ team: [pattern] }, 'team', service)).toBe(expected);
      }),
    );
    const slow = { team: [`${'*a'.repeat(60)}*b`] };
    expect(mayWrite(slow, 'team', 'a'.repeat(128))).toBe(false);
  });

  test.each([
    ['{', 'SCOPES: is not valid JSON'],
    ['null', 'SCOPES: expected object'],
    ['"x"', 'SCOPES: expected object'],
    ['{"a":"b"}', 'SCOPES: a: expected array'],
    ['{"a":[1]}', 'SCOPES: a.0: expected string'],
    ['{"a":["(x+)+"]}', 'SCOPES: a.0: must be the name of a service'],
    ['{"a":[""]}', 'SCOPES: a.0: must be the name of a service'],
    ['{"a":["ok"],"__proto__":["*"]}', 'SCOPES: __proto__: is not a known setting'],
  ])('that is malformed is refused as a whole: %s', (text, message) => {
    expect(() => parseWriteScopes(text)).toThrow(message);
  });

  test('may be left out', () => {
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
