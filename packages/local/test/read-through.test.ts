import type { Source, SourceAnswer } from '@amplify-discovery/core';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { listStages, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';

const asked: object[] = [];
const endpoint = (service: string, target: string) => ({
  service,
  id: 'default',
  kind: 'http',
  target,
  weight: 100,
  metadata: { team: 'a' },
});
let answer: SourceAnswer = {
  revision: '7',
  endpoints: [
    endpoint('users', 'https://users.example.com'),
    endpoint('trap', 'http://localhost:3000'),
    endpoint('trap2', 'http://127.0.0.2:3000'),
  ],
};
const source: Source = {
  name: 'the deployed registry',
  load: async ({ stage, services, knownRevision }) => {
    asked.push({ stage, services, knownRevision });
    return knownRevision === '7' ? { unchanged: true, revision: '7' } : answer;
  },
};
let registry: LocalRegistry;

beforeAll(async () => {
  registry = await startLocalRegistry({ readThrough: { source, stages: ['dev', 'toString'] } });
});
afterAll(() => registry.stop());

const load = (stage: string, knownRevision?: string) =>
  registrySource({ transport: apiKeyTransport(registry) }).load({
    stage,
    knownRevision,
    signal: new AbortController().signal,
  });
const writer = () => sigv4Transport({ ...registry, credentials: registry.credentials });
const register = (stage: string) =>
  registerEndpoint(writer(), { stage, service: 'users', kind: 'http', target: 'http://localhost:3000', owner: 'me' });

test('a stage that stands elsewhere is read there, with what the caller has, and without endpoints on this machine', async () => {
  const found = await load('dev');
  expect(found).toMatchObject({
    revision: '7',
    endpoints: [{ service: 'users', target: 'https://users.example.com', metadata: '{"team":"a"}' }],
  });
  expect(await load('dev', '7')).toEqual({ unchanged: true, revision: '7' });
  expect(asked).toEqual([
    { stage: 'dev', services: undefined, knownRevision: undefined },
    { stage: 'dev', services: undefined, knownRevision: '7' },
  ]);
});

test('it can be written by nobody; other stages stay as they are', async () => {
  await expect(register('dev')).rejects.toMatchObject({ code: 'RegistryDenied' });
  await register('local');
  expect(await load('local')).toMatchObject({ endpoints: [{ target: 'http://localhost:3000' }] });
  expect(await listStages(writer())).toEqual(['dev', 'local', 'toString']);
});

test('where the other registry does not answer, neither does this stage', async () => {
  const kept = answer;
  answer = undefined as never;
  await expect(load('dev')).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  answer = kept;
});
