import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Amplify } from 'aws-amplify';
import nock from 'nock';
import { discover, graphqlClientOptions, type DiscoveryOptions, type Source } from '../src/index.ts';
import { get } from '../src/api.ts';
import { memoryStorage } from './start-environment.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const host = 'https://abc123.execute-api.eu-west-1.amazonaws.com';
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session-token' };
const signedIn = {
  Auth: {
    credentialsProvider: {
      getCredentialsAndIdentityId: async () => ({ credentials }),
      clearCredentialsAndIdentityId() {},
    },
  },
};
const auth = { user_pool_id: 'eu-west-1_abc', user_pool_client_id: 'client', aws_region: 'eu-west-1' };

/** Configures an app that lists no trusted hosts, in a stage where `orders` is at the target. */
async function configure(
  target: string,
  options: Partial<DiscoveryOptions> = {},
  library?: Parameters<typeof Amplify.configure>[1],
) {
  const endpoints = [
    { service: 'orders', kind: 'http', target, region: 'eu-west-1', signingService: 'execute-api' },
    { service: 'feed', kind: 'graphql', target: 'https://xyz.appsync-api.eu-west-1.amazonaws.com/graphql' },
  ];
  const source: Source = { name: 'registry', load: async () => ({ revision: '1', endpoints }) };
  const registry = {
    url: 'https://registry.test/graphql',
    region: 'eu-west-1',
    auth: { mode: 'apiKey', apiKey: 'k' },
  } as const;
  Amplify.configure(
    await discover(
      { version: '1.4', auth },
      { registry, source, stage: 'Production', storage: memoryStorage(), ...options },
    ),
    library,
  );
}

const call = (headers: Record<string, string> = {}, options = {}) =>
  get({ apiName: 'orders', path: '/x', options: { headers, retryStrategy: { strategy: 'no-retry' }, ...options } })
    .response;

describe('without a list of trusted hosts', () => {
  test('AWS’s API domains in the registry’s region are called', async () => {
    const answered = nock(host).get('/prod/x').reply(200, {});
    await configure(`${host}/prod`);
    await call();
    expect(answered.isDone()).toBe(true);
  });

  test.each([
    ['an Authorization header', { Authorization: 'Bearer abc' }, {}],
    ['an API key', { 'X-Api-Key': 'abc' }, {}],
    ['a header that is not known to be harmless', { 'X-JWT-Assertion': 'abc' }, {}],
    ['what cookies say', {}, { withCredentials: true }],
  ])('%s is not sent there', async (_, headers, options) => {
    const answered = nock(host).get('/x').reply(200, {});
    await configure(host);
    await expect(call(headers as Record<string, string>, options)).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    expect(answered.isDone()).toBe(false);
  });

  test('the error names the header, and says what to do', async () => {
    await configure(host);
    await expect(call({ 'X-JWT-Assertion': 'abc' })).rejects.toMatchObject({
      message: expect.stringContaining('X-JWT-Assertion'),
      recoverySuggestion: expect.stringContaining('trustedHosts'),
    });
  });

  test.each<[string, Partial<DiscoveryOptions>, Parameters<typeof Amplify.configure>[1]]>([
    [
      'the service’s own headers',
      { serviceOptions: { orders: { headers: () => ({ authorization: 'Bearer abc' }) } } },
      {},
    ],
    ['the service’s API key', { serviceOptions: { orders: { authMode: 'apiKey', apiKey: 'abc' } } }, {}],
    ['Amplify’s library options', {}, { API: { REST: { headers: async () => ({ authorization: 'Bearer abc' }) } } }],
  ])('a token that comes from %s is not sent there', async (_, options, library) => {
    const answered = nock(host).get('/x').reply(200, {});
    await configure(host, options, library);
    await expect(call()).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    expect(answered.isDone()).toBe(false);
  });

  test('SigV4 is sent there, because it binds the host', async () => {
    let authorization: unknown;
    nock(host)
      .get('/x')
      .reply(function () {
        authorization = this.req.headers.authorization;
        return [200, {}];
      });
    await configure(host, { serviceOptions: { orders: { authMode: 'iam' } } }, signedIn);
    await call();
    expect(String(authorization)).toContain('/eu-west-1/execute-api/aws4_request');
  });

  test.each([
    'https://abc123.execute-api.us-east-1.amazonaws.com',
    'https://abc123.execute-api.eu-west-1.amazonaws.com.evil.test',
    'https://abc123.execute-api.eu-west-1.amazonaws.com:8443',
    'https://execute-api.eu-west-1.amazonaws.com',
    'https://orders.example.com',
  ])('%s is not called', async (target) => {
    const answered = nock(target).get('/x').reply(200, {});
    await configure(target);
    await expect(call()).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    expect(answered.isDone()).toBe(false);
  });

  test('a GraphQL client gets no key or token for an unlisted host, but may sign for it', async () => {
    await configure(host);
    await expect(graphqlClientOptions('feed', { authMode: 'apiKey', apiKey: 'k' })).rejects.toMatchObject({
      code: 'UntrustedEndpoint',
    });
    expect(await graphqlClientOptions('feed', { authMode: 'iam' })).toEqual({
      authMode: 'iam',
      endpoint: 'https://xyz.appsync-api.eu-west-1.amazonaws.com/graphql',
    });
    await configure(host, { trustedHosts: ['xyz.appsync-api.eu-west-1.amazonaws.com'] });
    expect(await graphqlClientOptions('feed', { authMode: 'apiKey', apiKey: 'k' })).toMatchObject({ apiKey: 'k' });
  });

  test('there are no client options for an endpoint that is not a GraphQL API', async () => {
    await configure(host);
    await expect(graphqlClientOptions('orders', { authMode: 'iam' })).rejects.toMatchObject({ code: 'InvalidOptions' });
  });
});

describe('a custom domain', () => {
  test('is signed for with the region and service that come with the endpoint', async () => {
    let authorization: unknown;
    nock('https://orders.example.com')
      .get('/x')
      .reply(function () {
        authorization = this.req.headers.authorization;
        return [200, {}];
      });
    await configure('https://orders.example.com', { trustedHosts: ['*.example.com'] }, signedIn);
    await call();
    expect(String(authorization)).toContain('/eu-west-1/execute-api/aws4_request');
  });
});
