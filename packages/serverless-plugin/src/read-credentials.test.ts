import { expect, test } from '@jest/globals';
import { readCredentials } from './read-credentials.ts';
import type { AwsProvider } from './serverless.ts';

const keys = { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' };
const read = (provider: Partial<AwsProvider>) => readCredentials(provider as AwsProvider);

/** As version 2 of the AWS SDK has it: empty until it is asked to load. */
function makeLazyCredentials() {
  const credentials: Partial<typeof keys> & { getPromise(): Promise<void> } = {
    getPromise: async () => {
      Object.assign(credentials, keys);
    },
  };
  return credentials;
}

test.each([
  ['osls', { getAwsSdkV3CredentialsProvider: () => async () => keys }],
  ['Serverless v3', { getCredentials: () => ({ credentials: makeLazyCredentials() }) }],
  ['Serverless v4, as values', { getCredentials: async () => keys }],
  ['Serverless v4, as a function', { getCredentials: async () => ({ credentials: async () => keys }) }],
])('credentials are read from %s', async (_, provider) => {
  expect(await read(provider)).toEqual(keys);
});

test.each([
  ['nothing', {}],
  ['no key', { getCredentials: () => ({ credentials: {} }) }],
  ['an error', { getCredentials: () => Promise.reject(new Error('no profile')) }],
])('%s counts as missing credentials', async (_, provider) => {
  await expect(read(provider)).rejects.toMatchObject({ code: 'CredentialsMissing' });
});
