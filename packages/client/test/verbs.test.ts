import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { Amplify, createAmplifyContext, type ResourcesConfig } from 'aws-amplify';
import { Hub } from 'aws-amplify/utils';
import { createDiscovery, discover, getDiscovery, type DiscoveryOptions } from '../src/index.ts';
import { get, head, isCancelError, post, put } from '../src/api.ts';
import * as start from './start-environment.ts';
import { memoryStorage, startEnvironment, type Backend, type Environment } from './start-environment.ts';

let environment: Environment;
let users: Backend;

beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.stop());
beforeEach(async () => {
  users = await environment.startService('users');
});
afterEach(() => Promise.all([users, ...backends.splice(0)].map((backend) => backend.stop())));

const backends: Backend[] = [];

/** A backend that is stopped after the test. */
async function startBackend(...args: Parameters<typeof start.startBackend>): Promise<Backend> {
  const backend = await start.startBackend(...args);
  backends.push(backend);
  return backend;
}

const trustedHosts = ['127.0.0.1:*'];
const noRetry = { retryStrategy: { strategy: 'no-retry' } } as const;
const requests = () => environment.registry.requests.snapshot ?? 0;

async function configure(
  options: Partial<DiscoveryOptions> = {},
  outputs: unknown = environment.outputs,
): Promise<ResourcesConfig> {
  const config = await discover(outputs, { storage: memoryStorage(), recheckSeconds: 0, ...options });
  Amplify.configure(config);
  return config;
}

/** A redeploy: the old host is gone, the new one is registered. It starts first, or it may get the port of the old one. */
async function moveUsers(answer?: Parameters<typeof start.startBackend>[1]): Promise<Backend> {
  const moved = await startBackend('moved', answer);
  await users.stop();
  await environment.register('users', moved.url);
  return moved;
}

/** A server that never answers. */
async function startSilent() {
  let announce = () => {};
  const arrival = new Promise<void>((resolve) => (announce = resolve));
  const server = createServer(() => announce());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrival, stop };
}

