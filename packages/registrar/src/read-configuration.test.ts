import { expect, test } from '@jest/globals';
import { readConfiguration } from './read-configuration.ts';

const environment = {
  REGISTRY_URL: 'https://registry.example/graphql',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

test("the registry's region is Lambda's own unless it is given, and variables set to nothing are not set", async () => {
  expect(readConfiguration({ ...environment, REGISTRY_REGION: '' })).toMatchObject({
    url: environment.REGISTRY_URL,
    registry: environment.REGISTRY_URL,
    region: 'eu-west-1',
  });
  expect(readConfiguration({ ...environment, REGISTRY_NAME: 'default' })).toMatchObject({
    url: environment.REGISTRY_URL,
    registry: 'default',
  });
  const { region, credentials } = readConfiguration({ ...environment, REGISTRY_REGION: 'us-east-1' });
  expect(region).toBe('us-east-1');
  expect(await credentials()).toMatchObject({ accessKeyId: 'AKIDEXAMPLE' });
});

test.each([
  [{ REGISTRY_URL: '' }, "The registrar's environment: REGISTRY_URL: is missing"],
  [{ REGISTRY_URL: 'nonsense' }, "REGISTRY_URL: must be the URL of the registry's GraphQL endpoint"],
  [{ AWS_REGION: undefined }, 'AWS_REGION: is missing'],
])('%j is refused: %s', (variables, message) => {
  expect(() => readConfiguration({ ...environment, ...variables })).toThrow(message);
});

test('a function without a role has no credentials', async () => {
  const { credentials } = readConfiguration({ ...environment, AWS_ACCESS_KEY_ID: '' });
  await expect(credentials()).rejects.toMatchObject({ code: 'CredentialsMissing' });
});
