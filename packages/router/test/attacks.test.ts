import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import { startBackend, type Backend } from './start-backend.ts';
import { startRouter, type TestRouter } from './start-router.ts';

/**
 * The attack list, over raw sockets, since any HTTP library would tidy up what is sent. `foreign` is a host that the router
 * has no business with; whatever is tried, nothing connects to it, and nothing leaves `/base` of the service.
 */
let foreign: Backend;
let service: Backend;
let router: TestRouter;

beforeAll(async () => {
  foreign = await startBackend();
});
afterAll(() => foreign.stop());

beforeEach(async () => {
  service = await startBackend();
  router = await startRouter({ trustedHosts: [`127.0.0.1:${service.port}`], maximumBodyBytes: 1000 });
  router.source.register({ stage: 'test', service: 'orders', target: `${service.url}/base` });
});
afterEach(async () => {
  await Promise.all([service.stop(), router.stop()]);
  assert.equal(foreign.connections, 0);
  assert.deepEqual(
    service.requests.filter(({ url }) => !/^\/base\/(?!.*\.\.)/.test(url)),
    [],
  );
});

/** `{f}` is the foreign host and port, `{r}` the router's. */
function send(text: string): Promise<string> {
  const bytes = text.replaceAll('{f}', `127.0.0.1:${foreign.port}`).replaceAll('{r}', `127.0.0.1:${router.port}`);
  return router.talk(bytes);
}

const get = (target: string, ...headers: string[]) =>
  [
    `GET ${target} HTTP/1.1`,
    ...(headers.some((line) => /^host:/i.test(line)) ? [] : ['Host: {r}']),
    ...headers,
    'Connection: close',
    '',
    '',
  ].join('\r\n');
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

test('a plain request is served, so what follows is refused for its own fault', async () => {
  expect(statusOf(await send(get('/orders/x')))).toBe(200);
  expect(service.requests.map(({ url }) => url)).toEqual(['/base/x']);
});

test.each([
  ['absolute-form', 'http://{f}/orders/'],
  ['absolute-form with the router as host', 'http://{r}/orders/'],
  ['https absolute-form', 'https://{f}/'],
  ['authority only', '//{f}/orders'],
  ['authority after a slash pair', '//{f}/'],
  ['userinfo', '/@{f}/'],
  ['userinfo without slash', '@{f}/'],
  ['asterisk', '*'],
  ['backslashes', '/\\{f}/'],
  ['encoded authority', '/%2f%2f{f}/'],
  ['scheme as service', '/http://{f}/'],
  ['host as service', '/{f}/x'],
  ['nothing', '/'],
  ['hash', '/orders#@{f}/'],
])('open proxy: %s is refused', async (_name, target) => {
  const status = statusOf(await send(get(target)));
  expect([400, 404, 405]).toContain(status);
  expect(service.requests).toEqual([]);
});

test('open proxy: CONNECT is refused and opens no tunnel', async () => {
  const answer = await send('CONNECT {f} HTTP/1.1\r\nHost: {f}\r\n\r\n');
  expect(statusOf(answer)).toBe(405);
  expect(answer).toContain('"code":"MethodNotAllowed"');
});

test.each([
  ['@ after the service', '/orders/@{f}/'],
  ['a host that continues the target', '/orders/.{f}'],
  ['a port', '/orders/:80@{f}'],
  ['a URL as query', '/orders/?url=http://{f}/'],
  ['a "%" that starts no encoding', '/orders/100%'],
])('open proxy: %s stays a path of the service', async (_name, target) => {
  expect(statusOf(await send(get(target)))).toBe(200);
  expect(service.requests).toHaveLength(1);
});

test.each([
  'Host: {f}',
  'X-Forwarded-Host: {f}',
  'X-Host: {f}',
  'X-Original-URL: http://{f}/',
  'X-Rewrite-URL: /admin',
  'Forwarded: host={f}',
  'X-Discovery-Target: http://{f}/',
  'X-Forwarded-Server: {f}',
  'Proxy: http://{f}/',
  'Destination: http://{f}/',
  'Alt-Used: {f}',
])('%s does not choose the target', async (line) => {
  expect(statusOf(await send(get('/orders/x', line)))).toBe(200);
  expect(service.requests[0]?.headers.host).toBe(`127.0.0.1:${service.port}`);
  expect(service.requests[0]?.url).toBe('/base/x');
});

