import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findGroups } from './find-groups.ts';

const write = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('the groups are those that the token names, whatever characters they have', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[\w.+-]{1,40}$/)), (groups) => {
      expect(findGroups(write({ sub: 'a', 'cognito:groups': groups }))).toEqual(groups);
    }),
  );
});

test('a token that can\u2019t be read names none', () => {
  fc.assert(fc.property(fc.string(), (token) => expect(findGroups(token)).toEqual([])));
  fc.assert(
    fc.property(fc.jsonValue(), (claims) =>
      expect(findGroups(write({ 'cognito:groups': claims }))).toBeInstanceOf(Array),
    ),
  );
  expect(findGroups(write(null))).toEqual([]);
});
