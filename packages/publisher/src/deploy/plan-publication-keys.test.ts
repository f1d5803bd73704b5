import { expect, test } from '@jest/globals';
import { planPublicationKeys } from './plan-publication-keys.ts';

const arn = (id: string) => `arn:aws:kms:eu-west-1:111122223333:key/${id}`;

test.each([undefined, '', []])('Keys that are %j are no keys, signed or not', (given) => {
  expect(planPublicationKeys(given, undefined)).toEqual([]);
  expect(planPublicationKeys(given, { keyId: arn('a') })).toEqual([]);
});

test('keys stay where they are listed, also twice, and the signing one has the name that it signs with', () => {
  expect(planPublicationKeys([arn('b'), arn('a'), arn('b')], { keyId: 'a', kid: 'live' })).toEqual([
    { keyArn: arn('b'), kid: undefined },
    { keyArn: arn('a'), kid: 'live' },
    { keyArn: arn('b'), kid: undefined },
  ]);
  expect(planPublicationKeys(arn('a'), { keyId: arn('a') })).toEqual([{ keyArn: arn('a'), kid: undefined }]);
});

test.each<[unknown, string | undefined, string]>([
  [{ a: 1 }, arn('a'), 'not a list of ARNs'],
  [[''], arn('a'), 'not a list of ARNs'],
  [[arn('a')], undefined, 'nothing is signed'],
  [[arn('b')], arn('a'), `lacks ${arn('a')}, which signs`],
  [['a', 'b', 'c', 'd', 'e', 'f'].map(arn), arn('a'), 'has 6 keys, and 5 are the most'],
])('%j is refused', (given, keyId, problem) => {
  expect(() => planPublicationKeys(given, keyId === undefined ? undefined : { keyId })).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(problem) }),
  );
});
