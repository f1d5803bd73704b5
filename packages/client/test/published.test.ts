import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalKey } from '@amplify-discovery/snapshots/seal';
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
const registryRequests = () => environment.registry.requests.snapshot ?? 0;

/** What a deployment that publishes tells its app. */
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

  test('asks the registry when they fail, and the other way round', async () => {
    await cdn.publish([published('users')]);
    await register('users');
    cdn.failWith(503);
    await expect(findTargets()).resolves.toEqual(['users.registered']);
    cdn.failWith(undefined);
    await expect(findTargets({}, { order: ['registry', 'snapshot'] })).resolves.toEqual(['users.registered']);
    await environment.registry.stop();
    await expect(findTargets({}, { order: ['registry', 'snapshot'] })).resolves.toEqual(['users.published']);
  });

  test('may be told to ask only one of them', async () => {
    await cdn.publish([published('users')]);
    await register('users');
    await expect(findTargets({}, { order: ['registry'] })).resolves.toEqual(['users.registered']);
    expect(cdn.requests).toEqual([]);
    cdn.failWith(503);
    await expect(findTargets({}, { order: ['snapshot'] })).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    expect(registryRequests()).toBe(1);
  });

  test('does not lose services that are not public', async () => {
    await cdn.publish([published('users')], { partial: true });
    await Promise.all([register('users'), register('secret')]);
    await expect(findTargets()).resolves.toEqual(['secret.registered', 'users.registered']);
    await expect(findTargets({}, { services: ['users'] })).resolves.toEqual(['users.published']);
    await expect(findTargets({}, { services: ['users', 'secret'] })).resolves.toHaveLength(2);
  });

  test('is told what is missing when there is neither', async () => {
    await expect(findTargets({ registry: undefined, snapshot: undefined })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('registry'),
    });
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

  test('the keys may be the JSON text that a deployment tells', async () => {
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

  test('a sequence in storage that is none does not break a call', async () => {
    const storage = memoryStorage();
    storage.items.set(`amplify-discovery/1/sequence/${cdn.url}/Production`, 'Infinity');
    await cdn.publish([published('users')]);
    await expect(findTargets(alone, { storage })).resolves.toEqual(['users.published']);
  });
});
