import { expect, test } from '@jest/globals';
import { checkOptions, type DiscoveryOptions } from './discovery-options.ts';

/** Clients of the AWS SDK refer to themselves. */
class Client {
  readonly self = this;
  invoke = async () => ({});
}

test('every option is taken as it is documented', () => {
  expect(() =>
    checkOptions({
      stage: ['pr-7', 'dev'],
      registry: { url: 'https://r.example.com', region: 'eu-west-1', apiKey: 'key' },
      snapshot: { url: 'https://c.example.com/{stage}', auth: 'iam', trustedKeys: [] },
      fallbacks: [{ registry: { url: 'https://r2.example.com', region: 'us-east-1' } }],
      prefer: ['eu-west-1', 'us-east-1'],
      order: ['registry'],
      source: undefined,
      services: ['users'],
      trustedHosts: ['*.example.com'],
      regions: ['eu-west-1'],
      auth: {
        users: { mode: 'iam', signingService: 'lambda' },
        orders: { mode: 'bearer', token: () => 'token' },
        constructor: { mode: 'apiKey' as const, key: 'key' },
      },
      defaultAuth: { mode: 'none' },
      lambda: new Client(),
      cacheFolder: false,
      freshSeconds: 60,
      env: process.env,
      fetch: globalThis.fetch,
    }),
  ).not.toThrow();
});

test.each<[string, object]>([
  ['trustedHost is not a known option: write trustedHosts', { trustedHost: ['*.example.com'] }],
  ['stages is not a known option: write stage', { stages: ['dev'] }],
  ['url is not a known option: there are ', { url: 'https://r.example.com' }],
  ['registry.apikey is not a known option: write apiKey', { registry: { url: 'https://r.example.com', apikey: 'x' } }],
  ['snapshot.auth: "sigv4" is not one of none, iam', { snapshot: { url: 'https://c.example.com', auth: 'sigv4' } }],
  ['auth.users.mode: "IAM" is not one of none, iam, bearer, apiKey', { auth: { users: { mode: 'IAM' } } }],
  ['auth.constructor.mode: "IAM" is not one of', { auth: { constructor: { mode: 'IAM' } } }],
  ['auth.users.key is not a known option', { auth: { users: { mode: 'bearer', key: 'x' } } }],
  ['defaultAuth.regoin is not a known option: write region', { defaultAuth: { mode: 'iam', regoin: 'eu-west-1' } }],
  ['fallbacks.0.region is not a known option', { fallbacks: [{ region: 'us-east-1' }] }],
  ['fallbacks.0.registry.uri is not a known option: write url', { fallbacks: [{ registry: { uri: 'x' } }] }],
  ['order.0: "cache" is not one of', { order: ['cache'] }],
  ['fallbacks: {} is not a list', { fallbacks: {} }],
  ['prefer: "eu-west-1" is not a list', { prefer: 'eu-west-1' }],
  ['prefer.1: "US East" is not a region', { prefer: ['eu-west-1', 'US East'] }],
])('what is misspelt is refused with its path: %s', (message, options) => {
  expect(() => checkOptions(options as DiscoveryOptions)).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }),
  );
});
