import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { createTrust, parseSnapshot, type Snapshot } from '@amplify-discovery/core';
import { nginxPath, startNginx, type Nginx } from '@amplify-discovery/test-rig/nginx';
import { exportNginx, type NginxOptions } from '../src/hosts/nginx/export-nginx.ts';
import { startBackend, type Backend } from './start-backend.ts';

jest.setTimeout(60_000);

const fixtures = resolvePath('packages/router/test/fixtures');
const certificate = `${fixtures}/localhost-cert.pem`;
const findTrust = createTrust({ trustedHosts: ['127.0.0.1:*', 'localhost:*', '*.example.com'] });
const snapshotOf = (...records: object[]) =>
  parseSnapshot(
    { revision: '1', endpoints: records.map((fields) => ({ service: 'orders', ...fields })) },
    'Production',
    findTrust,
  );

describe('the text', () => {
  test('a hostile snapshot puts nothing of its own into the configuration', () => {
    const hostile = new Map(
      [
        ['a; } evil {', 'https://a.example.com'],
        ['a\nevil', 'https://a.example.com'],
        ['..', 'https://a.example.com'],
        ['target-quote', 'https://a.example.com/"; evil "'],
        ['target-newline', 'https://a.example.com/\nevil'],
        ['target-brace', 'https://a.example.com/{evil}'],
        ['target-host', 'https://a.example.com;evil'],
        ['plain-http', 'http://a.example.com/evil'],
        ['script', 'javascript:evil'],
      ].map(([service = '', target = '']) => [
        service,
        [
          {
            stage: 'Production',
            service,
            id: 'default',
            kind: 'rest' as const,
            target,
            priority: 0,
            weight: 1,
            public: false,
          },
        ],
      ]),
    );
    hostile.set('bad-id', [
      {
        stage: 'Production',
        service: 'bad-id',
        id: 'x\nevil;',
        kind: 'rest',
        target: 'https://a.example.com',
        priority: 0,
        weight: 1,
        public: false,
      },
    ]);
    const { http, server, skipped } = exportNginx({ stage: 'Production', services: hostile });
    expect(`${http}${server}`).not.toContain('evil');
    expect(skipped.map(({ service }) => service).sort()).toEqual([...hostile.keys()].sort());
    expect(exportNginx({ stage: 'Production\nevil;', services: hostile })).toMatchObject({ http: '', server: '' });
  });

  test('a dollar sign in a target is no variable', () => {
    const { http } = exportNginx(snapshotOf({ target: 'https://a.example.com/$http_evil' }));
    expect(http).not.toContain('$http_evil');
    expect(http).toContain('${discovery_dollar}http_evil');
  });

  test('an endpoint that the trust rule of the moment does not allow is left out', () => {
    const { http, skipped } = exportNginx(snapshotOf({ target: 'https://a.example.com' }), {
      findTrust: createTrust({ trustedHosts: ['b.example.com'] }),
    });
    expect(http).not.toContain('a.example.com');
    expect(skipped).toMatchObject([{ service: 'orders' }]);
  });

  test('the same snapshot gives the same text, in whatever order the source gave it', () => {
    const [one, two] = [
      { service: 'a', target: 'https://a.example.com' },
      { service: 'b', target: 'https://b.example.com' },
    ];
    expect(exportNginx(snapshotOf(one, two))).toEqual(exportNginx(snapshotOf(two, one)));
  });

  test('expired and tenant endpoints and functions are left out', () => {
    const { http, skipped } = exportNginx(
      snapshotOf(
        { target: 'https://a.example.com', expiresAt: 1 },
        { service: 'tenants', tenant: 'acme', target: 'https://b.example.com' },
        { service: 'job', kind: 'function', target: 'arn:aws:lambda:eu-west-1:123456789012:function:job' },
      ),
    );
    expect(http).not.toContain('upstream discovery_');
    expect(skipped.map(({ service }) => service)).toEqual(['job', 'orders', 'tenants']);
  });
});

const isRequired = nginxPath !== undefined || process.env.CI !== undefined;
const withNginx = isRequired ? describe : describe.skip;

