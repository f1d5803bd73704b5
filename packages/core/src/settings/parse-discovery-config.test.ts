import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDiscoveryConfig } from './parse-discovery-config.ts';

const registry = {
  url: 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql',
  region: 'eu-west-1',
  auth: { mode: 'apiKey', apiKey: 'da2-abc' },
};
const key = { kid: '2026', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
const whole = {
  registry,
  snapshot: { url: 'https://cdn.example.com/{stage}.public.json', trustedKeys: [key] },
  stage: ['pr-123', 'dev'],
  trustedHosts: ['*.example.com', 'aws', 'localhost:*'],
  regions: ['eu-west-1', 'us-east-1'],
  prefer: ['us-east-1', 'eu-west-1'],
  fallbacks: [
    { registry: { url: 'https://other.example.com/graphql', auth: { mode: 'apiKey', apiKey: 'da2-other' } } },
  ],
  live: true,
};
const parse = (value: unknown) => parseDiscoveryConfig(value, 'custom.discovery');
const faultOf = (value: unknown) => {
  try {
    parse(value);
  } catch (error) {
    expect(error).toMatchObject({ code: 'InvalidOptions' });
    return (error as Error).message;
  }
  return undefined;
};

describe('a configuration', () => {
  test('is taken as it is', () => {
    expect(parse(whole)).toEqual(whole);
    expect(parse(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    expect(parse({})).toEqual({});
  });

  test.each<[string, object]>([
    ['one stage', { stage: 'dev' }],
    ['no trusted host', { trustedHosts: [] }],
    ['the signed-in user', { registry: { ...registry, auth: { mode: 'userPool' } } }],
    ['a registry on this machine', { registry: { url: 'http://127.0.0.1:4000/graphql', auth: registry.auth } }],
    ['snapshots of the site’s own', { snapshot: { url: '/discovery/{stage}.json' } }],
  ])('may have %s', (_, value) => {
    expect(parse(value)).toEqual(value);
  });

  test('has the region of an AppSync URL, and keys from their JSON text', () => {
    const { url, auth } = registry;
    expect(parse({ registry: { url, auth: { mode: 'iam' } } }).registry?.region).toBe('eu-west-1');
    expect(parse({ registry: { url, region: null, auth } }).registry?.region).toBe('eu-west-1');
    const text = { ...whole.snapshot, trustedKeys: JSON.stringify([key]) };
    expect(parse({ snapshot: text }).snapshot).toEqual(whole.snapshot);
  });

  test('may have null for what is absent', () => {
    expect(
      parse({ registry: null, snapshot: null, stage: null, trustedHosts: null, regions: null, live: null }),
    ).toEqual({});
  });
});

describe('the error says where it is wrong, and what to write', () => {
  test.each<[string, unknown]>([
    [
      'custom.discovery: "yes" is not an object with registry, snapshot, fallbacks, stage, trustedHosts, regions, prefer, live',
      'yes',
    ],
    ['custom.discovery: [] is not an object', []],
    [
      'custom.discovery.trustedHost is not a known setting: there are registry, snapshot, fallbacks, stage, trustedHosts, regions, prefer, live',
      { trustedHost: ['x.com'] },
    ],
    ['custom.discovery.push is not a known setting: there are registry, snapshot, fallbacks, stage', { push: true }],
    ['custom.discovery.stage: "" is not the name of a stage', { stage: '' }],
    ['custom.discovery.stage.1: "a b" is not the name of a stage', { stage: ['dev', 'a b'] }],
    ['custom.discovery.stage: [] is not a list, each entry of it the name of a stage', { stage: [] }],
    ['custom.discovery.trustedHosts: "x.com" is not a list', { trustedHosts: 'x.com' }],
    ['custom.discovery.trustedHosts.1: "*.com" is not a host pattern', { trustedHosts: ['aws', '*.com'] }],
    ['custom.discovery.trustedHosts.0: null is not a host pattern', { trustedHosts: [null] }],
    ['custom.discovery.regions.0: "EU" is not a region', { regions: ['EU'] }],
    ['custom.discovery.prefer.1: "EU" is not a region', { prefer: ['eu-west-1', 'EU'] }],
    ['custom.discovery.fallbacks: [] is not a list', { fallbacks: [] }],
    ['custom.discovery.fallbacks.0: {} is not an object with registry or snapshot', { fallbacks: [{}] }],
    ['custom.discovery.fallbacks.0.stage is not a known setting', { fallbacks: [{ registry, stage: 'dev' }] }],
    [
      'custom.discovery.fallbacks.1.registry.url: "http://registry.example.com" is not an https URL',
      { fallbacks: [{ registry }, { registry: { ...registry, url: 'http://registry.example.com' } }] },
    ],
    [
      'custom.discovery.registry: "https://x.com" is not an object with url, region, auth',
      { registry: 'https://x.com' },
    ],
    [
      'custom.discovery.registry.URL is not a known setting: there are url, region, auth',
      { registry: { ...registry, URL: 'x' } },
    ],
    ['custom.discovery.registry.url: "undefined" is not an https URL', { registry: { auth: registry.auth } }],
    [
      'custom.discovery.registry.url: "http://x.com/graphql" is not an https URL',
      { registry: { ...registry, url: 'http://x.com/graphql' } },
    ],
    [
      'custom.discovery.registry.url: "wss://x.com" is not an https URL',
      { registry: { ...registry, url: 'wss://x.com' } },
    ],
    ['custom.discovery.registry.url: "/graphql" is not an https URL', { registry: { ...registry, url: '/graphql' } }],
    ['custom.discovery.registry.region: "eu west" is not a region', { registry: { ...registry, region: 'eu west' } }],
    [
      'custom.discovery.registry.region: is missing: write a region',
      { registry: { url: 'https://x.com', auth: { mode: 'iam' } } },
    ],
    [
      'custom.discovery.registry.auth: is missing: write an object with mode, apiKey',
      { registry: { url: registry.url } },
    ],
    ['custom.discovery.registry.auth: "apiKey" is not an object', { registry: { ...registry, auth: 'apiKey' } }],
    [
      'custom.discovery.registry.auth.mode: is missing: write apiKey, iam or userPool',
      { registry: { ...registry, auth: {} } },
    ],
    [
      'custom.discovery.registry.auth.mode: "API_KEY" is not apiKey, iam or userPool',
      { registry: { ...registry, auth: { mode: 'API_KEY' } } },
    ],
    [
      'custom.discovery.registry.auth.apiKey: is missing: write an API key',
      { registry: { ...registry, auth: { mode: 'apiKey' } } },
    ],
    [
      'custom.discovery.registry.auth.key is not a known setting',
      { registry: { ...registry, auth: { mode: 'apiKey', key: 'x' } } },
    ],
    [
      'custom.discovery.snapshot.url: "http://cdn.example.com/{stage}" is not an https URL',
      { snapshot: { url: 'http://cdn.example.com/{stage}' } },
    ],
    [
      'custom.discovery.snapshot.url: "//cdn.example.com" is not an https URL',
      { snapshot: { url: '//cdn.example.com' } },
    ],
    ['custom.discovery.snapshot.trustedKeys: is not a list', { snapshot: { ...whole.snapshot, trustedKeys: [] } }],
    ['custom.discovery.snapshot.trustedKeys: is not a list', { snapshot: { ...whole.snapshot, trustedKeys: '' } }],
    ['custom.discovery.live: "yes" is not true or false', { live: 'yes' }],
  ])('%s', (message, value) => {
    expect(faultOf(value)).toContain(message);
  });

  test('without the password in a URL', () => {
    const url = 'https://user:hunter2@registry.example.com/graphql';
    expect(faultOf({ registry: { ...registry, url } })).not.toContain('hunter2');
    expect(faultOf({ snapshot: { url } })).toContain('without user information');
  });

  test.each(['__proto__', 'constructor', 'toString'])('also of a setting called %s', (name) => {
    expect(faultOf(JSON.parse(`{"${name}":1}`))).toContain(`custom.discovery.${name} is not a known setting`);
    const within = JSON.parse(`{"registry":{"auth":{"mode":"iam","${name}":1}}}`) as { registry: object };
    expect(faultOf({ registry: { ...registry, ...within.registry } })).toContain(`auth.${name} is not a known setting`);
  });
});

test('a value that is no text, nor can become one, is refused by its place', () => {
  const odd = Object.create(null) as object;
  expect(faultOf({ registry: { ...registry, url: odd } })).toContain('custom.discovery.registry.url');
  expect(faultOf({ registry: { ...registry, auth: { mode: odd } } })).toContain('custom.discovery.registry.auth.mode');
  expect(faultOf({ snapshot: { url: odd } })).toContain('custom.discovery.snapshot.url');
  expect(faultOf({ snapshot: { url: { toString: 1 } } })).toContain('custom.discovery.snapshot.url');
});

test('whatever the value, it becomes a configuration or InvalidOptions', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true });
  const near = fc.record(
    {
      registry: fc.record(
        {
          url: fc.oneof(fc.constant(registry.url), anything),
          region: anything,
          auth: fc.oneof(anything, fc.record({ mode: anything, apiKey: anything }, { requiredKeys: [] })),
        },
        { requiredKeys: [] },
      ),
      snapshot: fc.record({ url: anything, trustedKeys: anything }, { requiredKeys: [] }),
      stage: anything,
      trustedHosts: anything,
      regions: anything,
      prefer: anything,
      fallbacks: anything,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(anything, near), (value) => {
      faultOf(value);
    }),
    { numRuns: 300_000 },
  );
});
