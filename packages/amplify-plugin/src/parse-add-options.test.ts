import { expect, test } from '@jest/globals';
import { parseAddOptions } from './parse-add-options.ts';

const registrarArn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar:team-orders';
const url = 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql';

test('what the app would refuse to read is refused, whatever the flag', () => {
  expect(() => parseAddOptions({ api: 'a=b', trust: 'a.example,*bad.example' })).toThrow(
    'what the app would read.trustedHosts.1',
  );
});

test('flags become a request', () => {
  const request = parseAddOptions({
    api: 'orders=order-service,function/import=importer',
    id: 'canary',
    weight: '5',
    metadata: 'team=orders,tier=1',
    renew: 'false',
    takeover: true,
    registry: 'team-registry',
    'registrar-alias': 'orders',
    stage: 'prod=Production',
    trust: '*.example.com,api.example.org:8443',
    yes: false,
  });
  expect(request).toEqual({
    apis: { orders: 'order-service', 'function/import': 'importer' },
    endpoint: { id: 'canary', weight: 5, metadata: { team: 'orders', tier: '1' }, renew: false, takeover: true },
    registry: { by: 'name', name: 'team-registry', alias: 'orders', auth: 'apiKey' },
    stages: { prod: 'Production' },
    trustedHosts: ['*.example.com', 'api.example.org:8443'],
    yes: false,
  });
});

test('a registry can be given by its values', () => {
  const options = { registrar: registrarArn, 'registry-url': url, 'api-key': 'da2-abc' };
  expect(parseAddOptions(options).registry).toEqual({
    by: 'values',
    registrarArn,
    url,
    auth: 'apiKey',
    apiKey: 'da2-abc',
  });
});

const snapshotUrl = 'https://cdn.example.com/discovery/{stage}.public.json';
const key = { kid: 'k1', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };

test.each([
  [{ api: 'a=b' }, undefined],
  [{ snapshot: true }, { by: 'name' }],
  [{ snapshot: 'false' }, 'none'],
  [
    { 'snapshot-url': snapshotUrl, 'snapshot-keys': `[ ${JSON.stringify(key)} ]` },
    { by: 'values', url: snapshotUrl, keys: JSON.stringify([key]) },
  ],
  [
    { snapshot: true, 'snapshot-url': '/discovery/{stage}.json', 'snapshot-keys': '[]' },
    { by: 'values', url: '/discovery/{stage}.json', keys: '[]' },
  ],
])('%j asks for snapshots: %j', (options, snapshot) => {
  expect(parseAddOptions(options).snapshot).toEqual(snapshot);
});

test.each([
  [{ apis: 'a=b' }, /no flag --apis/],
  [{ constructor: 'x' }, /no flag --constructor/],
  [{ api: true }, /--api cannot be true/],
  [{ api: 'orders' }, /--api cannot be "orders"/],
  [{ api: 'orders=../x' }, /the name of a service must be .*it is "\.\.\/x"/],
  [{ api: 'orders=a,orders=b' }, /names "orders" twice/],
  [{ api: 'a=b', weight: '1001' }, /--weight/],
  [{ api: 'a=b', 'service-version': '1' }, /--service-version/],
  [{ stage: 'Prod=x' }, /--stage/],
  [{ api: 'a=b', renew: 'daily' }, /--renew cannot be "daily"/],
  [{ registry: 'a', registrar: registrarArn, 'registry-url': url, 'api-key': 'k' }, /not both/],
  [{ registrar: registrarArn }, /--registry-url too/],
  [{ registrar: 'registrar' }, /--registrar cannot/],
  [{ registrar: registrarArn, 'registry-url': url }, /--api-key/],
  [{ registrar: registrarArn, 'registry-url': 'http://abc.example/graphql', 'api-key': 'k' }, /--registry-url cannot/],
  [{ 'registrar-alias': 'a' }, /needs --registry/],
  [{ 'api-key': 'k' }, /belong to --registrar/],
  [{ 'registry-auth': 'iam' }, /--registry-auth needs/],
  [{ snapshot: 'team' }, /--snapshot cannot be "team"/],
  [{ 'snapshot-keys': '[]' }, /--snapshot-keys needs --snapshot-url/],
  [{ 'snapshot-url': snapshotUrl }, /--snapshot-url needs --snapshot-keys/],
  [{ snapshot: 'false', 'snapshot-url': snapshotUrl, 'snapshot-keys': '[]' }, /not both/],
  [{ 'snapshot-url': 'https://cdn.example.com/dev.json', 'snapshot-keys': '[]' }, /--snapshot-url cannot/],
  [{ 'snapshot-url': 'http://cdn.example.com/{stage}.json', 'snapshot-keys': '[]' }, /--snapshot-url cannot/],
  [{ 'snapshot-url': '//cdn.example.com/{stage}.json', 'snapshot-keys': '[]' }, /--snapshot-url cannot/],
  [{ 'snapshot-url': 'https://a@cdn.example.com/{stage}.json', 'snapshot-keys': '[]' }, /--snapshot-url cannot/],
  [{ 'snapshot-url': 'https://{stage}.example.com/x.json', 'snapshot-keys': '[]' }, /--snapshot-url cannot/],
  [{ 'snapshot-url': snapshotUrl, 'snapshot-keys': 'keys.json' }, /--snapshot-keys cannot/],
  [{ 'snapshot-url': snapshotUrl, 'snapshot-keys': '[{"kid":"k1"}]' }, /--snapshot-keys: is not a list/],
])('%j is refused', (options, message) => {
  expect(() => parseAddOptions(options)).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringMatching(message) }),
  );
});
