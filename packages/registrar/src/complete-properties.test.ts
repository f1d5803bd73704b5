import { expect, test } from '@jest/globals';
import { completeProperties } from './complete-properties.ts';

const { signal } = new AbortController();
const url = 'https://example123.appsync-api.eu-west-1.amazonaws.com/graphql';
const find = async (apiId: string) => (apiId === 'example123' ? { url } : undefined);

test('the id of a GraphQL API becomes its URL', async () => {
  const given = { Service: 'users', Target: '', Kind: '', GraphqlApiId: 'example123' };
  expect(await completeProperties(given, find, signal)).toEqual({ Service: 'users', Kind: 'graphql', Target: url });
  expect(await completeProperties({ ...given, Kind: 'events' }, find, signal)).toMatchObject({ Kind: 'events' });
});

test('without an id, or with a target beside it, AppSync is not asked', async () => {
  const fail = () => Promise.reject(new Error('was asked'));
  for (const given of [
    { Target: url },
    { GraphqlApiId: '' },
    { GraphqlApiId: 5 },
    { GraphqlApiId: 'a', Target: url },
  ]) {
    expect(await completeProperties(given, fail, signal)).toBe(given);
  }
});

test('an unknown id is refused', async () => {
  await expect(completeProperties({ GraphqlApiId: 'x' }, find, signal)).rejects.toMatchObject({
    code: 'InvalidRecord',
    message: expect.stringContaining('GraphqlApiId "x"'),
  });
});

test('a refusal by AppSync names the permission that is needed', async () => {
  const fail = () => Promise.reject(new Error('not authorized'));
  await expect(completeProperties({ GraphqlApiId: 'x' }, fail, signal)).rejects.toMatchObject({
    code: 'RegistryUnavailable',
    message: expect.stringMatching(/not authorized.*appsync:GetGraphqlApi/),
  });
});
