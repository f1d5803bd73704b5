import { expect, test } from '@jest/globals';
import { parseEdgeSettings } from './parse-edge-settings.ts';

const store = 'arn:aws:cloudfront::111122223333:key-value-store/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111';
const trustedHosts = ['*.example.com'];
const read = (settings: unknown) => parseEdgeSettings(settings, 'DISCOVERY_EDGE');

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
  expect(edge.settings).toEqual([
    '_settings',
    '{"stage":"prod","byHost":{"staging.example.com":"staging","www.example.com":"prod"},"header":"x-user"}',
  ]);
  expect([edge.findTrust('https://a.example.com'), edge.findTrust('https://a.example.net')]).toEqual([
    'listed',
    undefined,
  ]);
});

const valid = { store, trustedHosts, stage: 'prod' };
test.each<[string, unknown]>([
  ['expected object, found "{"', '{'],
  ['expected object, found Array', []],
  ['store: is missing', { trustedHosts, stage: 'prod' }],
  ['trustedHosts: is missing', { store, stage: 'prod' }],
  ['stage or byHost: one of them is needed', { store, trustedHosts }],
  ['stage or byHost: one of them is needed', { store, trustedHosts, byHost: {} }],
  ['trustedHosts: is empty', { ...valid, trustedHosts: [] }],
  ['trustedHosts: expected array, found "*.example.com"', { ...valid, trustedHosts: '*.example.com' }],
  ['trustedHosts: "*.com"', { ...valid, trustedHosts: ['*.com'] }],
  ['stage: is not a stage name', { ...valid, stage: 'a/b' }],
  ['stage: is not a stage name, or ends in ".public"', { ...valid, stage: 'prod.public' }],
  ['byHost.www.example.com:443: is not a host name', { ...valid, byHost: { 'www.example.com:443': 'prod' } }],
  ['byHost.www.example.com: is not a stage name', { ...valid, byHost: { 'www.example.com': '' } }],
  ['services: is empty', { ...valid, services: [] }],
  ['affinity.header: is not the name of a header', { ...valid, affinity: { header: 'a b' } }],
  ['affinity.query: is not a known setting', { ...valid, affinity: { query: 'user' } }],
  ['trustedHost: is not a known setting', { ...valid, trustedHost: ['x'] }],
  ['store: is not like "arn:aws:cloudfront::', { ...valid, store: 'arn:aws:s3:::bucket' }],
  [
    'bytes',
    { ...valid, byHost: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`h${n}.example.com`, 'prod'])) },
  ],
])('what is wrong is named: %s', (reason, settings) => {
  const message = expect.stringMatching(/^DISCOVERY_EDGE: /);
  expect(() => read(settings)).toThrow(expect.objectContaining({ code: 'InvalidOptions', message }));
  expect(() => read(settings)).toThrow(reason);
});
