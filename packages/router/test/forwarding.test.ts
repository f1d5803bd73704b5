import { afterEach, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { request as requestHttp } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { createSender } from '../src/index.ts';
import { startBackend, type Backend, type Respond } from './start-backend.ts';
import { startRouter, type TestRouter, type TestRouterOptions } from './start-router.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(
  respond?: Respond,
  options?: TestRouterOptions,
): Promise<{ backend: Backend; router: TestRouter }> {
  const backend = await startBackend(respond);
  const router = await startRouter(options);
  running.push(backend, router);
  router.source.register({ stage: 'test', service: 'orders', target: `${backend.url}/base` });
  return { backend, router };
}

/** Without what fetch would add or undo. */
function exchange(
  router: TestRouter,
  path: string,
  options: { method?: string; headers?: Record<string, string | string[]>; body?: Buffer } = {},
) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; rawHeaders: string[]; body: Buffer }>(
    (resolve, reject) => {
      const sent = requestHttp(
        {
          host: '127.0.0.1',
          port: router.port,
          path,
          method: options.method ?? 'GET',
          headers: options.headers ?? {},
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              rawHeaders: response.rawHeaders,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(options.body);
    },
  );
}

const json = ({ body }: { body: Buffer }) => JSON.parse(body.toString()) as Record<string, unknown>;

test('method, path, query, headers and body reach the endpoint below its base path', async () => {
  const { backend, router } = await start();
  await exchange(router, '/orders/a%20b/c%2Fd//e?x=1&x=%22two%22&y', {
    method: 'PUT',
    headers: { 'x-own': 'yes', 'content-type': 'text/plain' },
    body: Buffer.from('hello'),
  });
  const [seen] = backend.requests;
  expect(seen).toMatchObject({ method: 'PUT', url: '/base/a%20b/c%2Fd//e?x=1&x=%22two%22&y' });
  expect(seen?.headers).toMatchObject({
    'x-own': 'yes',
    'content-type': 'text/plain',
    'content-length': '5',
    host: `127.0.0.1:${backend.port}`,
  });
  expect(seen?.body.toString()).toBe('hello');
});

test.each([
  ['/orders', '/base', '/'],
  ['/orders?q=1', '/base?q=1', '/?q=1'],
  ['/orders/', '/base/', '/'],
])('%s is the endpoint itself, with a base path %s and without one %s', async (path, based, bare) => {
  const { backend, router } = await start();
  router.source.register({ stage: 'test', service: 'bare', target: backend.url });
  await exchange(router, path);
  await exchange(router, path.replace('orders', 'bare'));
  expect(backend.requests.map(({ url }) => url)).toEqual([based, bare]);
});

test('binary and compressed bodies pass byte for byte in both directions, without being unpacked', async () => {
  const bytes = randomBytes(300_000);
  const packed = gzipSync(bytes);
  const { backend, router } = await start((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' });
    response.end(packed);
  });
  const answer = await exchange(router, '/orders/', {
    method: 'POST',
    headers: { 'content-encoding': 'gzip', 'accept-encoding': 'gzip' },
    body: packed,
  });
  expect(backend.requests[0]?.body.equals(packed)).toBe(true);
  expect(backend.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'gzip', 'content-encoding': 'gzip' });
  expect(answer.body.equals(packed)).toBe(true);
  expect(answer.headers['content-encoding']).toBe('gzip');
});

test('an answer is streamed: its first part arrives while the endpoint still writes', async () => {
  let finish = () => {};
  const { router } = await start((_request, response) => {
    response.write('first');
    finish = () => response.end('last');
  });
  const text = await new Promise<string>((resolve, reject) => {
    const sent = requestHttp(`${router.url}/orders/`, { agent: false }, (response) => {
      let all = '';
      response.on('data', (chunk: Buffer) => {
        all += chunk.toString();
        finish();
      });
      response.on('end', () => resolve(all));
    });
    sent.on('error', reject);
    sent.end();
  });
  expect(text).toBe('firstlast');
});

