import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DiscoveryError, DiscoveryEvent } from '@amplify-discovery/core';
import { createLocalKey } from '@amplify-discovery/snapshots/seal';
import { Hub } from 'aws-amplify/utils';
import { createDiscovery, discover, type DiscoveryOptions } from '../src/index.ts';
import { startCdn, type Cdn } from './start-cdn.ts';
import { memoryStorage, startEnvironment, type Environment } from './start-environment.ts';

let environment: Environment;
let cdn: Cdn;

beforeEach(async () => {
  [environment, cdn] = await Promise.all([startEnvironment(), startCdn()]);
});
afterEach(() => Promise.all([environment.stop(), cdn.stop()]));

const published = (service: string) => ({ service, target: `https://${service}.published.example.com` });
const register = (service: string) => environment.register(service, `https://${service}.registered.example.com`);
const secretUrl = 'https://secret.registered.example.com';
const signedInWith = (credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }) => ({
  getCredentialsAndIdentityId: async () => ({ credentials }),
  clearCredentialsAndIdentityId: () => {},
});
const registryRequests = () => environment.registry.requests.snapshot ?? 0;

/** What a deployment that publishes passes to its app. */
function outputs(more: object = {}) {
  const { url, trustedKeys } = cdn;
  const { discovery } = environment.outputs.custom;
  const custom = {
    discovery: { ...discovery, trustedHosts: ['*.example.com'], snapshot: { url, trustedKeys }, ...more },
  };
  return { ...environment.outputs, custom };
}

async function findTargets(more: object = {}, options: Partial<DiscoveryOptions> = {}) {
  const config = await discover(outputs(more), { storage: memoryStorage(), ...options });
  return Object.values(config.API?.REST ?? {})
    .map(({ endpoint }) => new URL(endpoint).host.replace('.example.com', ''))
    .sort();
}

describe('an app whose outputs name published snapshots', () => {
  test('reads them, and the registry is not asked', async () => {
    await cdn.publish([published('users')]);
    await register('users');
    await expect(findTargets()).resolves.toEqual(['users.published']);
    expect([cdn.requests.map(({ url }) => url), registryRequests()]).toEqual([['/Production.public.json'], 0]);
  });

  test('needs no registry', async () => {
    await cdn.publish([published('users')]);
    await expect(findTargets({ registry: undefined })).resolves.toEqual(['users.published']);
  });

  test('reads the registry when they fail, and the other way round', async () => {
    await cdn.publish([published('users')]);
    await register('users');
    cdn.failWith(503);
    await expect(findTargets()).resolves.toEqual(['users.registered']);
    cdn.failWith(undefined);
    await expect(findTargets({}, { order: ['registry', 'snapshot'] })).resolves.toEqual(['users.registered']);
    await environment.registry.stop();
    await expect(findTargets({}, { order: ['registry', 'snapshot'] })).resolves.toEqual(['users.published']);
  });

  test('reads only one of them if the order says so', async () => {
    await cdn.publish([published('users')]);
    await register('users');
    await expect(findTargets({}, { order: ['registry'] })).resolves.toEqual(['users.registered']);
    expect(cdn.requests).toEqual([]);
    cdn.failWith(503);
    await expect(findTargets({}, { order: ['snapshot'] })).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    expect(registryRequests()).toBe(1);
  });

  test('with credentials does not lose services that are not public', async () => {
    const { region, credentials } = environment.registry;
    const registry = { url: environment.registry.url, region, auth: { mode: 'iam' as const } };
    const libraryOptions = { Auth: { credentialsProvider: signedInWith(credentials) } };
    const find = (services?: string[]) => findTargets({ registry }, { services, libraryOptions });
    await cdn.publish([published('users')], { partial: true });
    await Promise.all([register('users'), environment.register('secret', secretUrl, { public: false })]);
    await expect(find()).resolves.toEqual(['secret.registered', 'users.registered']);
    await expect(find(['users'])).resolves.toEqual(['users.published']);
    await expect(find(['users', 'secret'])).resolves.toHaveLength(2);
  });

  test('with an API key asks the registry for nothing that the key does not read either', async () => {
    await cdn.publish([published('users')], { partial: true });
    await Promise.all([register('users'), environment.register('secret', secretUrl, { public: false })]);
    await expect(findTargets()).resolves.toEqual(['users.published']);
    expect(registryRequests()).toBe(0);
  });

  test.each([
    ['published snapshots', 'secret', {}],
    ['a registry with an API key', 'secret', { snapshot: undefined }],
    ['published snapshots, of a name that is not there', 'nobody', {}],
    ['a registry with an API key, of a name that is not there', 'nobody', { snapshot: undefined }],
  ])('cannot tell what is not public from what is not there: %s', async (_, name, more) => {
    await cdn.publish([published('users')], { partial: true });
    await Promise.all([register('users'), environment.register('secret', secretUrl, { public: false })]);
    const discovery = createDiscovery({
      ...outputs(more).custom.discovery,
      storage: memoryStorage(),
    } as DiscoveryOptions);
    await expect(discovery.resolve(name)).rejects.toMatchObject({
      code: 'ServiceNotFound',
      message: `No endpoint of "${name}" in "Production"`,
      recoverySuggestion: expect.stringContaining('not public is found with credentials only'),
    });
  });

  test('fails with what is missing when there is neither', async () => {
    await expect(findTargets({ registry: undefined, snapshot: undefined })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('registry'),
    });
  });
});

