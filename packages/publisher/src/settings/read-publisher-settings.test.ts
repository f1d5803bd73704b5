import { expect, test } from '@jest/globals';
import { readPublisherSettings } from './read-publisher-settings.ts';

const url = 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql';
const needed = { AWS_REGION: 'eu-west-1', DISCOVERY_REGISTRY_URL: url, DISCOVERY_SNAPSHOT_BUCKET: 'b' };

test('three variables are enough, and other software’s are not looked at', () => {
  expect(readPublisherSettings({ ...needed, PATH: '/bin', constructor: 'x', DISCOVERY_SNAPSHOT_KEY: '' })).toEqual({
    registryUrl: url,
    registryRegion: 'eu-west-1',
    region: 'eu-west-1',
    bucket: 'b',
    prefix: '',
  });
});

test('each of the others is read', () => {
  const store = 'arn:aws:cloudfront::111122223333:key-value-store/a1b2';
  const settings = readPublisherSettings({
    ...needed,
    DISCOVERY_REGISTRY_REGION: 'us-east-1',
    DISCOVERY_SNAPSHOT_PREFIX: 'live/',
    DISCOVERY_SNAPSHOT_REPLICAS: 'us-east-1=replica,eu-central-1=other.replica',
    DISCOVERY_SNAPSHOT_KEY: 'key',
    DISCOVERY_SNAPSHOT_KID: 'kid',
    DISCOVERY_LIFETIME_SECONDS: '600',
    DISCOVERY_EDGE: JSON.stringify({ store, stage: 'prod', trustedHosts: ['*.example.com'] }),
    DISCOVERY_CATALOG: JSON.stringify({ stage: 'prod', url: 'https://api.example.com' }),
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:2',
  });
  expect(settings).toMatchObject({
    registryRegion: 'us-east-1',
    prefix: 'live/',
    replicas: [
      { bucket: 'replica', region: 'us-east-1' },
      { bucket: 'other.replica', region: 'eu-central-1' },
    ],
    keyId: 'key',
    kid: 'kid',
    lifetimeSeconds: 600,
    edge: { arn: store, stages: ['prod'] },
    catalog: { stage: 'prod', url: 'https://api.example.com' },
    s3Endpoint: 'http://127.0.0.1:2',
    kmsEndpoint: 'http://127.0.0.1:1',
    edgeEndpoint: 'http://127.0.0.1:1',
  });
});

test.each([
  ['DISCOVERY_SNAPSHOT_BUCKET: is missing', { DISCOVERY_SNAPSHOT_BUCKET: '' }],
  ['AWS_REGION: is missing', { AWS_REGION: undefined }],
  ['DISCOVERY_REGISTRY_URL: "', { DISCOVERY_REGISTRY_URL: 'http://registry.example.com/graphql' }],
  ['DISCOVERY_REGISTRY_URL: "', { DISCOVERY_REGISTRY_URL: 'https://me:secret@registry.example.com' }],
  ['DISCOVERY_SNAPSHOT_PREFIX: is not like "discovery/"', { DISCOVERY_SNAPSHOT_PREFIX: '/live' }],
  ['DISCOVERY_SNAPSHOT_REPLICAS: is not like "us-east-1=bucket', { DISCOVERY_SNAPSHOT_REPLICAS: 'replica' }],
  ['DISCOVERY_LIFETIME_SECONDS: is not 60 or more', { DISCOVERY_LIFETIME_SECONDS: '59' }],
  ['DISCOVERY_LIFETIME_SECONDS: is not 60 or more', { DISCOVERY_LIFETIME_SECONDS: 'a week' }],
  ['DISCOVERY_SNAPSHOT_PREFX: is not a known setting', { DISCOVERY_SNAPSHOT_PREFX: 'live/' }],
  ['DISCOVERY_CATALOG: url: is missing', { DISCOVERY_CATALOG: '{"stage":"prod"}' }],
  [
    'DISCOVERY_CATALOG: url: is not like "https://api.example.com"',
    { DISCOVERY_CATALOG: '{"stage":"prod","url":"https://api.example.com/catalog"}' },
  ],
  ['DISCOVERY_CATALOG: stage: is not a stage name', { DISCOVERY_CATALOG: '{"stage":"a.public","url":"https://a.b"}' }],
  ['DISCOVERY_EDGE: is not valid JSON', { DISCOVERY_EDGE: '{' }],
  ['DISCOVERY_EDGE: __proto__: is not a known setting', { DISCOVERY_EDGE: '{"__proto__":{}}' }],
  [
    'DISCOVERY_EDGE: trustedHosts: is missing',
    { DISCOVERY_EDGE: '{"store":"arn:aws:cloudfront::111122223333:key-value-store/a"}' },
  ],
])('what is wrong is named: %s', (message, changes) => {
  expect(() => readPublisherSettings({ ...needed, ...changes })).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }),
  );
});
