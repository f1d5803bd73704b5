import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startRouter } from './start-router.ts';

const running: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

const limits = {
  headersTimeoutMs: 100,
  requestTimeoutMs: 200,
  checkIntervalMs: 20,
  keepAliveTimeoutMs: 100,
  lingerMs: 50,
};

/** Callers that never close: they keep their half of the connection open, some of them go on sending. */
const callers: Readonly<Record<string, (socket: Socket) => void>> = {
  'sends nothing': () => {},
  'sends half a head': (socket) => socket.write('GET /orders/ HTTP/1.1\r\nHost: any\r\nX-Half'),
  'sends a header at a time': (socket) => {
    socket.write('GET /orders/ HTTP/1.1\r\nHost: any\r\n');
    drip(socket, 'X-A: b\r\n');
  },
  'sends half a body': (socket) =>
    socket.write('POST /orders/ HTTP/1.1\r\nHost: any\r\nContent-Length: 100\r\n\r\nhalf'),
  'sends a body byte by byte': (socket) => {
    socket.write('POST /orders/ HTTP/1.1\r\nHost: any\r\nContent-Length: 900\r\n\r\n');
    drip(socket, 'x');
  },
  'speaks no HTTP': (socket) => socket.write('SSH-2.0-OpenSSH\r\n\r\n'),
  'speaks no HTTP and goes on': (socket) => {
    socket.write('SSH-2.0-OpenSSH\r\n\r\n');
    drip(socket, 'more\r\n');
  },
  'sends no host': (socket) => socket.write('GET /orders/ HTTP/1.1\r\n\r\n'),
  'sends two lengths': (socket) =>
    socket.write('POST /orders/ HTTP/1.1\r\nHost: any\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'),
  'sends headers that are too large': (socket) =>
    socket.write(`GET /orders/ HTTP/1.1\r\nHost: any\r\nX-A: ${'a'.repeat(100_000)}`),
  'wants a tunnel': (socket) => socket.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'),
  'wants a tunnel and goes on': (socket) => {
    socket.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
    drip(socket, 'x');
  },
  'says that its body is too large': (socket) =>
    socket.write('POST /orders/ HTTP/1.1\r\nHost: any\r\nContent-Length: 99999999999\r\n\r\nx'),
  'has its answer': (socket) => socket.write('GET /orders/ HTTP/1.1\r\nHost: any\r\n\r\n'),
};

function drip(socket: Socket, bytes: string): void {
  const timer = setInterval(() => socket.write(bytes), 5);
  socket.on('close', () => clearInterval(timer));
}

/** Resolves when the server has closed each of its connections with these callers. */
async function waitUntilClosed(server: Server, kinds: readonly string[]): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const closings: Promise<void>[] = [];
  server.on('connection', (socket) => closings.push(new Promise((resolve) => void socket.on('close', resolve))));
  for (const kind of kinds) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    running.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.resume();
    await new Promise<void>((resolve) => void socket.on('connect', resolve));
    callers[kind]?.(socket);
  }
  while (closings.length < kinds.length) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(closings);
}

test('callers that never close are cut off by the limits of node:http, as by a plain server', async () => {
  const plain = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
    (_request, response) => response.end('ok'),
  );
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const backend = createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const router = await startRouter(limits);
  router.source.register({
    stage: 'test',
    service: 'orders',
    target: `http://127.0.0.1:${(backend.address() as AddressInfo).port}`,
  });
  for (const server of [plain, backend])
    running.push(() => new Promise((resolve) => server.close(resolve) && server.closeAllConnections()));
  running.push(() => router.stop());
  const kinds = Object.keys(callers).flatMap((kind) => [kind, kind, kind]);
  // node:http leaves it to the application to end a body that it doesn't read, so a plain server may keep that caller.
  await waitUntilClosed(
    plain,
    kinds.filter((kind) => !/body|tunnel/.test(kind)),
  );
  await waitUntilClosed(router.server, kinds);
  await expect(new Promise((resolve) => router.server.getConnections((_, count) => resolve(count)))).resolves.toBe(0);
});

test.each([
  ['sends half a head', 408, 'RequestTimeout'],
  ['speaks no HTTP', 400, 'InvalidRequest'],
  ['sends headers that are too large', 431, 'HeadersTooLarge'],
  ['wants a tunnel', 405, 'MethodNotAllowed'],
  ['says that its body is too large', 413, 'BodyTooLarge'],
])('a caller that %s reads why before it is closed', async (kind, status, code) => {
  const router = await startRouter(limits);
  running.push(() => router.stop());
  router.source.register({ stage: 'test', service: 'orders', target: 'http://127.0.0.1:9' });
  const socket = connect({ port: router.port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  const closed = new Promise((resolve) => void socket.on('close', resolve));
  socket.on('connect', () => callers[kind]?.(socket));
  await closed;
  const text = Buffer.concat(chunks).toString();
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(text).toContain(`"code":"${code}"`);
});
