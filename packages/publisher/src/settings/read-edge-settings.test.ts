import { expect, test } from '@jest/globals';
import { readEdgeSettings } from './read-edge-settings.ts';

const store = 'arn:aws:cloudfront::111122223333:key-value-store/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111';
const trustedHosts = ['*.example.com'];
const read = (settings: unknown) =>
  readEdgeSettings({ DISCOVERY_EDGE: typeof settings === 'string' ? settings : JSON.stringify(settings) });

test('without the variable there is no edge', () => {
  expect(readEdgeSettings({})).toBeUndefined();
  expect(read('')).toBeUndefined();
});

test('the stages are those that some host gets', () => {
  const edge = read({
    store,
    trustedHosts,
    stage: 'prod',
    byHost: { 'Staging.example.com': 'staging', 'www.example.com': 'prod' },
    affinity: { header: 'X-User' },
    services: ['users'],
  });
  expect(edge).toMatchObject({ arn: store, stages: ['prod', 'staging'], services: ['users'] });
  expect(edge?.settings).toEqual([
    '_settings',
    '{"stage":"prod","byHost":{"staging.example.com":"staging","www.example.com":"prod"},"header":"x-user"}',
  ]);
  expect([edge?.findTrust('https://a.example.com'), edge?.findTrust('https://a.example.net')]).toEqual([
    'listed',
    undefined,
  ]);
});

const valid = { store, trustedHosts, stage: 'prod' };
test.each([
  ['no JSON', '{'],
  ['no JSON object', []],
  ['"store" is missing', { trustedHosts, stage: 'prod' }],
  ['"trustedHosts" is missing', { store, stage: 'prod' }],
  ['"stage" or "byHost" is missing', { store, trustedHosts }],
  ['"stage" or "byHost" is missing', { store, trustedHosts, byHost: {} }],
  ['"trustedHosts"', { ...valid, trustedHosts: [] }],
  ['"trustedHosts"', { ...valid, trustedHosts: '*.example.com' }],
  ['"*.com" is not a host pattern', { ...valid, trustedHosts: ['*.com'] }],
  ['"stage"', { ...valid, stage: 'a/b' }],
  ['"stage"', { ...valid, stage: 'prod.public' }],
  ['"byHost"', { ...valid, byHost: { 'www.example.com:443': 'prod' } }],
  ['"byHost"', { ...valid, byHost: { 'www.example.com': '' } }],
  ['"services"', { ...valid, services: [] }],
  ['"affinity"', { ...valid, affinity: { header: 'a b' } }],
  ['"affinity"', { ...valid, affinity: { query: 'user' } }],
  ['"trustedHost" is unknown', { ...valid, trustedHost: ['x'] }],
  ['"__proto__" is unknown', '{"__proto__":{}}'],
  ['key-value-store', { ...valid, store: 'arn:aws:s3:::bucket' }],
  [
    'bytes',
    { ...valid, byHost: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`h${n}.example.com`, 'prod'])) },
  ],
])('what is wrong is named: %s', (reason, settings) => {
  const message = expect.stringMatching(/^DISCOVERY_EDGE: /);
  expect(() => read(settings)).toThrow(expect.objectContaining({ code: 'InvalidOptions', message }));
  expect(() => read(settings)).toThrow(reason);
});