describe('an app whose API key has expired', () => {
  let keyless: Environment;
  let time: number;
  let events: { readonly type: string; readonly code: string | undefined }[];
  let stopListening: () => void;

  beforeEach(async () => {
    time = Date.now();
    keyless = await startEnvironment({ apiKeyExpiresAt: time, now: () => time });
    events = [];
    stopListening = Hub.listen('amplify-discovery', ({ payload: { data } }) => {
      const { type, error } = data as DiscoveryEvent & { readonly error?: DiscoveryError };
      events.push({ type, code: error?.code });
    });
  });
  afterEach(() => {
    stopListening();
    return keyless.stop();
  });

  const open = (more: object) =>
    createDiscovery({
      ...outputs(keyless.outputs.custom.discovery).custom.discovery,
      trustedHosts: ['*.example.com'],
      recheckSeconds: 0,
      storage: memoryStorage(),
      ...more,
    } as DiscoveryOptions);

  test('goes on working, because it reads the snapshot first', async () => {
    await cdn.publish([published('users')]);
    await expect(open({}).resolve('users')).resolves.toMatchObject({ origin: 'snapshot > registry' });
    expect(events.map(({ type }) => type)).toEqual(['refresh', 'hit']);
    expect(keyless.registry.requests.denied).toBe(undefined);
  });

  test('falls back to the snapshot if it reads the registry first, and says why until the key is renewed', async () => {
    await cdn.publish([published('users')]);
    const discovery = open({ order: ['registry', 'snapshot'] });
    await expect(discovery.resolve('users')).resolves.toMatchObject({ endpoint: { service: 'users' } });
    expect(events).toContainEqual({ type: 'refresh-failed', code: 'RegistryDenied' });
    expect(discovery.inspect()).toEqual([
      expect.objectContaining({
        service: 'users',
        freshness: 'fresh',
        problem: expect.stringMatching(/^RegistryDenied: /),
      }),
    ]);
    // Before it expired: to the registry the same as after it was renewed.
    time--;
    await discovery.refresh();
    expect(discovery.inspect()).toEqual([expect.not.objectContaining({ problem: expect.anything() })]);
  });

  test('fails with the reason if there is no snapshot either', async () => {
    const discovery = open({ snapshot: undefined });
    await expect(discovery.resolve('users')).rejects.toMatchObject({
      code: 'RegistryDenied',
      recoverySuggestion: expect.stringContaining('when it expires'),
    });
    expect(discovery.inspect()).toEqual([{ stage: 'Production', problem: expect.stringMatching(/^RegistryDenied: /) }]);
  });
});

describe('what the trusted keys did not sign', () => {
  const alone = { registry: undefined };

  test.each([
    ['unsigned', async () => null],
    ['signed by a stranger', () => createLocalKey('2026')],
  ])('is refused: %s', async (_, makeKey) => {
    await cdn.publish([published('users')], { key: await makeKey() });
    await expect(findTargets(alone)).rejects.toMatchObject({ code: 'SignatureInvalid' });
    await register('users');
    await expect(findTargets()).resolves.toEqual(['users.registered']);
  });

  test('the keys may be the JSON text that a deployment writes', async () => {
    await cdn.publish([published('users')]);
    const trustedKeys = JSON.stringify(cdn.trustedKeys);
    await expect(findTargets({ ...alone, snapshot: { url: cdn.url, trustedKeys } })).resolves.toHaveLength(1);
    await cdn.publish([published('users')], { key: null });
    await expect(findTargets({ ...alone, snapshot: { url: cdn.url, trustedKeys } })).rejects.toMatchObject({
      code: 'SignatureInvalid',
    });
  });

  test.each(['', '[]', '[{', '[{"kid":"1"}]'])(
    'keys that can not be read never turn verification off: %s',
    async (text) => {
      await cdn.publish([published('users')], { key: null });
      const snapshot = { url: cdn.url, trustedKeys: text };
      await expect(findTargets({ ...alone, snapshot })).rejects.toMatchObject({ code: 'InvalidOptions' });
    },
  );

  test('an older snapshot is refused after a reload too', async () => {
    const storage = memoryStorage();
    const { discovery } = outputs(alone).custom;
    const open = () => createDiscovery({ ...discovery, recheckSeconds: 0, storage } as DiscoveryOptions);
    await cdn.publish([published('users')], { sequence: 7 });
    await open().resolve('users');
    await cdn.publish([published('users'), published('gone')], { sequence: 6 });
    await expect(open().refresh()).rejects.toMatchObject({ code: 'SignatureInvalid' });
    await expect(open().resolve('users')).resolves.toMatchObject({ revision: '7' });
  });

  test('a malformed sequence in storage does not break a call', async () => {
    const storage = memoryStorage();
    storage.items.set(`amplify-discovery/1/sequence/${cdn.url}/Production`, 'Infinity');
    await cdn.publish([published('users')]);
    await expect(findTargets(alone, { storage })).resolves.toEqual(['users.published']);
  });
});