test('redirects that lead elsewhere and error answers are passed back unchanged', async () => {
  const { router } = await start((_request, response) => {
    response.writeHead(302, { location: 'https://elsewhere.example/' });
    response.end('moved');
  });
  const answer = await exchange(router, '/orders/');
  expect(answer).toMatchObject({
    status: 302,
    headers: { location: 'https://elsewhere.example/' },
  });
});

test('HEAD keeps the length of what GET would give', async () => {
  const { backend, router } = await start((_request, response) =>
    response.writeHead(200, { 'content-length': '1234' }).end(),
  );
  const answer = await exchange(router, '/orders/', { method: 'HEAD' });
  expect(answer.headers['content-length']).toBe('1234');
  expect(backend.requests[0]?.method).toBe('HEAD');
});

test('hop-by-hop headers are dropped in both directions, with those that Connection names', async () => {
  const { backend, router } = await start((_request, response) => {
    response.writeHead(200, {
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      'x-end': '2',
      'proxy-authenticate': 'Basic',
      upgrade: 'h2c',
    });
    response.end();
  });
  const answer = await exchange(router, '/orders/', {
    headers: {
      connection: 'keep-alive, X-Secret-Hop',
      'x-secret-hop': '1',
      te: 'trailers',
      'keep-alive': 'timeout=9',
      'proxy-authorization': 'Basic x',
      proxy: 'http://evil/',
      'x-end': '2',
    },
  });
  const seen = backend.requests[0]?.headers ?? {};
  expect(seen).toMatchObject({ 'x-end': '2' });
  for (const name of ['x-secret-hop', 'te', 'keep-alive', 'proxy-authorization', 'proxy'])
    expect(seen).not.toHaveProperty(name);
  expect(answer.headers).toMatchObject({ 'x-end': '2' });
  for (const name of ['x-hop', 'proxy-authenticate', 'upgrade']) expect(answer.headers).not.toHaveProperty(name);
});

test('the endpoint learns who called for which URL, and a caller cannot forge it', async () => {
  const { backend, router } = await start();
  await exchange(router, '/orders/x', {
    headers: {
      host: 'api.example.com',
      forwarded: 'for=6.6.6.6',
      'x-forwarded-for': '6.6.6.6',
      x_forwarded_for: '6.6.6.6',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      'x-real-ip': '6.6.6.6',
      'x-original-url': '/admin',
      'x-rewrite-url': '/admin',
    },
  });
  const seen = backend.requests[0]?.headers ?? {};
  expect(seen).toMatchObject({
    forwarded: 'for="127.0.0.1";host="api.example.com";proto=http',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-proto': 'http',
    'x-forwarded-prefix': '/orders',
    via: '1.1 amplify-discovery-router',
  });
  for (const name of ['x_forwarded_for', 'x-real-ip', 'x-original-url', 'x-rewrite-url'])
    expect(seen).not.toHaveProperty(name);
});

test('behind a proxy of your own, its forwarding headers are kept and extended', async () => {
  const { backend, router } = await start(undefined, { trustForwarded: true });
  await exchange(router, '/orders/x', {
    headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'www.example.com' },
  });
  expect(backend.requests[0]?.headers).toMatchObject({
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'www.example.com',
  });
});