describe('verbs by service name', () => {
  // First, while this file's copy of the module has seen no discover yet.
  test('may be called before discover and before Amplify.configure', async () => {
    const { response } = get({ apiName: 'users', path: '/early' });
    await configure();
    expect(await (await response).body.json()).toEqual({ name: 'users' });
    expect(users.requests.map(({ url }) => url)).toEqual(['/early']);
  });

  test('answer as Amplify does', async () => {
    await configure();
    const { statusCode, headers, body } = await get({ apiName: 'users', path: '/users?active=1' }).response;
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(await body.json()).toEqual({ name: 'users' });
    expect(users.requests[0]?.url).toBe('/users?active=1');
  });

  test('send body, headers and query parameters', async () => {
    await configure();
    const options = { body: { name: 'Ada' }, headers: { 'x-trace': '1' }, queryParams: { dry: 'true' } };
    await post({ apiName: 'users', path: '/users', options }).response;
    expect(users.requests[0]).toMatchObject({ method: 'POST', url: '/users?dry=true', body: '{"name":"Ada"}' });
    expect(users.requests[0]?.headers['x-trace']).toBe('1');
  });

  test('reject with the error that Amplify rejects with', async () => {
    const failing = await environment.startService('failing', () => ({ status: 422, body: { error: 'no' } }));
    await configure();
    await expect(head({ apiName: 'failing', path: '/' }).response).rejects.toMatchObject({
      response: { statusCode: 422 },
    });
    expect(failing.requests).toHaveLength(1);
  });

  test('reject with ServiceNotFound for an unknown name', async () => {
    await configure();
    await expect(get({ apiName: 'nobody', path: '/' }).response).rejects.toMatchObject({ code: 'ServiceNotFound' });
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'do not take %s, which every object has, for an entry of the app',
    async (apiName) => {
      await configure();
      await expect(get({ apiName, path: '/' }).response).rejects.toMatchObject({ code: 'ServiceNotFound' });
    },
  );

  test('use a generated entry for a name that discovery does not have, and discovery otherwise', async () => {
    const generated = await startBackend('generated');
    const { custom } = environment.outputs;
    const entries = ['users', 'old'].map((name) => ({ name, endpoint: generated.url }));
    await configure({}, { aws_project_region: 'eu-west-1', aws_cloud_logic_custom: entries, custom });
    await get({ apiName: 'users', path: '/discovered' }).response;
    await get({ apiName: 'old', path: '/generated' }).response;
    expect(users.requests.map(({ url }) => url)).toEqual(['/discovered']);
    expect(generated.requests.map(({ url }) => url)).toEqual(['/generated']);
  });

  test('refuse an endpoint that is not an API', async () => {
    await environment.register('mailer', 'wss://127.0.0.1:1/mails', { kind: 'websocket' });
    await configure();
    await expect(get({ apiName: 'mailer', path: '/' }).response).rejects.toMatchObject({ code: 'InvalidOptions' });
  });

  test('prefer what the app lists itself', async () => {
    const local = await startBackend('local');
    const { version: _, ...outputs } = environment.outputs;
    await configure({}, { ...outputs, API: { REST: { users: { endpoint: local.url } } } });
    await get({ apiName: 'users', path: '/' }).response;
    expect([local.requests.length, users.requests.length]).toEqual([1, 0]);
  });

  test('call what the app lists itself as Amplify calls it', async () => {
    const local = await startBackend('local');
    const { version: _, ...outputs } = environment.outputs;
    await configure({}, { ...outputs, API: { REST: { users: { endpoint: `${local.url}/api/` } } } });
    await get({ apiName: 'users', path: 'items' }).response;
    await get({ apiName: 'users', path: '/../b' }).response;
    expect(local.requests.map(({ url }) => url)).toEqual(['/api/items', '/api/b']);
  });

  test('prefer what the app adds at Amplify.configure', async () => {
    const local = await startBackend('local');
    const config = await configure();
    Amplify.configure({ ...config, API: { REST: { ...config.API?.REST, own: { endpoint: local.url } } } });
    await get({ apiName: 'own', path: '/' }).response;
    expect(local.requests).toHaveLength(1);
  });

  test('never reconfigure Amplify', async () => {
    const config = await configure();
    const moved = await moveUsers();
    await get({ apiName: 'users', path: '/', options: noRetry }).response;
    expect(moved.requests).toHaveLength(1);
    expect(Amplify.getConfig().API?.REST?.users?.endpoint).toBe(config.API?.REST?.users?.endpoint);
  });
});

describe('a moved endpoint', () => {
  test('is found by the call that fails', async () => {
    await configure();
    await moveUsers();
    expect(await (await get({ apiName: 'users', path: '/users', options: noRetry }).response).body.json()).toEqual({
      name: 'moved',
    });
  });

  test.each([
    [403, { 'x-amzn-errortype': 'ForbiddenException' }, '{"message":"Forbidden"}'],
    [403, { 'x-amzn-errortype': 'AccessDeniedException' }, '{"Message":null}'],
    [404, { 'apigw-requestid': 'x' }, '{"message":"Not Found"}'],
  ])('is looked for when the gateway itself answers %i with %j and %s', async (status, headers, body) => {
    const gone = await environment.startService('users', () => ({ status, headers, body }));
    await configure();
    const moved = await startBackend('moved');
    await environment.register('users', moved.url);
    await get({ apiName: 'users', path: '/users' }).response;
    expect([gone.requests.length, moved.requests.length]).toEqual([1, 1]);
  });

  test.each([
    [404, '{"message":"No such user"}'],
    [403, '{"message":"Forbidden"}'],
    [500, '{"message":"Forbidden"}'],
  ])('is not looked for when the service answers %i %s', async (status, body) => {
    await environment.startService('users', () => ({ status, body }));
    await configure();
    const before = requests();
    await expect(get({ apiName: 'users', path: '/users', options: noRetry }).response).rejects.toMatchObject({
      response: { statusCode: status },
    });
    expect(requests()).toBe(before);
  });

  test('gets no second POST, unless the call is said to be idempotent', async () => {
    await configure();
    const moved = await moveUsers();
    await expect(post({ apiName: 'users', path: '/users', options: noRetry }).response).rejects.toThrow(
      /fetch failed|network error/i,
    );
    expect(moved.requests).toHaveLength(0);
    // The failed call has refreshed: the next one goes to the new place at once.
    await post({ apiName: 'users', path: '/users', options: noRetry }).response;
    expect(moved.requests).toHaveLength(1);
    users = await environment.startService('users');
    await moved.stop();
    await put({ apiName: 'users', path: '/users', options: noRetry }).response;
    const again = await moveUsers();
    await post({ apiName: 'users', path: '/users', options: noRetry, idempotent: true }).response;
    expect(again.requests).toHaveLength(1);
  });

  test('is looked for once by all calls that fail', async () => {
    await configure();
    const moved = await moveUsers();
    const before = requests();
    const calls = Array.from(
      { length: 50 },
      () => get({ apiName: 'users', path: '/users', options: noRetry }).response,
    );
    await Promise.all(calls);
    expect(requests() - before).toBe(1);
    expect(moved.requests).toHaveLength(50);
  });

  test('costs at most one more request, also when the new endpoint fails, too', async () => {
    await configure();
    const moved = await moveUsers(() => ({
      status: 404,
      headers: { 'apigw-requestid': 'x' },
      body: '{"message":"Not Found"}',
    }));
    await expect(get({ apiName: 'users', path: '/users', options: noRetry }).response).rejects.toMatchObject({
      response: { statusCode: 404 },
    });
    expect(moved.requests).toHaveLength(1);
  });

  test('that is only down causes no request storm at the registry', async () => {
    await configure({ recheckSeconds: 60 });
    await users.stop();
    const before = requests();
    for (let call = 0; call < 5; call++) {
      await expect(get({ apiName: 'users', path: '/', options: noRetry }).response).rejects.toThrow(
        /fetch failed|network error/i,
      );
    }
    expect(requests() - before).toBe(0);
  });
});

describe('cancel', () => {
  test('works while the name is being resolved, and nothing is sent', async () => {
    const discovery = discover(environment.outputs, { storage: memoryStorage() });
    const operation = get({ apiName: 'users', path: '/' });
    operation.cancel('not needed any more');
    const error = await operation.response.catch((caught: unknown) => caught);
    expect(isCancelError(error)).toBe(true);
    expect((error as Error).message).toBe('not needed any more');
    await discovery;
    expect(users.requests).toHaveLength(0);
  });

  test('works while the request is under way', async () => {
    const silent = await startSilent();
    await environment.register('silent', silent.url);
    await configure();
    const { response, cancel } = get({ apiName: 'silent', path: '/' });
    void silent.arrival.then(() => cancel('enough'));
    const error = await response.catch((caught: unknown) => caught);
    expect(isCancelError(error)).toBe(true);
    await silent.stop();
  });

  test('works while an endpoint that has gone is looked for, and nothing is sent to the new place', async () => {
    const source = memorySource();
    source.register({ stage: 'Production', service: 'users', kind: 'http', target: users.url });
    await configure({
      source: {
        name: 'memory',
        load(request) {
          if (source.requests.length) queueMicrotask(() => operation.cancel('enough'));
          return source.load(request);
        },
      },
    });
    const moved = await startBackend('moved');
    await users.stop();
    source.register({ stage: 'Production', service: 'users', kind: 'http', target: moved.url });
    const open = source.hold();
    const operation = get({ apiName: 'users', path: '/', options: noRetry });
    expect(isCancelError(await operation.response.catch((caught: unknown) => caught))).toBe(true);
    open();
    await (await getDiscovery()).resolver.settle();
    await new Promise((resolve) => setImmediate(resolve));
    expect(moved.requests).toHaveLength(0);
  });
});

describe('the timeout', () => {
  const timeout = 20;
  const message = `Request timeout after ${timeout}ms`;

  test('counts the time that discovery takes, and nothing is sent afterwards', async () => {
    const source = memorySource();
    source.register({ stage: 'Production', service: 'users', kind: 'http', target: users.url });
    const open = source.hold();
    const discovery = createDiscovery({ source, stage: 'Production', trustedHosts, storage: memoryStorage() });
    const { response } = get(discovery.context(), { apiName: 'users', path: '/', options: { timeout } });
    await expect(response).rejects.toMatchObject({ name: 'TimeoutError', message });
    open();
    await discovery.resolve('users');
    await new Promise((resolve) => setImmediate(resolve));
    expect(users.requests).toHaveLength(0);
  });

  test('of Amplify’s library options counts it as well', async () => {
    const source = memorySource();
    const open = source.hold();
    const discovery = createDiscovery({ source, stage: 'Production', trustedHosts, storage: memoryStorage() });
    const context = createAmplifyContext({}, { API: { REST: { timeout: () => timeout } } });
    const { response } = get(discovery.context(context), { apiName: 'users', path: '/' });
    await expect(response).rejects.toMatchObject({ name: 'TimeoutError', message });
    open();
  });

  test('counts the search for an endpoint that has gone', async () => {
    const source = memorySource();
    source.register({ stage: 'Production', service: 'users', kind: 'http', target: users.url });
    await configure({ source });
    await users.stop();
    const open = source.hold();
    const { response } = get({ apiName: 'users', path: '/', options: { ...noRetry, timeout } });
    await expect(response).rejects.toMatchObject({ name: 'TimeoutError', message });
    open();
  });

  test('that is negative throws at once, as with Amplify', async () => {
    const options = { timeout: -1 };
    expect(() => get({ apiName: 'users', path: '/', options })).toThrow('Timeout must be a non-negative number');
    await configure();
    expect(() => get({ apiName: 'users', path: '/', options })).toThrow('Timeout must be a non-negative number');
  });
});

describe('a warm call', () => {
  /** Amplify reads the timeout when its verb is called, which shows whether it was called. */
  async function makeWarm(options: Partial<DiscoveryOptions> = {}) {
    const config = await discover(environment.outputs, { storage: memoryStorage(), ...options });
    const sent = jest.fn(() => undefined);
    Amplify.configure(config, { API: { REST: { timeout: sent as never } } });
    await getDiscovery();
    await get({ apiName: 'users', path: '/first' }).response;
    sent.mockClear();
    return sent;
  }
  afterEach(() => Amplify.configure({}, {}));

  test('is sent before the verb returns', async () => {
    const sent = await makeWarm();
    const { response } = get({ apiName: 'users', path: '/second' });
    expect(sent).toHaveBeenCalledTimes(1);
    await response;
  });

  test('is reported as an event each time', async () => {
    await makeWarm();
    const events: unknown[] = [];
    const stop = Hub.listen('amplify-discovery', ({ payload }) => void events.push(payload.event));
    await get({ apiName: 'users', path: '/second' }).response;
    await get({ apiName: 'users', path: '/third' }).response;
    stop();
    expect(events).toEqual(['hit', 'hit']);
  });

  test('goes where Amplify’s configuration says from the moment it is replaced', async () => {
    await makeWarm();
    const local = await startBackend('local');
    Amplify.configure({ API: { REST: { users: { endpoint: local.url } } } });
    await get({ apiName: 'users', path: '/' }).response;
    expect(local.requests).toHaveLength(1);
  });

  test('goes where the registry says as soon as a refresh has loaded it', async () => {
    await makeWarm();
    const moved = await startBackend('moved');
    await environment.register('users', moved.url);
    await (await getDiscovery()).refresh();
    await get({ apiName: 'users', path: '/' }).response;
    expect(moved.requests).toHaveLength(1);
  });

  test('of a service with an auth mode or headers of its own waits for them', async () => {
    const serviceOptions = { users: { headers: async () => ({ 'x-own': '1' }) } };
    const sent = await makeWarm({ serviceOptions });
    const { response } = get({ apiName: 'users', path: '/second' });
    expect(sent.mock.calls.length).toBeLessThan(2);
    await response;
    expect(users.requests.map(({ headers }) => headers['x-own'])).toEqual(['1', '1']);
  });

  test('is refused like any other', async () => {
    await makeWarm();
    await expect(get({ apiName: 'users', path: '/../x' }).response).rejects.toMatchObject({ code: 'InvalidPath' });
    await expect(get({ apiName: 'nobody', path: '/' }).response).rejects.toMatchObject({ code: 'ServiceNotFound' });
  });
});

describe('the path', () => {
  test.each(['//evil.test', '/\\evil.test', '/a\\..\\b', '/\t/evil.test'])('%j is refused', async (path) => {
    await configure();
    await expect(get({ apiName: 'users', path }).response).rejects.toMatchObject({ code: 'InvalidPath' });
    expect(users.requests).toHaveLength(0);
  });

  test.each(['/../admin', '/%2e%2e/admin', '/a/../../admin', '/..'])('%j cannot leave the service', async (path) => {
    await environment.register('users', `${users.url}/prod`);
    await configure();
    await expect(get({ apiName: 'users', path }).response).rejects.toMatchObject({ code: 'InvalidPath' });
    expect(users.requests).toHaveLength(0);
  });

  test.each([
    ['@evil.test/x', '/@evil.test/x'],
    ['.evil.test/x', '/.evil.test/x'],
    [':81/x', '/:81/x'],
    ['users', '/users'],
    ['', '/'],
    ['?a=1', '/?a=1'],
  ])('%j follows the service as %s', async (path, url) => {
    await configure();
    await get({ apiName: 'users', path }).response;
    expect(users.requests[0]?.url).toBe(url);
  });

  test('cannot lead away from the host of the app’s own endpoints either', async () => {
    const { version: _, ...outputs } = environment.outputs;
    await configure({}, { ...outputs, API: { REST: { own: { endpoint: users.url } } } });
    await expect(get({ apiName: 'own', path: '@evil.test' }).response).rejects.toMatchObject({ code: 'InvalidPath' });
  });
});

test('getDiscovery resolves with the discovery that discover made', async () => {
  await configure();
  const [stage] = (await getDiscovery()).inspect();
  expect(stage).toMatchObject({ stage: 'Production', freshness: 'fresh', origin: 'registry' });
});
