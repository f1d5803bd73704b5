import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hasGlobalContext } from '@aws-amplify/core';
import { discover, getDiscovery } from '../src/index.ts';
import { memoryStorage, startEnvironment, type Environment } from './start-environment.ts';

let environment: Environment;

beforeAll(async () => {
  environment = await startEnvironment();
  await environment.register('orders', 'https://orders.example.com');
});
afterAll(() => environment.stop());

const auth = {
  user_pool_id: 'eu-west-1_abc',
  user_pool_client_id: 'client',
  identity_pool_id: 'eu-west-1:1',
  aws_region: 'eu-west-1',
};

function signedInWith(credentials: object | undefined) {
  return {
    Auth: {
      credentialsProvider: {
        getCredentialsAndIdentityId: async () => (credentials ? { credentials: credentials as never } : undefined),
        clearCredentialsAndIdentityId() {},
      },
    },
  };
}

/** Discovers with IAM access to the registry, before Amplify is configured. */
function discoverByIam(credentials: object | undefined) {
  const { url, region } = environment.registry;
  return discover(
    { version: '1.4', auth },
    {
      registry: { url, region, auth: { mode: 'iam' } },
      stage: 'Production',
      trustedHosts: ['*.example.com'],
      storage: memoryStorage(),
      libraryOptions: signedInWith(credentials),
    },
  );
}

describe('the registry', () => {
  test('is read with IAM credentials, signed so that a real check accepts them', async () => {
    const config = await discoverByIam(environment.registry.credentials);
    expect(config.API?.REST?.orders?.endpoint).toBe('https://orders.example.com');
  });

  test('refuses a wrong secret, and the error says so', async () => {
    const { accessKeyId } = environment.registry.credentials;
    await expect(discoverByIam({ accessKeyId, secretAccessKey: 'wrong' })).rejects.toMatchObject({
      code: 'RegistryDenied',
    });
  });

  test('is read from a machine whose clock is wrong, signed at the time of its first refusal: again and again', async () => {
    const { now } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    try {
      const config = await discoverByIam(environment.registry.credentials);
      expect(config.API?.REST?.orders?.endpoint).toBe('https://orders.example.com');
      const { refresh } = await getDiscovery();
      await refresh();
      await refresh();
    } finally {
      clock.mockRestore();
    }
  });

  test('is not asked unsigned when there are no credentials', async () => {
    const before = { ...environment.registry.requests };
    await expect(discoverByIam(undefined)).rejects.toMatchObject({ code: 'CredentialsMissing' });
    expect(environment.registry.requests).toEqual(before);
  });

  test('is read with the access token of the signed-in user', async () => {
    const received: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      received.push(request.headers.authorization);
      const snapshot = { revision: '1', unchanged: false, nextToken: null, endpoints: [] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: { snapshot } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const token = { toString: () => 'access-token', payload: { exp: 4_000_000_000 } };
    await discover(
      { version: '1.4', auth },
      {
        registry: { url, auth: { mode: 'userPool' } },
        stage: 'Production',
        storage: memoryStorage(),
        libraryOptions: {
          Auth: { tokenProvider: { getTokens: async () => ({ accessToken: token, idToken: token }) } },
        },
      },
    );
    server.close();
    expect(received).toEqual(['access-token']);
  });

  test('a wrong API key is reported as refused, not as an outage', async () => {
    const { url, region } = environment.registry;
    const registry = { url, region, auth: { mode: 'apiKey', apiKey: 'wrong' } } as const;
    await expect(
      discover({ version: '1.4' }, { registry, stage: 'Production', storage: memoryStorage() }),
    ).rejects.toMatchObject({
      code: 'RegistryDenied',
    });
  });

  test('Amplify is not configured by any of this', () => {
    expect(hasGlobalContext()).toBe(false);
  });
});