test('several Cookie lines are one list of cookies, and other lines one list with commas', async () => {
  const { backend, router } = await start();
  const lines = ['Cookie: a=1', 'X-List: 1', 'Cookie: b=2', 'X-List: 2', '__proto__: x'];
  await router.talk(`GET /orders/ HTTP/1.1\r\nHost: any\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  const { rawHeaders = [] } = backend.requests[0] ?? {};
  expect(rawHeaders[rawHeaders.indexOf('cookie') + 1]).toBe('a=1; b=2');
  expect(rawHeaders[rawHeaders.indexOf('x-list') + 1]).toBe('1, 2');
});

test('the trace context reaches the endpoint and the log', async () => {
  const { backend, router } = await start();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await exchange(router, '/orders/x?token=1', { headers: { traceparent, tracestate: 'a=1' } });
  expect(backend.requests[0]?.headers).toMatchObject({ traceparent, tracestate: 'a=1' });
  expect(router.log).toEqual([
    expect.objectContaining({
      type: 'request',
      method: 'GET',
      path: '/orders/x',
      status: 200,
      stage: 'test',
      service: 'orders',
      endpoint: 'default',
      attempts: 1,
      traceparent,
    }),
  ]);
});

test('an unknown service is a 404 that suggests similar names, but only of services that this router serves', async () => {
  const { backend, router } = await start(undefined, { services: ['orders', 'ordering'] });
  router.source.register({ stage: 'test', service: 'orderz', target: backend.url });
  const answer = await exchange(router, '/ordesr/x');
  expect(answer.status).toBe(404);
  expect(json(answer)).toMatchObject({ code: 'ServiceNotFound', service: 'ordesr' });
  await exchange(router, '/orders/');
  expect(json(await exchange(router, '/ordesr/x'))).toMatchObject({ suggestions: ['orders'] });
  expect(json(await exchange(router, '/orderz/x'))).toMatchObject({ code: 'ServiceNotFound' });
});

test('names are not suggested when that is switched off', async () => {
  const { router } = await start(undefined, { suggestNames: false });
  await exchange(router, '/orders/');
  expect(json(await exchange(router, '/order/x'))).toEqual({
    code: 'ServiceNotFound',
    message: 'No service "order" in "test".',
    service: 'order',
    stage: 'test',
  });
});

test.each([
  ['TRACE', 405, 'MethodNotAllowed'],
  ['PROPFIND', 405, 'MethodNotAllowed'],
])('%s is answered by %d', async (method, status, code) => {
  const { backend, router } = await start();
  const answer = await exchange(router, '/orders/', { method });
  expect(answer.status).toBe(status);
  expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE');
  expect(json(answer).code).toBe(code);
  expect(backend.requests).toEqual([]);
});

test('an unreachable endpoint is a 502 that does not name its host', async () => {
  const { backend, router } = await start();
  await backend.stop();
  const answer = await exchange(router, '/orders/');
  expect(answer.status).toBe(502);
  expect(json(answer)).toEqual({
    code: 'EndpointUnreachable',
    message: '"orders" can\'t be reached.',
    service: 'orders',
    stage: 'test',
  });
  expect(router.log[0]).toMatchObject({ attempts: 2, error: expect.stringContaining('ECONNREFUSED') as unknown });
});

test('an endpoint that takes too long is a 504', async () => {
  const { router } = await start(() => {}, { timeoutMs: 50 });
  const answer = await exchange(router, '/orders/');
  expect(answer.status).toBe(504);
  expect(json(answer).code).toBe('EndpointTimeout');
});

test('an endpoint that does not speak HTTP is a 502', async () => {
  const server = createServer((socket) => socket.resume().end('SSH-2.0-OpenSSH\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { router } = await start();
  router.source.register({
    stage: 'test',
    service: 'odd',
    target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  const answer = await exchange(router, '/odd/');
  server.close();
  expect(answer.status).toBe(502);
  expect(json(answer).code).toBe('AnswerInvalid');
});

test('an endpoint that moved is found again: one retry, after the source was asked', async () => {
  const { backend, router } = await start();
  await exchange(router, '/orders/');
  const moved = await startBackend((_request, response) => response.end('moved'));
  running.push(moved);
  await backend.stop();
  router.source.register({ stage: 'test', service: 'orders', target: moved.url });
  expect((await exchange(router, '/orders/x', { method: 'PUT', body: Buffer.from('kept') })).body.toString()).toBe(
    'moved',
  );
  expect(moved.requests.map(({ body }) => body.toString())).toEqual(['kept']);
  expect(router.log.at(-1)?.attempts).toBe(2);
});

test('a POST is not sent twice, but the next request finds the moved endpoint', async () => {
  let resets = 0;
  const { backend, router } = await start((_request, response) => {
    resets++;
    response.destroy();
  });
  expect((await exchange(router, '/orders/', { method: 'POST' })).status).toBe(502);
  expect(resets).toBe(1);
  expect(router.log[0]?.attempts).toBe(1);
  const moved = await startBackend();
  running.push(moved);
  router.source.register({ stage: 'test', service: 'orders', target: moved.url });
  expect((await exchange(router, '/orders/', { method: 'POST' })).status).toBe(502);
  expect((await exchange(router, '/orders/', { method: 'POST' })).status).toBe(200);
  expect(backend.requests).toHaveLength(2);
});

test('a GET is repeated after a broken connection, also at the same endpoint', async () => {
  let count = 0;
  const { router } = await start((_request, response) => (count++ === 0 ? response.destroy() : response.end('second')));
  expect((await exchange(router, '/orders/')).body.toString()).toBe('second');
  expect(count).toBe(2);
});

test('an answer that breaks off in the middle breaks off for the caller too', async () => {
  const { router } = await start((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('part');
    setImmediate(() => response.destroy());
  });
  await expect(exchange(router, '/orders/')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
});

test('when the caller leaves, the request to the endpoint ends', async () => {
  const { promise, resolve } = makeResolvers();
  const { router } = await start((_request, response) => {
    response.on('close', () => resolve());
    sent.destroy();
  });
  const sent = requestHttp(`${router.url}/orders/`, { agent: false });
  sent.on('error', () => {});
  sent.end();
  await promise;
  expect(router.log.length).toBeLessThanOrEqual(1);
});

function makeResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

test('an https endpoint must present a certificate for its name', async () => {
  const folder = 'packages/router/test/fixtures';
  const cert = readFileSync(`${folder}/localhost-cert.pem`, 'utf8');
  const secure = createSecureServer({ cert, key: readFileSync(`${folder}/localhost-key.pem`) }, (_request, response) =>
    response.end('secure'),
  );
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  running.push({ stop: () => new Promise((resolve) => secure.close(() => resolve()) && secure.closeAllConnections()) });
  const target = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
  const trusting = await start(undefined, { send: createSender({ ca: cert }) });
  const strict = await start();
  for (const { router } of [trusting, strict]) router.source.register({ stage: 'test', service: 'secure', target });
  expect((await exchange(trusting.router, '/secure/')).body.toString()).toBe('secure');
  const refused = await exchange(strict.router, '/secure/');
  expect(refused.status).toBe(502);
  expect(strict.router.log[0]?.error).toMatch(/SELF_SIGNED/);
});

test('a function is not called over HTTP', async () => {
  const { router } = await start();
  router.source.register({
    stage: 'test',
    service: 'job',
    kind: 'function',
    target: 'arn:aws:lambda:eu-west-1:123456789012:function:job',
  });
  expect(json(await exchange(router, '/job/x'))).toMatchObject({ code: 'EndpointNotHttp' });
});

test('an endpoint that leads back to the router ends after one round', async () => {
  const { router } = await start();
  router.source.register({ stage: 'test', service: 'loop', target: `${router.url}/loop` });
  const answer = await exchange(router, '/loop/x');
  expect(answer.status).toBe(508);
  expect(router.log).toHaveLength(2);
});

test('without a snapshot the answer is a 503 that says when to try again', async () => {
  const { router } = await start();
  router.source.failWith(new Error('down'));
  const answer = await exchange(router, '/orders/');
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect(json(answer).code).toBe('RegistryUnavailable');
});

test('with a snapshot at hand, a registry that is down changes nothing', async () => {
  const { router } = await start();
  await exchange(router, '/orders/');
  router.source.failWith(new Error('down'));
  const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(router, '/orders/')));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
});