test.each([
  '/orders/../admin',
  '/orders/..',
  '/orders/./x',
  '/orders/x/../../admin',
  '/orders/%2e%2e/admin',
  '/orders/%2E./admin',
  '/orders/.%2e/admin',
  '/orders/..%2fadmin',
  '/orders/..%5cadmin',
  '/orders/%2e%2e%2fadmin',
  '/orders/x%2f..%2f..%2fadmin',
  '/orders/x%5c..%5c..%5cadmin',
  '/orders/%252e%252e/admin',
  '/orders/%25252e%25252e%25252fadmin',
  '/orders/%25%32%65%25%32%65/admin',
  '/orders/..;/admin',
  '/orders/..;a=b/admin',
  '/orders/..%3b/admin',
  '/orders/%2e%2e;/admin',
  '/orders/%c0%ae%c0%ae/admin',
  '/orders/%e0%80%ae%e0%80%ae/admin',
  '/orders/..\\admin',
  '/orders/x\\..\\..\\admin',
  '/orders//admin',
  '/orders/%2fadmin',
  '/orders/%5cadmin',
  '/orders/x%00.json',
  '/orders/x%0d%0aX-Injected:1',
  '/orders%2f..%2fadmin/x',
  '/../orders/x',
  '/%2e%2e/x',
  '/.hidden/x',
])('path escape: %s is refused', async (target) => {
  expect(statusOf(await send(get(target)))).toBe(400);
  expect(service.requests).toEqual([]);
});

test('path escape: raw control characters and bytes beyond ASCII are refused', async () => {
  for (const target of [
    '/orders/\0',
    '/orders/a\tb',
    '/orders/\x7f',
    '/orders/\xe2\x80\xa5/x',
    '/orders/\xc0\xae\xc0\xae/admin',
  ]) {
    expect(statusOf(await send(get(target)))).toBe(400);
  }
  expect(service.requests).toEqual([]);
});

