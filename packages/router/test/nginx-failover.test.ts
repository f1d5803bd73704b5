import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createTrust, parseSnapshot } from '@amplify-discovery/core';
import { startSilentHost } from '@amplify-discovery/test-rig/silent-host';
import { nginxPath, startNginx } from '@amplify-discovery/test-rig/nginx';
import { exportNginx, type NginxOptions } from '../src/hosts/nginx/export-nginx.ts';
import { startBackend, type Respond } from './start-backend.ts';

jest.setTimeout(60_000);

const findTrust = createTrust({ trustedHosts: ['127.0.0.1:*'] });
/** Nobody listens there. */
const refusing = 'http://127.0.0.1:1';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

async function keep<T extends { stop(): Promise<void> }>(started: Promise<T>): Promise<T> {
  const server = await started;
  running.push(server);
  return server;
}

/** Answers with its name, the method, the path and the body. */
const serve = (name: string, more: Respond = () => {}) =>
  keep(
    startBackend((request, response, raw) => {
      more(request, response, raw);
      if (!response.writableEnded && !raw.socket.destroyed)
        response.end(`${name} ${request.method} ${request.url} ${request.body.toString()}`.trim());
    }),
  );

/** nginx before these targets of `orders`, the first with the lowest priority. Returns what asks it. */
async function start(targets: readonly string[], options: NginxOptions = {}, more: readonly object[] = []) {
  const endpoints = targets.map((target, priority) => ({ service: 'orders', id: `p${priority}`, target, priority }));
  const snapshot = parseSnapshot({ revision: '1', endpoints: [...endpoints, ...more] }, 'dev', findTrust);
  const configuration = exportNginx(snapshot, { findTrust, connectTimeoutSeconds: 1, timeoutSeconds: 1, ...options });
  const nginx = await keep(startNginx(configuration, nginxPath as string));
  return async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${nginx.port}${options.mount ?? ''}${path}`, init);
    return `${answer.status} ${await answer.text()}`;
  };
}

const describeNginx = nginxPath === undefined ? describe.skip : describe;

describeNginx('nginx, when an endpoint can’t be reached', () => {
  test('goes to the next priority with whatever was not sent, path and body as they were', async () => {
    const [second, third] = [await serve('second'), await serve('third')];
    const ask = await start([refusing, `${second.url}/base`, third.url]);
    expect(await ask('/orders/a%20b?c=d')).toBe('200 second GET /base/a%20b?c=d');
    expect(await ask('/orders')).toBe('200 second GET /base');
    // No connection was made, so nothing was sent.
    expect(await ask('/orders/x', { method: 'POST', body: 'text' })).toBe('200 second POST /base/x text');
    await second.stop();
    running.splice(running.indexOf(second), 1);
    expect(await ask('/orders/x', { method: 'PUT', body: 'text' })).toBe('200 third PUT /x text');
    expect(third.requests).toHaveLength(1);
  });

  test('answers as for one endpoint when it has no further one', async () => {
    const [other, more] = [await serve('other'), { service: 'users', target: refusing }];
    const ask = await start([refusing, refusing, refusing], {}, [more, { service: 'ok', target: other.url }]);
    for (const service of ['orders', 'users']) {
      expect(JSON.parse((await ask(`/${service}/x`)).slice(4))).toMatchObject({ code: 'EndpointUnreachable', service });
    }
    expect(await ask('/ok/x')).toBe('200 other GET /x');
    expect(await ask('/unknown/x')).toMatch(/^404 .*ServiceNotFound/);
  });

  test('repeats a safe request alone after a connection that broke', async () => {
    const first = await serve('first', (_request, _response, raw) => void raw.socket.destroy());
    const second = await serve('second');
    // Each request of a configuration of its own, which remembers no failure.
    for (const [method, expected] of [
      ['GET', '200 second GET /x'],
      ['HEAD', '200 '],
      ['POST', '502'],
      ['PUT', '502'],
    ] as const) {
      const ask = await start([first.url, second.url]);
      expect((await ask('/orders/x', { method })).slice(0, expected.length)).toBe(expected);
    }
    expect(second.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
  });

  test('passes on an endpoint’s own 502 and 504, and repeats nothing that an endpoint has but answers late', async () => {
    const second = await serve('second');
    for (const status of [500, 502, 503, 504]) {
      const first = await serve('first', (_request, response) => void (response.statusCode = status));
      const ask = await start([first.url, second.url]);
      expect(await ask('/orders/x')).toBe(`${status} first GET /x`);
    }
    const late = await keep(startBackend(() => {}));
    const ask = await start([late.url, second.url]);
    expect(await ask('/orders/x')).toMatch(/^504 .*EndpointTimeout/);
    expect([late.requests.length, second.requests.length]).toEqual([1, 0]);
  });

  test('waits for a silent host once, and leaves it out for some seconds then', async () => {
    const [first, second] = [await keep(startSilentHost()), await serve('second')];
    const ask = await start([first.url, second.url]);
    // Each of the workers finds out for itself.
    await Promise.all(Array.from({ length: 20 }, () => ask('/orders/warm')));
    const startedAt = performance.now();
    for (let call = 0; call < 20; call++) expect(await ask('/orders/x')).toBe('200 second GET /x');
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test('does so below a mount, without rewriting, and with a name server in place of upstreams', async () => {
    const second = await serve('second');
    const variants: NginxOptions[] = [{ mount: '/api' }, { rewriteAnswers: false }, { resolver: '127.0.0.1:1' }];
    for (const options of variants) {
      const ask = await start([refusing, second.url], options);
      expect(await ask('/orders/x')).toBe('200 second GET /x');
      expect(await ask('/orders')).toBe('200 second GET /');
    }
  });

  test('keeps to what the next host may get: at one that is not listed, no token', async () => {
    const second = await serve('second');
    const ask = await start([refusing, second.url], {
      findTrust: (url) => (url.startsWith(refusing) ? 'listed' : 'derived'),
    });
    expect(await ask('/orders/x', { headers: { authorization: 'Bearer token' } })).toMatch(/^\d+ .*UntrustedEndpoint/);
    expect(await ask('/orders/x')).toBe('200 second GET /x');
    expect(second.requests).toHaveLength(1);
  });

  test('takes the preferred region first', async () => {
    const [eu, us] = [await serve('eu'), await serve('us')];
    const more = [
      { service: 'users', id: 'eu', target: eu.url, region: 'eu-west-1' },
      { service: 'users', id: 'us', target: us.url, region: 'us-east-1', priority: 1 },
    ];
    const ask = await start([], { prefer: ['us-east-1'] }, more);
    expect(await ask('/users/x')).toBe('200 us GET /x');
    await us.stop();
    running.splice(running.indexOf(us), 1);
    expect(await ask('/users/x')).toBe('200 eu GET /x');
  });
});
