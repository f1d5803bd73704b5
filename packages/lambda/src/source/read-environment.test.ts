import { expect, test } from '@jest/globals';
import { readEnvironment } from './read-environment.ts';

test('everything that a deployment can say is read', () => {
  const key = { kid: '2026', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
  expect(
    readEnvironment({
      DISCOVERY_STAGE: 'pr-7, dev',
      DISCOVERY_TRUSTED_HOSTS: '*.example.com,aws',
      DISCOVERY_REGISTRY_URL: 'https://registry.example.com/graphql',
      DISCOVERY_API_KEY: 'da2-key',
      DISCOVERY_SNAPSHOT_URL: 'https://cdn.example.com/{stage}.json',
      DISCOVERY_SNAPSHOT_KEYS: JSON.stringify([key]),
      DISCOVERY_FALLBACKS: JSON.stringify([{ registry: { url: 'https://other.example.com/graphql' } }]),
      DISCOVERY_PREFER: 'eu-west-1, us-east-1',
      AWS_REGION: 'eu-west-1',
    }),
  ).toEqual({
    stage: ['pr-7', 'dev'],
    trustedHosts: ['*.example.com', 'aws'],
    registryUrl: 'https://registry.example.com/graphql',
    registryRegion: 'eu-west-1',
    apiKey: 'da2-key',
    snapshotUrl: 'https://cdn.example.com/{stage}.json',
    trustedKeys: [key],
    fallbacks: [{ registry: { url: 'https://other.example.com/graphql' } }],
    prefer: ['eu-west-1', 'us-east-1'],
  });
});

test('the registry may be in another region than the function', () => {
  expect(readEnvironment({ AWS_REGION: 'eu-west-1', DISCOVERY_REGISTRY_REGION: 'us-east-1' }).registryRegion).toBe(
    'us-east-1',
  );
});

test('what is empty, or of other software, is not set', () => {
  const env = {
    DISCOVERY_STAGE: '',
    DISCOVERY_ROUTER: '{}',
    DISCOVERY_ROUTER_LOG: 'x',
    constructor: 'x',
    PATH: '/bin',
  };
  expect(Object.values(readEnvironment(env)).filter((value) => value !== undefined)).toEqual([]);
});

test.each([
  ['DISCOVERY_STAGE.1: is not a name', { DISCOVERY_STAGE: 'dev,a b' }],
  ['DISCOVERY_PREFER.1: is not a region', { DISCOVERY_PREFER: 'eu-west-1,US East' }],
  ['DISCOVERY_REGISTRY_URL: "', { DISCOVERY_REGISTRY_URL: 'http://registry.example.com' }],
  ['DISCOVERY_REGISTRY_URL: "', { DISCOVERY_REGISTRY_URL: 'https://me:secret@registry.example.com' }],
  ['DISCOVERY_SNAPSHOT_URL: "', { DISCOVERY_SNAPSHOT_URL: 'http://cdn.example.com/{stage}' }],
  ['DISCOVERY_SNAPSHOT_KEYS: is not a list', { DISCOVERY_SNAPSHOT_KEYS: '[]' }],
  ['DISCOVERY_FALLBACKS: is not valid JSON', { DISCOVERY_FALLBACKS: 'other' }],
  ['DISCOVERY_FALLBACKS: 0.stage: is not a known setting', { DISCOVERY_FALLBACKS: '[{"stage":"dev"}]' }],
  [
    'DISCOVERY_FALLBACKS: "http://a.example.com"',
    { DISCOVERY_FALLBACKS: '[{"snapshot":{"url":"http://a.example.com"}}]' },
  ],
  ['DISCOVERY_TRUSTED_HOST: is not a known setting, but DISCOVERY_TRUSTED_HOSTS is', { DISCOVERY_TRUSTED_HOST: 'x' }],
  ['DISCOVERY_SNAPSHOT_KEY: is not a known setting, but DISCOVERY_SNAPSHOT_KEYS is', { DISCOVERY_SNAPSHOT_KEY: 'x' }],
  ['DISCOVERY_REGISTRY: is not a known setting, but DISCOVERY_REGISTRY_URL is', { DISCOVERY_REGISTRY: 'x' }],
])('what is wrong is named: %s', (message, env) => {
  expect(() => readEnvironment(env)).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }),
  );
});
