import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DiscoveryError, versionRange } from '@amplify-discovery/core';
import { Amplify } from 'aws-amplify';
import { get as amplifyGet } from 'aws-amplify/api';
import { createDiscovery, discover, getDiscovery } from 'amplify-discovery';
import { get, post } from 'amplify-discovery/api';
import { API } from 'amplify-discovery/v5';
import { forgetTestDiscovery, testDiscovery } from './index.ts';

const servers: Server[] = [];
const urls: Record<string, string> = {};
beforeAll(async () => {
  for (const name of ['one', 'two']) {
    const server = createServer((request, response) => response.end(JSON.stringify([name, request.url])));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  // A port where nobody is.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  urls.nobody = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterEach(() => forgetTestDiscovery());

const [one, two, nobody] = [() => urls.one ?? '', () => urls.two ?? '', () => urls.nobody ?? ''];
const call = async (apiName = 'orders', path = '/v1') => {
  const { body } = await get({ apiName, path }).response;
  return body.json();
};
const outputs = {
  custom: {
    discovery: {
      registry: {
        url: 'https://registry.example.com/graphql',
        region: 'eu-west-1',
        auth: { mode: 'apiKey', apiKey: 'k' },
      },
      stage: 'Production',
      trustedHosts: ['*.example.com'],
    },
  },
};

describe('in place of discover', () => {
  test('calls by name go to what the test names, in the next line, by every way to call', async () => {
    const discovery = testDiscovery({ orders: one(), users: two() });
    expect(await call()).toEqual(['one', '/v1']);
    expect(await call('users')).toEqual(['two', '/v1']);
    expect(await API.get('orders', '/v5', {})).toEqual(['one', '/v5']);
    expect(discovery.calls('orders')).toEqual([
      { method: 'GET', path: '/v1', target: one(), id: 'default' },
      { method: 'GET', path: '/v5', target: one(), id: 'default' },
    ]);
    expect(discovery.calls('nobody')).toEqual([]);
  });

  test('an app that calls discover itself gets it, with its own stage and options, and Amplify\u2019s verbs work as well', async () => {
    testDiscovery({
      orders: [
        { target: one(), version: '1.4.0' },
        { target: two(), version: '2.0.0' },
      ],
    });
    const config = await discover(outputs, { serviceOptions: { orders: { version: versionRange('^1') } } });
    expect(await call()).toEqual(['one', '/v1']);
    expect((await getDiscovery()).inspect()).toMatchObject([
      { stage: 'Production', version: '1.4.0', origin: 'testDiscovery' },
      { stage: 'Production', version: '2.0.0' },
    ]);
    Amplify.configure(config);
    expect(await (await amplifyGet({ apiName: 'orders', path: '/plain' }).response).body.json()).toEqual([
      'one',
      '/plain',
    ]);
  });

  test('selection is the real one: tenants, weights, priorities, ids and stages', async () => {
    const tenants = { orders: [one(), { target: two(), tenant: 'acme' }] };
    testDiscovery(tenants);
    expect(await call()).toEqual(['one', '/v1']);
    testDiscovery(tenants, { tenant: 'acme' });
    expect(await call()).toEqual(['two', '/v1']);
    testDiscovery({ orders: [{ target: one(), weight: 0 }, two()] });
    expect(await call()).toEqual(['two', '/v1']);
    testDiscovery(
      {
        orders: [
          { target: one(), stage: 'dev' },
          { target: two(), stage: 'pr-1' },
        ],
      },
      { stage: ['pr-1', 'dev'] },
    );
    expect(await call()).toEqual(['two', '/v1']);
  });

  test('trust is the real one: this machine and the hosts that are given, or the list that is given', async () => {
    testDiscovery({ orders: one() }, { trustedHosts: ['api.example.com'] });
    await expect(call()).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    const discovery = testDiscovery({ orders: 'https://orders.example.com' });
    await expect(discovery.source.load({ stage: 'any', signal: AbortSignal.timeout(1000) })).resolves.toMatchObject({
      endpoints: [{ stage: 'any', service: 'orders' }],
    });
    discovery.moves('orders', 'https://elsewhere.example.net');
    await expect(call()).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
  });

  test('a service that the test does not name is not found', async () => {
    testDiscovery({ orders: one() });
    await expect(call('constructor')).rejects.toMatchObject({ code: 'ServiceNotFound', service: 'constructor' });
  });

  test.each([
    ['localhost:3000'],
    ['http://orders.example.com'],
    ['https://orders.example.com/?a=b'],
    [{ target: 'https://orders.example.com', version: 'latest' }],
  ])('what can\u2019t be an endpoint is refused at once: %j', (endpoint) => {
    expect(() => testDiscovery({ orders: endpoint })).toThrow(
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining('testDiscovery, "orders":') }),
    );
  });

  test('a call before there is a discovery fails at once, with what to write, and so it does after forgetTestDiscovery', async () => {
    forgetTestDiscovery();
    const message = expect.stringContaining("testDiscovery({ 'service-name': 'http://127.0.0.1:3000' })");
    await expect(call()).rejects.toMatchObject({ code: 'InvalidOptions', message });
    testDiscovery({ orders: one() });
    await call();
    forgetTestDiscovery();
    await expect(call()).rejects.toMatchObject({ message });
    await expect(getDiscovery()).rejects.toMatchObject({ message });
  });

  test('the discovery of the test before is gone in the same breath', async () => {
    testDiscovery({ orders: one() });
    await call();
    testDiscovery({ orders: two() });
    expect(await call()).toEqual(['two', '/v1']);
  });

  test('its source serves createDiscovery, too', async () => {
    const { source } = testDiscovery({ orders: one() });
    const discovery = createDiscovery({ source, stage: 'dev', trustedHosts: ['127.0.0.1:*'] });
    const { body } = await get(discovery.context(), { apiName: 'orders', path: '/' }).response;
    expect(await body.json()).toEqual(['one', '/']);
  });
});

describe('what happens to a registry', () => {
  test('moves: the app goes on with what it has until a call fails, then finds the new endpoint and repeats', async () => {
    const discovery = testDiscovery({ orders: nobody() });
    await (await getDiscovery()).resolve('orders');
    discovery.moves('orders', one());
    expect(await call()).toEqual(['one', '/v1']);
    expect(discovery.calls('orders').map(({ target }) => target)).toEqual([nobody(), one()]);
    discovery.moves('orders', two());
    expect(await call()).toEqual(['one', '/v1']);
  });

  test('a call that must not be repeated is sent once, and the next one finds the way', async () => {
    const discovery = testDiscovery({ orders: nobody() });
    await (await getDiscovery()).resolve('orders');
    discovery.moves('orders', one());
    const send = () =>
      post({ apiName: 'orders', path: '/', options: { retryStrategy: { strategy: 'no-retry' } } }).response;
    await expect(send()).rejects.toThrow();
    expect(discovery.calls('orders')).toHaveLength(1);
    await send();
    expect(discovery.calls('orders').at(-1)).toMatchObject({ method: 'POST', target: one() });
  });

  test('moves to nowhere: a service is gone, and one is new', async () => {
    const discovery = testDiscovery({ orders: one() });
    await call();
    discovery.moves('orders', undefined);
    discovery.moves('invoices', two());
    expect(await call('invoices')).toEqual(['two', '/v1']);
    await expect(call()).rejects.toMatchObject({ code: 'ServiceNotFound' });
  });

  test('fails: a cold app has nothing to call, a warm one goes on; recovers', async () => {
    const discovery = testDiscovery({ orders: one() });
    discovery.fails();
    await expect(call()).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    discovery.recovers();
    expect(await call()).toEqual(['one', '/v1']);
    discovery.fails(new DiscoveryError('RegistryDenied', 'The key has expired'));
    discovery.expires();
    expect(await call()).toEqual(['one', '/v1']);
  });

  test('unreachable: a call fails as when nobody is there, until the service recovers', async () => {
    const failing = async () => {
      const retryStrategy = { strategy: 'no-retry' } as const;
      const error = await get({ apiName: 'orders', path: '/v1', options: { retryStrategy } }).response.catch(
        (reason: unknown) => reason,
      );
      const { name, message } = error as Error;
      return { name, message };
    };
    // What Amplify makes of it, when the error is of the realm that Amplify runs in: Jest's is another than Node's.
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.reject(new TypeError('fetch failed'));
    testDiscovery({ orders: one() });
    const real = await failing().finally(() => (globalThis.fetch = fetch));
    expect(real.name).toBe('NetworkError');
    const discovery = testDiscovery({ orders: one(), users: two() });
    await call();
    discovery.unreachable('orders');
    expect(await failing()).toEqual(real);
    await expect(post({ apiName: 'orders', path: '/' }).response).rejects.toMatchObject({ name: 'NetworkError' });
    await expect(API.get('orders', '/v5', {})).rejects.toThrow();
    expect(await call('users')).toEqual(['two', '/v1']);
    discovery.recovers();
    expect(await call()).toEqual(['one', '/v1']);
  });

  test('unreachable with an id: the next priority serves, and a call that must not be repeated fails once', async () => {
    const orders = [
      { id: 'eu', target: one(), priority: 0 },
      { id: 'us', target: two(), priority: 1 },
    ];
    const discovery = testDiscovery({ orders }, { recheckSeconds: 5 });
    expect(await call()).toEqual(['one', '/v1']);
    discovery.unreachable('orders', 'eu');
    expect(await call()).toEqual(['two', '/v1']);
    expect(await call()).toEqual(['two', '/v1']);
    expect(discovery.calls('orders').map(({ id }) => id)).toEqual(['eu', 'eu', 'us', 'us']);
    discovery.recovers();
    discovery.clock.advanceSeconds(6);
    expect(await call()).toEqual(['one', '/v1']);
    discovery.reset();
    discovery.unreachable('orders', 'eu');
    await expect(post({ apiName: 'orders', path: '/' }).response).rejects.toMatchObject({ name: 'NetworkError' });
    await post({ apiName: 'orders', path: '/' }).response;
    expect(discovery.calls('orders').map(({ id }) => id)).toEqual(['eu', 'us']);
  });

  test('what is said of a service where the registry is meant, and of a service that is not there, is refused', () => {
    const discovery = testDiscovery({ orders: one() });
    const refused = (text: string) =>
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(text) });
    expect(() => discovery.fails('orders' as never)).toThrow(refused('write unreachable(service)'));
    expect(() => discovery.slow('orders' as never)).toThrow(refused('slow: "orders" is not a number'));
    expect(() => discovery.unreachable('users')).toThrow(refused('no endpoint of "users"'));
    expect(() => discovery.unreachable('orders', 'eu')).toThrow(refused('no endpoint "eu" of "orders"'));
  });

  test('stale: the old answer is served and the new one is there for the call after it', async () => {
    const discovery = testDiscovery({ orders: one() });
    await call();
    discovery.moves('orders', two());
    expect(await call()).toEqual(['one', '/v1']);
    discovery.stale();
    expect(await call()).toEqual(['one', '/v1']);
    expect(await call()).toEqual(['two', '/v1']);
  });

  test('expires: the new answer is awaited', async () => {
    const discovery = testDiscovery({ orders: one() });
    await call();
    discovery.moves('orders', two());
    discovery.expires();
    expect(await call()).toEqual(['two', '/v1']);
  });

  test('slow: the answer comes when the clock has been moved on', async () => {
    const discovery = testDiscovery({ orders: one() });
    discovery.slow(3);
    let isDone = false;
    const loading = (await getDiscovery()).resolve('orders').then(() => (isDone = true));
    discovery.clock.advanceSeconds(2);
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    discovery.clock.advanceSeconds(1);
    await loading;
  });

  test('an endpoint that has expired by the clock is not called', async () => {
    const discovery = testDiscovery({
      orders: [two(), { target: one(), priority: 0, expiresAt: Date.now() + 60_000 }],
    });
    discovery.moves('orders', { target: one(), expiresAt: discovery.clock.now() + 60_000 });
    expect(await call()).toEqual(['one', '/v1']);
    discovery.clock.advanceSeconds(61);
    await expect(call()).rejects.toMatchObject({ code: 'ServiceNotFound' });
  });

  test('reset: all of that is undone, and nothing is loaded', async () => {
    const discovery = testDiscovery({ orders: one() });
    await call();
    discovery.moves('orders', two());
    discovery.fails();
    discovery.slow(5);
    discovery.reset();
    expect(discovery.calls('orders')).toEqual([]);
    expect((await getDiscovery()).inspect()).toEqual([{ stage: 'test' }]);
    expect(await call()).toEqual(['one', '/v1']);
  });
});
