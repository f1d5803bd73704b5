import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAmplifyContext } from 'aws-amplify';
import { createDiscovery, type Discovery } from '../src/index.ts';
import { get } from '../src/api.ts';
import { memoryStorage, startEnvironment, type Backend, type Environment } from './start-environment.ts';

let environment: Environment;
let users: Backend;
let discovery: Discovery;

beforeAll(async () => {
  environment = await startEnvironment();
  users = await environment.startService('users');
  const { registry, stage, trustedHosts } = environment.outputs.custom.discovery as never;
  discovery = createDiscovery({
    registry,
    stage,
    trustedHosts,
    storage: memoryStorage(),
    serviceOptions: { users: { authMode: 'userPool' } },
  });
});
afterAll(() => environment.stop());

/** What a framework's adapter makes for each request: configuration of the deployment, tokens of the visitor. */
function contextOf(visitor: string) {
  const token = { toString: () => visitor, payload: { exp: 4_000_000_000 } };
  return createAmplifyContext(
    { Auth: { Cognito: { userPoolId: 'eu-west-1_abc', userPoolClientId: 'client' } } },
    { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: token, idToken: token }) } } },
  );
}

test('requests of many visitors at once share the snapshot and nothing else', async () => {
  const visitors = Array.from({ length: 20 }, (_, index) => `visitor-${index}`);
  await Promise.all(
    visitors.map(
      (visitor) => get(discovery.context(contextOf(visitor)), { apiName: 'users', path: `/${visitor}` }).response,
    ),
  );
  expect(users.requests.map(({ url, headers }) => [url, headers.authorization]).sort()).toEqual(
    visitors.map((visitor) => [`/${visitor}`, visitor]).sort(),
  );
  expect(environment.registry.requests.snapshot).toBe(1);
});

test('a context without a visitor fails where a user is wanted', async () => {
  const context = createAmplifyContext({}, { Auth: { tokenProvider: { getTokens: async () => null } } });
  await expect(get(discovery.context(context), { apiName: 'users', path: '/' }).response).rejects.toMatchObject({
    code: 'CredentialsMissing',
  });
});

test('two discoveries side by side resolve for themselves', async () => {
  const staging = await environment.startService('staging-users');
  await environment.register('users', staging.url, { stage: 'staging' });
  const { registry, trustedHosts } = environment.outputs.custom.discovery as never;
  const other = createDiscovery({ registry, stage: 'staging', trustedHosts, storage: memoryStorage() });
  await get(other.context(contextOf('visitor')), { apiName: 'users', path: '/staging' }).response;
  expect(staging.requests.map(({ url }) => url)).toEqual(['/staging']);
});

test('the configuration that a discovery is made with is not changed', async () => {
  const config = { Auth: { Cognito: { userPoolId: 'eu-west-1_abc', userPoolClientId: 'client' } } };
  const { registry, stage, trustedHosts } = environment.outputs.custom.discovery as never;
  createDiscovery({ registry, stage, trustedHosts, storage: memoryStorage(), config }).context();
  expect(Object.isFrozen(config.Auth)).toBe(false);
});
