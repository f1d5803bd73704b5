import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Source } from '@amplify-discovery/core';
import { Amplify } from 'aws-amplify';
import { discover, type DiscoveryOptions, type ServiceOptions } from '../src/index.ts';
import { get } from '../src/api.ts';
import { memoryStorage, startBackend, startEnvironment, type Backend, type Environment } from './start-environment.ts';

let environment: Environment;
let foreign: Backend;

beforeAll(async () => {
  environment = await startEnvironment();
  foreign = await startBackend('foreign');
});
afterAll(async () => {
  await foreign.stop();
  await environment.stop();
});
beforeEach(() => Amplify.configure({}));

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session-token' };
const signedIn = {
  Auth: {
    credentialsProvider: {
      getCredentialsAndIdentityId: async () => ({ credentials }),
      clearCredentialsAndIdentityId() {},
    },
  },
};

/** A JWT as a user pool gives it, as far as Amplify looks at it. */
function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ exp: 4_000_000_000, ...claims })}.signature`;
}

async function configure(options: Partial<DiscoveryOptions>, libraryOptions?: Parameters<typeof Amplify.configure>[1]) {
  const auth = { user_pool_id: 'eu-west-1_abc', user_pool_client_id: 'client', aws_region: 'eu-west-1' };
  const config = await discover({ ...environment.outputs, auth }, { storage: memoryStorage(), ...options });
  Amplify.configure(config, libraryOptions);
}

const call = (service: string, headers: Record<string, string> = {}) =>
  get({ apiName: service, path: '/x', options: { headers, retryStrategy: { strategy: 'no-retry' } } }).response;

describe('what is sent, and where', () => {
  test('an endpoint at an untrusted host gets no request', async () => {
    const target = foreign.url.replace('127.0.0.1', 'localhost');
    await environment.register('poisoned', target);
    await configure({});
    await expect(call('poisoned')).rejects.toMatchObject({ code: 'UntrustedEndpoint', service: 'poisoned' });
    expect(foreign.requests).toHaveLength(0);
  });

  test('a poisoned snapshot in storage sends nothing to the foreign host', async () => {
    const storage = memoryStorage();
    const options = { ...environment.deployed, storage };
    await environment.startService('users');
    await configure(options);
    for (const [key, text] of storage.items) {
      storage.items.set(
        key,
        text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, foreign.url.replace('127.0.0.1', 'localhost')),
      );
    }
    await configure({ ...options, recheckSeconds: 1e9 });
    await expect(call('users')).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    expect(foreign.requests).toHaveLength(0);
  });
});

describe('a configuration that went through JSON, as in a page that a server rendered', () => {
  const target = 'https://abc123.execute-api.us-east-1.amazonaws.com';
  const source: Source = {
    name: 'registry',
    load: async () => ({ revision: '1', endpoints: [{ service: 'orders', kind: 'http', target }] }),
  };

  test('still sends no token to a host that is not listed', async () => {
    const config = await discover(
      {},
      { source, stage: 'Production', storage: memoryStorage(), trustedHosts: ['aws:us-east-1'] },
    );
    Amplify.configure(JSON.parse(JSON.stringify(config)) as typeof config);
    await expect(call('orders', { authorization: 'Bearer abc' })).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
  });

  test('still follows an endpoint that moves', async () => {
    const users = await environment.startService('moving');
    const config = await discover(environment.outputs, { storage: memoryStorage(), recheckSeconds: 0 });
    Amplify.configure(JSON.parse(JSON.stringify(config)) as typeof config);
    const moved = await environment.startService('moving');
    await users.stop();
    await call('moving');
    expect(moved.requests).toHaveLength(1);
  });
});

describe('auth mode by service', () => {
  /** What a real backend gets when a service is called with these options. */
  async function receive(
    options: ServiceOptions,
    library?: Parameters<typeof Amplify.configure>[1],
    record: object = {},
  ) {
    const backend = await startBackend('echo');
    await environment.register('echo', backend.url, record);
    await configure({ serviceOptions: { echo: options } }, library);
    const outcome = await call('echo').then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    );
    await backend.stop();
    return { outcome, headers: backend.requests[0]?.headers, count: backend.requests.length };
  }

  test('iam signs for the region and service that come with the endpoint', async () => {
    const { outcome, headers } = await receive({ authMode: 'iam' }, signedIn, {
      region: 'ap-south-1',
      signingService: 'lambda',
    });
    expect(outcome).toBe('answered');
    expect(headers?.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/ap-south-1\/lambda\/aws4_request/);
    expect(headers?.['x-amz-security-token']).toBe('session-token');
  });

  test('iam without credentials fails instead of going out unsigned', async () => {
    const nobody = {
      Auth: {
        credentialsProvider: { getCredentialsAndIdentityId: async () => undefined, clearCredentialsAndIdentityId() {} },
      },
    };
    expect(await receive({ authMode: 'iam' }, nobody)).toMatchObject({ outcome: 'CredentialsMissing', count: 0 });
  });

  test('iam whose credentials cannot be had fails with the reason, unsent', async () => {
    const broken = {
      Auth: {
        credentialsProvider: {
          getCredentialsAndIdentityId: async () => {
            throw new Error('identity pool is down');
          },
          clearCredentialsAndIdentityId() {},
        },
      },
    };
    const { outcome, count } = await receive({ authMode: 'iam' }, broken);
    expect(outcome).not.toBe('answered');
    expect(count).toBe(0);
  });

  test('none sends nothing, even when somebody is signed in', async () => {
    const { headers } = await receive({ authMode: 'none' }, signedIn);
    expect(headers?.authorization).toBeUndefined();
    expect(headers?.['x-amz-security-token']).toBeUndefined();
  });

  test('userPool sends the ID token', async () => {
    const idToken = jwt({ token_use: 'id' });
    const parse = (token: string) => ({ toString: () => token, payload: { exp: 4_000_000_000 } });
    const library = {
      Auth: { tokenProvider: { getTokens: async () => ({ accessToken: parse(jwt({})), idToken: parse(idToken) }) } },
    };
    expect((await receive({ authMode: 'userPool' }, library)).headers?.authorization).toBe(idToken);
  });

  test('userPool without a user fails, unsent', async () => {
    const library = { Auth: { tokenProvider: { getTokens: async () => null } } };
    expect(await receive({ authMode: 'userPool' }, library)).toMatchObject({ outcome: 'CredentialsMissing', count: 0 });
  });

  test('apiKey sends the key', async () => {
    expect((await receive({ authMode: 'apiKey', apiKey: 'k-1' })).headers?.['x-api-key']).toBe('k-1');
  });

  test('the auth mode that a record suggests changes nothing', async () => {
    const { headers } = await receive({ authMode: 'none' }, signedIn, { authMode: 'iam' });
    expect(headers?.authorization).toBeUndefined();
  });

  test('headers of a service are called for each request, and those of the call win', async () => {
    const backend = await startBackend('echo');
    await environment.register('echo', backend.url);
    let calls = 0;
    await configure({ serviceOptions: { echo: { headers: () => ({ 'x-count': `${++calls}`, 'x-who': 'service' }) } } });
    await call('echo');
    await call('echo', { 'x-who': 'call' });
    expect(backend.requests.map(({ headers }) => [headers['x-count'], headers['x-who']])).toEqual([
      ['1', 'service'],
      ['2', 'call'],
    ]);
    await backend.stop();
  });
});