withNginx(isRequired ? 'the real nginx' : 'the real nginx (not installed: apt-get install nginx-light)', () => {
  const running: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const server of running.splice(0).reverse()) await server.stop();
  });

  async function start(snapshot: Snapshot, options: NginxOptions = {}): Promise<Nginx> {
    const nginx = await startNginx(exportNginx(snapshot, { findTrust, ...options }), nginxPath ?? 'nginx');
    running.push(nginx);
    return nginx;
  }
  async function serve(text: string): Promise<Backend> {
    const backend = await startBackend((_request, response) => response.end(text));
    running.push(backend);
    return backend;
  }

  function ask(
    nginx: Nginx,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = requestHttp({ host: '127.0.0.1', port: nginx.port, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  function talk(nginx: Nginx, target: string): Promise<number> {
    return new Promise((resolve) => {
      const socket = connect(nginx.port, '127.0.0.1', () =>
        socket.write(`GET ${target} HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => {});
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])));
    });
  }

  test.each([{}, { resolver: '127.0.0.1:53' }])(
    'passes path, query and headers on below the base path, with %j',
    async (options) => {
      const backend = await serve('ok');
      const nginx = await start(snapshotOf({ target: `${backend.url}/base/$x` }), options);
      expect(
        await ask(nginx, '/orders/a%20b/c%2Fd//e?x=%22&y', {
          'x-own': '1',
          authorization: 'Bearer callers',
          'x-forwarded-for': '6.6.6.6',
          'x-original-url': '/admin',
          host: 'api.example.com',
        }),
      ).toEqual({ status: 200, text: 'ok' });
      await ask(nginx, '/orders');
      await ask(nginx, '/orders?q=1');
      expect(backend.requests.map(({ url }) => url)).toEqual([
        '/base/$x/a%20b/c%2Fd//e?x=%22&y',
        '/base/$x',
        '/base/$x?q=1',
      ]);
      const seen = backend.requests[0]?.headers ?? {};
      expect(seen).toMatchObject({
        host: `127.0.0.1:${backend.port}`,
        'x-own': '1',
        authorization: 'Bearer callers',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'api.example.com',
        'x-forwarded-prefix': '/orders',
      });
      expect(seen).not.toHaveProperty('x-original-url');
      expect(await nginx.readErrors()).toBe('');
    },
  );

  test('what could be replayed does not go to hosts that are not listed, and only what is harmless does', async () => {
    const backend = await serve('ok');
    const nginx = await start(snapshotOf({ target: backend.url }), { findTrust: undefined });
    for (const name of ['authorization', 'cookie', 'x-api-key']) {
      const answer = await ask(nginx, '/orders/', { [name]: 'callers' });
      expect(answer.status).toBe(502);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'UntrustedEndpoint', service: 'orders' });
    }
    expect(backend.requests).toEqual([]);
    const unknown = ['x-auth-token', 'api-key', 'x-session-id', 'proxy-authorization', 'dpop', 'x-jwt-assertion'];
    const harmless = ['accept', 'user-agent', 'traceparent', 'idempotency-key', 'if-none-match', 'range'];
    const headers = Object.fromEntries([...unknown, ...harmless].map((name) => [name, `of ${name}`]));
    expect(await ask(nginx, '/orders/x', headers)).toEqual({ status: 200, text: 'ok' });
    expect(backend.requests[0]?.headers).toMatchObject(
      Object.fromEntries(harmless.map((name) => [name, `of ${name}`])),
    );
    for (const name of unknown) expect(backend.requests[0]?.headers).not.toHaveProperty(name);
  });

  test.each([
    '/orders/../users/x',
    '/orders/..',
    '/orders/%2e%2e/users',
    '/orders/..%2fusers',
    '/orders/x%5c..%5cusers',
    '/orders/%252e%252e/users',
    '/orders/%25%32%65%25%32%65/users',
    '/orders/..;/users',
    '/orders/%c0%ae%c0%ae/users',
    '/orders/x%00',
    '/orders/x%0d%0aX-Injected:1',
    '/orders//users',
    '/orders/%2fusers',
    '//orders/x',
    '/users/../orders/x',
    '/./orders/x',
    '/x/..//orders/x',
  ])('%s reaches no endpoint', async (target) => {
    const [orders, users] = [await serve('orders'), await serve('users')];
    const nginx = await start(
      snapshotOf({ target: `${orders.url}/base` }, { service: 'users', target: `${users.url}/base` }),
    );
    expect([400, 404]).toContain(await talk(nginx, target));
    expect([...orders.requests, ...users.requests]).toEqual([]);
  });

  test('an unknown service is a 404 in JSON, and a mount is kept', async () => {
    const backend = await serve('ok');
    const nginx = await start(snapshotOf({ target: backend.url }), { mount: '/api' });
    const answer = await ask(nginx, '/api/users/x');
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'ServiceNotFound' });
    expect(await ask(nginx, '/api/orders/x')).toEqual({ status: 200, text: 'ok' });
    expect(backend.requests[0]).toMatchObject({ url: '/x', headers: { 'x-forwarded-prefix': '/api/orders' } });
  });

  test('90/10 by header: the same caller stays, and the canary gets its share', async () => {
    const [stable, canary] = [await serve('stable'), await serve('canary')];
    const nginx = await start(
      snapshotOf({ id: 'stable', target: stable.url, weight: 90 }, { id: 'canary', target: canary.url, weight: 10 }),
      { affinity: { header: 'X-User' } },
    );
    const users = Array.from({ length: 300 }, (_, index) => `user-${index}`);
    const answers: string[] = [];
    for (let start = 0; start < users.length; start += 20) {
      answers.push(
        ...(await Promise.all(
          users.slice(start, start + 20).map(async (user) => (await ask(nginx, '/orders/', { 'x-user': user })).text),
        )),
      );
    }
    const share = answers.filter((answer) => answer === 'canary').length;
    expect(share).toBeGreaterThan(12);
    expect(share).toBeLessThan(52);
    for (const user of [0, 1, 2, 3, 4])
      expect((await ask(nginx, '/orders/', { 'x-user': `user-${user}` })).text).toBe(answers[user]);
  });

  test('endpoints over https are called by their name, and only with a certificate that holds', async () => {
    const secure = createSecureServer(
      { cert: readFileSync(certificate), key: readFileSync(`${fixtures}/localhost-key.pem`) },
      (_request, response) => response.end('secure'),
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    running.push({ stop: () => new Promise((resolve) => secure.close(() => resolve())) });
    const { port } = secure.address() as AddressInfo;
    const snapshot = snapshotOf({ target: `https://localhost:${port}/prod` });
    const trusting = await start(snapshot, { caFile: certificate });
    expect(await ask(trusting, '/orders/x')).toEqual({ status: 200, text: 'secure' });
    const other = await start(snapshot, { caFile: `${fixtures}/other-cert.pem` });
    expect(await ask(other, '/orders/x')).toMatchObject({ status: 502 });
  });

  test('errors, limits and loops are as at the Node router', async () => {
    const backend = await serve('ok');
    const nginx = await start(snapshotOf({ target: backend.url }, { service: 'gone', target: 'http://127.0.0.1:9' }), {
      maximumBodyBytes: 1000,
    });
    const codeOf = async (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') => {
      const answer = await fetch(`http://127.0.0.1:${nginx.port}${path}`, { method, headers, ...(body && { body }) });
      const text = await answer.text();
      return [answer.status, text === 'ok' ? 'ok' : (JSON.parse(text) as { code: string }).code];
    };
    expect(await codeOf('/orders/')).toEqual([200, 'ok']);
    expect(await codeOf('/orders/', {}, 'PROPFIND')).toEqual([405, 'MethodNotAllowed']);
    expect(await codeOf('/orders/', { via: '1.1 amplify-discovery-router' })).toEqual([508, 'LoopDetected']);
    expect(await codeOf('/orders/', { via: '1.0 a, 1.1 amplify-discovery-router' })).toEqual([508, 'LoopDetected']);
    expect(await codeOf('/orders/', { via: '1.1 amplify-discovery-router-2' })).toEqual([200, 'ok']);
    expect(await codeOf('/orders/', {}, 'POST', 'x'.repeat(1000))).toEqual([200, 'ok']);
    expect(await codeOf('/orders/', {}, 'POST', 'x'.repeat(1001))).toEqual([413, 'BodyTooLarge']);
    expect(await codeOf('/gone/')).toEqual([502, 'EndpointUnreachable']);
    expect(await codeOf('/orders/..%2fx')).toEqual([400, 'InvalidPath']);
    expect(await codeOf(`/orders/${'a'.repeat(9000)}`)).toEqual([414, 'PathTooLong']);
    expect(await codeOf('/orders/', { 'x-a': 'a'.repeat(9000) })).toEqual([431, 'HeadersTooLarge']);
    expect(backend.requests.at(-1)?.headers.via).toBe('1.1 amplify-discovery-router');
  });

  test('an answer commands nothing, a signature for nginx stays there, and the connection does too', async () => {
    const backend = await startBackend((_request, response) =>
      response
        .writeHead(200, { 'x-accel-redirect': '/users/secret', 'x-sendfile': '/etc/passwd', 'x-own': '1' })
        .end('ok'),
    );
    running.push(backend);
    const other = await serve('secret');
    const nginx = await start(snapshotOf({ target: backend.url }, { service: 'users', target: other.url }));
    const answer = await fetch(`http://127.0.0.1:${nginx.port}/orders/x`, {
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=callers', 'x-amz-security-token': 'callers' },
    });
    expect(await answer.text()).toBe('ok');
    expect(answer.headers.get('x-own')).toBe('1');
    for (const name of ['x-accel-redirect', 'x-sendfile']) expect(answer.headers.has(name)).toBe(false);
    for (const name of ['authorization', 'x-amz-security-token'])
      expect(backend.requests[0]?.headers).not.toHaveProperty(name);
    expect(other.requests).toEqual([]);
  });

  test('names are told apart by case, whatever their length, and words of nginx are names like any other', async () => {
    const names = ['orders', 'Orders', 'default', 'include', 'volatile', 'hostnames', 'a.b', 'A', 'x'.repeat(128)];
    const backends = await Promise.all(names.map((name) => serve(name)));
    const nginx = await start(
      snapshotOf(...names.map((service, index) => ({ service, target: (backends[index] as Backend).url }))),
    );
    for (const name of names) expect(await ask(nginx, `/${name}/x`)).toEqual({ status: 200, text: name });
    for (const name of ['ORDERS', 'Default', 'axb', 'a', 'X'.repeat(128), '__proto__', 'constructor'])
      expect(await ask(nginx, `/${name}/x`)).toMatchObject({ status: 404 });
  });

  describe('cookies', () => {
    const given = ['a=1', '__Host-b=2; Path=/; Secure', 'c=3; Path=/'];
    const names = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split('=')[0]);

    async function startLogged(options: NginxOptions = {}) {
      const backend = await startBackend((_request, response) => response.setHeader('set-cookie', given).end('ok'));
      const folder = await mkdtemp(join(tmpdir(), 'discovery-nginx-cookies-'));
      running.push(backend, { stop: () => rm(folder, { recursive: true }) });
      const { http, server } = exportNginx(snapshotOf({ target: backend.url }), { findTrust, ...options });
      const log = join(folder, 'dropped.log');
      const logged = {
        http: `${http}log_format dropped '$request_uri $discovery_dropped_cookies';`,
        server: `${server}access_log ${log} dropped if=$discovery_dropped_cookies;`,
      };
      const nginx = await startNginx(logged, nginxPath ?? 'nginx');
      running.push(nginx);
      const askCookies = async (path: string) =>
        (await fetch(`http://127.0.0.1:${nginx.port}${path}`)).headers.getSetCookie();
      return { askCookies, readLog: (count: number) => readLines(log, count) };
    }

    /** nginx writes a line when it has sent the answer, which may have come by then. */
    async function readLines(file: string, count: number): Promise<readonly string[]> {
      for (;;) {
        const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
        if (lines.length >= count) return lines;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }

    test.each([
      ['listed', {}],
      ['derived', { findTrust: undefined }],
    ])(
      'a __Host- cookie has a path with which no browser keeps it, and the log names it, from a %s host',
      async (_tier, options) => {
        const { askCookies, readLog } = await startLogged(options);
        expect(await askCookies('/orders/')).toEqual(['a=1', '__Host-b=2; Path=/orders; Secure', 'c=3; Path=/orders']);
        expect(await readLog(1)).toEqual(['/orders/ __Host-b']);
      },
    );

    test.each([
      ['listed', {}],
      ['derived', { findTrust: undefined }],
    ])(
      'of an answer to the bare service no cookie goes on, because a browser takes "/" for its path, from a %s host',
      async (_tier, options) => {
        const { askCookies, readLog } = await startLogged(options);
        expect(await askCookies('/orders')).toEqual([]);
        expect(await askCookies('/orders?x=1')).toEqual([]);
        expect(names(await askCookies('/orders/?x=1'))).toEqual(['a', '__Host-b', 'c']);
        expect(await readLog(3)).toEqual(['/orders a', '/orders?x=1 a', '/orders/?x=1 __Host-b']);
      },
    );

    test('all of them stay as they are where nothing is rewritten', async () => {
      const { askCookies } = await startLogged({ rewriteAnswers: false });
      expect(await askCookies('/orders')).toEqual(given);
      expect(await askCookies('/orders/')).toEqual(given);
    });
  });

  test('reloads after changes lose no request under load', async () => {
    const backends = [await serve('0'), await serve('1')] as const;
    const snapshotAt = (which: 0 | 1) => snapshotOf({ target: backends[which].url });
    const nginx = await start(snapshotAt(0));
    const statuses = new Map<number | string, number>();
    const stopping = new AbortController();
    let answered: (text: string) => void = () => {};
    const load = Array.from({ length: 8 }, async () => {
      while (!stopping.signal.aborted) {
        const { status, text } = await ask(nginx, '/orders/').catch((error: Error) => ({
          status: error.message,
          text: '',
        }));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        answered(text);
      }
    });
    for (const which of [1, 0, 1, 0, 1] as const) {
      await nginx.reload(exportNginx(snapshotAt(which), { findTrust }));
      await new Promise<void>((resolve) => {
        answered = (text) => text === `${which}` && resolve();
      });
    }
    stopping.abort();
    await Promise.all(load);
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    expect([...statuses]).toEqual([[200, total]]);
    expect(total).toBeGreaterThan(50);
    expect(backends[0].requests.length + backends[1].requests.length).toBe(total);
  });
});
