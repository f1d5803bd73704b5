import { expect, test } from '@jest/globals';
import { refuseLocalRegistry } from './refuse-local-registry.ts';

const deployed = { url: 'https://registry.example.com/graphql' };
const refuse = (discovery: unknown) => refuseLocalRegistry(JSON.stringify({ custom: { discovery } }), 'outputs.json');

test.each([
  ['registry http://127.0.0.1:4440/graphql', { registry: { url: 'http://127.0.0.1:4440/graphql' } }],
  ['snapshots http://localhost:8080/{stage}.json', { snapshot: { url: 'http://localhost:8080/{stage}.json' } }],
  [
    'registry http://[::1]:4440/graphql',
    { registry: deployed, fallbacks: [{ registry: deployed }, { registry: { url: 'http://[::1]:4440/graphql' } }] },
  ],
])('the %s is kept out of a production build', (found, discovery) => {
  expect(() => refuse(discovery)).toThrow(`outputs.json names the ${found}, which is on this machine`);
});

test.each([
  ['a deployed registry', { registry: deployed, snapshot: { url: '/discovery/{stage}.json' }, fallbacks: [{}] }],
  ['no discovery', undefined],
])('%s is not', (_what, discovery) => {
  expect(() => refuse(discovery)).not.toThrow();
});