test.each([
  [
    'length and chunks',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /orders/smuggled HTTP/1.1\r\nHost: {r}\r\n\r\n',
  ],
  [
    'chunks and length',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGET /orders/smuggled HTTP/1.1\r\n\r\n0\r\n\r\n',
  ],
  [
    'two lengths',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\nGET /orders/smuggled HTTP/1.1\r\nHost: {r}\r\n\r\n',
  ],
  ['a list of lengths', 'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nContent-Length: 5, 0\r\n\r\nhello'],
  ['a signed length', 'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nContent-Length: +5\r\n\r\nhello'],
  [
    'an unknown coding',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /orders/smuggled HTTP/1.1\r\n\r\n',
  ],
  [
    'chunked that is not last',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /orders/smuggled HTTP/1.1\r\n\r\n',
  ],
  [
    'white space before the colon',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
  ],
  ['two hosts', 'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nHost: {f}\r\nConnection: close\r\n\r\n'],
  ['no host', 'GET /orders/x HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['a bare line feed', 'GET /orders/x HTTP/1.1\nHost: {r}\nX-A: 1\n\n'],
  [
    'a bare carriage return in a value',
    'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nX-A: 1\rX-B: 2\r\nConnection: close\r\n\r\n',
  ],
  ['a NUL in a value', 'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nX-A: 1\0\r\nConnection: close\r\n\r\n'],
  ['a space in a name', 'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nX A: 1\r\nConnection: close\r\n\r\n'],
  [
    'a length among the trailers',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 99\r\n\r\n',
  ],
  [
    'a chunk size beyond any',
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
  ],
])('smuggling: %s is refused and nothing reaches the service', async (_name, text) => {
  const answer = await send(text);
  expect(statusOf(answer)).toBe(400);
  expect(service.requests).toEqual([]);
});

test('smuggling: folded lines never become a header of their own', async () => {
  await send(
    'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nX-A: 1\r\n Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
  );
  for (const { headers, rawHeaders } of service.requests) {
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(rawHeaders.join('')).not.toMatch(/[\r\n]/);
  }
});

test('smuggling: a chunked body arrives with one length and no chunks', async () => {
  await send(
    'POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\nConnection: close\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  );
  expect(service.requests).toHaveLength(1);
  const [seen] = service.requests;
  expect(seen?.body.toString()).toBe('hello');
  expect(seen?.headers['content-length']).toBe('5');
  for (const name of ['transfer-encoding', 'trailer', 'x-t']) expect(seen?.headers).not.toHaveProperty(name);
});

test('header injection: encoded line breaks in query and values stay encoded', async () => {
  await send(get('/orders/x?a=%0d%0aX-Injected:%201', 'X-A: %0d%0aX-Injected: 1'));
  expect(service.requests).toHaveLength(1);
  expect(service.requests[0]?.url).toBe('/base/x?a=%0d%0aX-Injected:%201');
  expect(service.requests[0]?.headers).not.toHaveProperty('x-injected');
});

test("hop-by-hop abuse: Connection cannot remove the router's own headers", async () => {
  await send(
    'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nConnection: close, X-Forwarded-For, Forwarded, Via, Host, X-Forwarded-Proto\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n',
  );
  expect(service.requests[0]?.headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    via: expect.any(String),
    forwarded: expect.any(String),
    host: `127.0.0.1:${service.port}`,
  });
});

test('an upgrade is not passed on', async () => {
  const answer = await send(
    'GET /orders/x HTTP/1.1\r\nHost: {r}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'.replace(
      'Connection: Upgrade',
      'Connection: Upgrade, close',
    ),
  );
  expect(answer).not.toContain('101 ');
  for (const { headers } of service.requests) expect(headers).not.toHaveProperty('upgrade');
});

test('a body that is announced as too large is refused before it is read', async () => {
  const answer = await send('POST /orders/x HTTP/1.1\r\nHost: {r}\r\nContent-Length: 1001\r\n\r\n');
  expect(statusOf(answer)).toBe(413);
  expect(answer).toContain('"code":"BodyTooLarge"');
  expect(service.requests).toEqual([]);
});

test('a body that turns out to be too large is refused where it passes the limit', async () => {
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const answer = await send(`POST /orders/x HTTP/1.1\r\nHost: {r}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
  expect(statusOf(answer)).toBe(413);
  expect(service.requests).toEqual([]);
});

test('a body at the limit passes', async () => {
  await send(
    `POST /orders/x HTTP/1.1\r\nHost: {r}\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n${'x'.repeat(1000)}`,
  );
  expect(service.requests[0]?.body).toHaveLength(1000);
});

test.each([
  ['one huge header', `X-A: ${'a'.repeat(20_000)}`],
  ['a header beyond what the parser takes', `X-A: ${'a'.repeat(100_000)}`],
  ['many headers', Array.from({ length: 150 }, (_, index) => `X-${index}: 1`).join('\r\n')],
])('%s: refused', async (_name, lines) => {
  const answer = await send(get('/orders/x', lines));
  expect(statusOf(answer)).toBe(431);
  expect(answer).toContain('"code":"HeadersTooLarge"');
  expect(service.requests).toEqual([]);
});

test('a path that is too long is refused', async () => {
  expect(statusOf(await send(get(`/orders/${'a'.repeat(9000)}`)))).toBe(414);
});

test.each([
  ['a foreign host', 'http://127.0.0.1:{port}'],
  ['a foreign host over https', 'https://127.0.0.1:{port}'],
  ['userinfo', 'http://trusted@127.0.0.1:{port}'],
  ['a host that only begins like the trusted one', 'http://127.0.0.1.nip.example:{port}'],
  ['another name of this machine', 'http://localhost:{port}'],
  ['another notation of the address', 'http://2130706433:{port}'],
  ['IPv6', 'http://[::1]:{port}'],
  ['a query that swallows the path', 'http://127.0.0.1:{port}/?x='],
  ['a hash', 'http://127.0.0.1:{port}/#'],
  ['backslashes', 'http:\\\\127.0.0.1:{port}'],
  ['a tab in the host', 'http://127.0.0.1\t:{port}'],
  ['a metadata service', 'http://169.254.169.254/latest/meta-data'],
  ['a file', 'file:///etc/passwd'],
  ['a websocket', 'ws://127.0.0.1:{port}'],
  ['a list', ['http://127.0.0.1:{port}']],
])('poisoned record: %s is never called', async (_name, target) => {
  const value = typeof target === 'string' ? target.replace('{port}', `${foreign.port}`) : target;
  router.source.register({ stage: 'test', service: 'poisoned', target: value });
  router.source.register({ stage: 'test', service: 'wrong-port', target: `http://127.0.0.1:${foreign.port}` });
  const answer = await send(get('/poisoned/x'));
  expect([404, 502]).toContain(statusOf(answer));
  expect(answer).not.toContain('169.254');
  expect(statusOf(await send(get('/wrong-port/x')))).toBe(502);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', async (name) => {
  expect(statusOf(await send(get(`/${name}/x`)))).toBe(404);
});

test('a base path with encoded dots is never called', async () => {
  router.source.register({ stage: 'test', service: 'climber', target: `${service.url}/base/..%2f..%2f` });
  expect(statusOf(await send(get('/climber/x')))).toBe(502);
  expect(service.requests).toEqual([]);
});

test('an answer with line breaks in its headers is not passed on', async () => {
  const raw = createServer((socket) =>
    socket.resume().end('HTTP/1.1 200 OK\r\nX-A: 1\rX-Injected: 1\r\nContent-Length: 0\r\n\r\n'),
  );
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  const { port } = raw.address() as { port: number };
  const other = await startRouter();
  other.source.register({ stage: 'test', service: 'injecting', target: `http://127.0.0.1:${port}` });
  const answer = await other.talk(get('/injecting/x').replace('{r}', 'router'));
  await other.stop();
  await new Promise((resolve) => raw.close(resolve));
  expect(statusOf(answer)).toBe(502);
  expect(answer).not.toContain('X-Injected');
});
