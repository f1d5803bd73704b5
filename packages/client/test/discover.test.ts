import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isDiscoveryError } from '@amplify-discovery/core';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { discover, getDiscovery } from '../src/index.ts';
import { memoryStorage, startEnvironment, type Environment } from './start-environment.ts';

let environment: Environment;

beforeAll(async () => {
  environment = await startEnvironment();
  await environment.register('users', 'https://users.example.com/prod', {
    region: 'eu-west-1',
    signingService: 'execute-api',
  });
  await environment.register('orders', 'https://orders.example.com');
  await environment.register('mailer', 'arn:aws:lambda:eu-west-1:123456789012:function:mailer', { kind: 'function' });
  await environment.register('users', 'https://users.dev.example.com', { stage: 'dev' });
});
afterAll(() => environment.stop());

const trustedHosts = ['*.example.com'];
const requests = () => environment.registry.requests.snapshot ?? 0;

/** Discovery with storage of its own, so that tests don't see each other's. */
function discoverFresh(outputs: unknown, options: Parameters<typeof discover>[1] = {}) {
  return discover(outputs, { storage: memoryStorage(), trustedHosts, ...options });
}

describe('discover', () => {
  test('fills API.REST with what the stage has and asks the registry once for all of it', async () => {
    const before = requests();
    const config = await discoverFresh(environment.outputs);
    expect(requests() - before).toBe(1);
    expect(config.API?.REST).toMatchObject({
      users: { endpoint: 'https://users.example.com/prod', region: 'eu-west-1', service: 'execute-api' },
      orders: { endpoint: 'https://orders.example.com', region: 'us-east-1' },
    });
    expect(Object.keys(config.API?.REST ?? {}).sort()).toEqual(['orders', 'users']);
  });

  test('leaves the outputs as they are and keeps everything else in the configuration', async () => {
    const outputs = {
      ...environment.outputs,
      auth: { aws_region: 'eu-west-1', user_pool_id: 'eu-west-1_abc', user_pool_client_id: 'client' },
    };
    const before = JSON.stringify(outputs);
    const config = await discoverFresh(outputs);
    expect(JSON.stringify(outputs)).toBe(before);
    expect(Object.isFrozen(outputs.auth)).toBe(false);
    expect(config.Auth?.Cognito).toMatchObject({ userPoolId: 'eu-west-1_abc', userPoolClientId: 'client' });
  });

  test('shares no object with a ResourcesConfig that it is given, because Amplify freezes what it is configured with', async () => {
    const outputs = {
      ...environment.outputs,
      version: undefined,
      API: { REST: { local: { endpoint: 'http://localhost:3000' } } },
    };
    const config = await discoverFresh(outputs);
    expect(config.API?.REST?.local).toEqual(outputs.API.REST.local);
    expect(config.API?.REST?.local).not.toBe(outputs.API.REST.local);
  });

  describe('given Gen 1 exports', () => {
    const exports = () => ({
      aws_project_region: 'eu-west-1',
      aws_cloud_logic_custom: ['users', 'old'].map((name) => ({ name, endpoint: `https://${name}.generated.test` })),
      custom: environment.outputs.custom,
    });

    test('takes their endpoints where discovery has no other, because nobody wrote them as an override', async () => {
      const config = await discoverFresh(exports());
      expect(Object.entries(config.API?.REST ?? {}).map(([name, { endpoint }]) => [name, endpoint])).toEqual([
        ['users', 'https://users.example.com/prod'],
        ['old', 'https://old.generated.test'],
        ['orders', 'https://orders.example.com'],
      ]);
    });

    test.each([
      ['exports', exports],
      ['outputs', () => environment.outputs],
    ])('lets what the app writes beside the %s under API.REST win over both', async (_, generated) => {
      const config = await discoverFresh({
        ...generated(),
        API: { REST: { users: { endpoint: 'http://localhost:3000' } } },
      });
      expect(config.API?.REST?.users).toEqual({ endpoint: 'http://localhost:3000' });
      expect(config.API?.REST?.orders?.endpoint).toBe('https://orders.example.com');
    });

    test('goes by them when the registry is down and they list all that was asked for', async () => {
      const registry = { url: 'http://127.0.0.1:9/graphql', auth: { mode: 'apiKey', apiKey: 'none' } } as const;
      const config = await discoverFresh(exports(), { registry, services: ['users'] });
      expect(config.API?.REST?.users?.endpoint).toBe('https://users.generated.test');
      await expect(discoverFresh(exports(), { registry, services: ['users', 'orders'] })).rejects.toMatchObject({
        code: 'RegistryUnavailable',
      });
    });
  });

  test('takes configurations that hold functions and proxies, and keeps them', async () => {
    const customHeader = async () => ({ 'x-custom': '1' });
    const outputs = {
      custom: environment.outputs.custom,
      custom_header: customHeader,
      API: new Proxy({ endpoints: [{ name: 'v5', endpoint: 'https://v5.test', custom_header: customHeader }] }, {}),
    };
    const config = (await discoverFresh(outputs)) as unknown as typeof outputs;
    expect(config.custom_header).toBe(customHeader);
    expect(config.API.endpoints[0]?.custom_header).toBe(customHeader);
    expect(config.API.endpoints).not.toBe(outputs.API.endpoints);
  });

  test('does not take for the app’s own what an earlier discover has found, as in a page that a server rendered', async () => {
    const { custom } = environment.outputs;
    const earlier = await discoverFresh({ custom, API: { REST: { local: { endpoint: 'http://localhost:3000' } } } });
    const sent = JSON.parse(JSON.stringify(earlier)) as typeof earlier;
    const config = await discoverFresh({ ...sent, custom }, { stage: 'dev' });
    expect(Object.entries(config.API?.REST ?? {}).map(([name, { endpoint }]) => [name, endpoint])).toEqual([
      ['users', 'https://users.dev.example.com'],
      ['local', 'http://localhost:3000'],
    ]);
  });

  test('lets explicit options win over the outputs', async () => {
    const config = await discoverFresh(environment.outputs, { stage: 'dev' });
    expect(config.API?.REST).toEqual({
      users: expect.objectContaining({ endpoint: 'https://users.dev.example.com', region: 'us-east-1' }),
    });
  });

  test('takes each service from the first stage that has it', async () => {
    const config = await discoverFresh(environment.outputs, { stage: ['dev', 'Production'] });
    expect(config.API?.REST?.users?.endpoint).toBe('https://users.dev.example.com');
    expect(config.API?.REST?.orders?.endpoint).toBe('https://orders.example.com');
  });

  test('limits itself to the services it is told', async () => {
    const config = await discoverFresh(environment.outputs, { services: ['orders'] });
    expect(Object.keys(config.API?.REST ?? {})).toEqual(['orders']);
  });

  test('asks nothing at a warm start, even with a stale snapshot', async () => {
    const options = { ...environment.deployed, storage: memoryStorage() };
    await discoverFresh(environment.outputs, options);
    const before = requests();
    const config = await discoverFresh(environment.outputs, { ...options, freshSeconds: 0 });
    expect(config.API?.REST?.users?.endpoint).toBe('https://users.example.com/prod');
    // A request that was under way would be counted by then.
    await (await getDiscovery()).resolver.settle();
    expect(requests()).toBe(before);
  });

  test('does not take the snapshot of a shorter list of services for a longer one', async () => {
    const storage = memoryStorage();
    await discoverFresh(environment.outputs, { storage, services: ['orders'] });
    const config = await discoverFresh(environment.outputs, { storage, services: ['orders', 'users'] });
    expect(Object.keys(config.API?.REST ?? {}).sort()).toEqual(['orders', 'users']);
  });

  test('rejects when a service it is told is nowhere', async () => {
    await expect(discoverFresh(environment.outputs, { services: ['nobody'] })).rejects.toMatchObject({
      code: 'ServiceNotFound',
      service: 'nobody',
    });
  });

  test('rejects when a service it is told is at a host that is not trusted', async () => {
    await expect(
      discoverFresh(environment.outputs, { services: ['users'], trustedHosts: ['*.example.org'] }),
    ).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
  });

  test('leaves out what is at untrusted hosts when no service is named', async () => {
    const config = await discoverFresh(environment.outputs, { trustedHosts: ['orders.example.com'] });
    expect(Object.keys(config.API?.REST ?? {})).toEqual(['orders']);
  });

  test.each([undefined, null, 'amplify_outputs.json', 1])('says what to pass instead of %p', async (outputs) => {
    await expect(discoverFresh(outputs)).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringMatching(/^outputs: .* is not the content of amplify_outputs\.json/),
    });
  });

  test.each<[string, object]>([
    ['custom.discovery.registry.auth', { registry: { url: 'https://registry.example.com/graphql' } }],
    ['custom.discovery.registry.auth', { registry: { url: 'https://registry.example.com/graphql', auth: 'apiKey' } }],
    [
      'custom.discovery.registry.auth.mode',
      { registry: { url: 'https://registry.example.com/graphql', auth: { mode: 'key' } } },
    ],
    [
      'custom.discovery.registry.url',
      { registry: { url: 'http://registry.example.com/graphql', auth: { mode: 'iam' } } },
    ],
    [
      'custom.discovery.registry.url',
      { registry: { url: 'https://me:pass@registry.example.com', auth: { mode: 'iam' } } },
    ],
    ['custom.discovery.snapshot.url', { snapshot: { url: 'http://cdn.example.com/{stage}.json' } }],
    ['custom.discovery.trustedHost', { trustedHost: ['*.example.com'] }],
  ])('says that %s is wrong, and asks nothing', async (path, discovery) => {
    const before = requests();
    await expect(
      discoverFresh({ version: '1.4', custom: { discovery: { stage: 'Production', ...discovery } } }),
    ).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining(path),
    });
    expect(requests()).toBe(before);
  });

  test('says how a version range is written', async () => {
    const serviceOptions = { users: { version: '^1' as never } };
    await expect(discoverFresh(environment.outputs, { serviceOptions })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('versionRange("^1")'),
    });
  });

  test('says which option is missing when the outputs know nothing of discovery', async () => {
    await expect(discoverFresh({ version: '1.4' })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('registry'),
    });
  });

  describe('with the registry down', () => {
    const down = { url: 'http://127.0.0.1:9/graphql', auth: { mode: 'apiKey', apiKey: 'none' } } as const;

    test('rejects when nothing is known, rather than configuring half', async () => {
      const outcome = discoverFresh(environment.outputs, { registry: down });
      expect(isDiscoveryError(await outcome.catch((error: unknown) => error))).toBe(true);
      await expect(outcome).rejects.toMatchObject({ code: 'RegistryUnavailable', retryable: true });
    });

    test('goes by the cached snapshot', async () => {
      const options = { ...environment.deployed, storage: memoryStorage() };
      await discoverFresh(environment.outputs, options);
      const source = registrySource({ transport: apiKeyTransport({ url: down.url, apiKey: 'none' }) });
      const config = await discoverFresh(environment.outputs, { ...options, source });
      expect(config.API?.REST?.users?.endpoint).toBe('https://users.example.com/prod');
    });

    test('needs no registry when the app lists everything that was asked for', async () => {
      const outputs = {
        ...environment.outputs,
        version: undefined,
        API: { REST: { users: { endpoint: 'http://localhost:3000' } } },
      };
      const config = await discoverFresh(outputs, { registry: down, services: ['users'] });
      expect(config.API?.REST).toEqual({ users: { endpoint: 'http://localhost:3000' } });
    });
  });

  test('survives storage that fails in every way', async () => {
    const refuse = async () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
    const storage = { getItem: refuse, setItem: refuse, removeItem: refuse, clear: refuse };
    const config = await discoverFresh(environment.outputs, { storage });
    expect(config.API?.REST?.orders?.endpoint).toBe('https://orders.example.com');
  });

  test.each(['{', 'null', '[]', '{"revision":1}', '{"loadedAt":1e300}'])('survives %s in storage', async (garbage) => {
    const storage = memoryStorage();
    await discoverFresh(environment.outputs, { storage });
    for (const key of storage.items.keys()) storage.items.set(key, garbage);
    const config = await discoverFresh(environment.outputs, { storage });
    expect(config.API?.REST?.orders?.endpoint).toBe('https://orders.example.com');
  });

  test('a service may have a name that objects know already', async () => {
    await environment.register('__proto__', 'https://proto.example.com', { stage: 'odd' });
    await environment.register('constructor', 'https://constructor.example.com', { stage: 'odd' });
    const config = await discoverFresh(environment.outputs, { stage: 'odd', services: ['__proto__', 'constructor'] });
    const rest = Object.entries(config.API?.REST ?? {}).map(([name, { endpoint }]) => `${name} ${endpoint}`);
    expect(rest.sort()).toEqual(['__proto__ https://proto.example.com', 'constructor https://constructor.example.com']);
  });
});
