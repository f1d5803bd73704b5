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
  ['trustedHost: is not a known setting', { trustedHost: ['*.example.com'] }],
  ['trustedHosts: expected array', { trustedHosts: '*.example.com' }],
  ['registry.apikey: is not a known setting', { registry: { url: 'https://r.example.com', apikey: 'x' } }],
  ['snapshot.auth: expected ("none" | "iam")', { snapshot: { url: 'https://c.example.com', auth: 'sigv4' } }],
  ['auth.users.mode: ', { auth: { users: { mode: 'IAM' } } }],
  ['auth.users.token: is missing', { auth: { users: { mode: 'bearer' } } }],
  ['defaultAuth.regoin: is not a known setting', { defaultAuth: { mode: 'iam', regoin: 'eu-west-1' } }],
  ['order.0: expected', { order: ['cache'] }],
  ['freshSeconds: expected number, found "60"', { freshSeconds: '60' }],
  ['credentials: is not a function', { credentials: { accessKeyId: 'AKID' } }],
])('what is unknown or of another form is refused with its path: %s', (message, options) => {
  expect(() => checkOptions(options as DiscoveryOptions)).toThrow(
    expect.objectContaining({
      code: 'InvalidOptions',
      message: expect.stringContaining(`createDiscovery: ${message}`),
    }),
  );
});
