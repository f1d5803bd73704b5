import { createServer, request as requestHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startBackend } from './start-backend.ts';
import { startRouter, type TestRouter } from './start-router.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

const credentials = () => Promise.resolve({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });

/** A request whose body is sent by hand. */
function open(router: TestRouter, method: string, headers: Record<string, string>) {
  const sent = requestHttp({ host: '127.0.0.1', port: router.port, path: '/orders/', method, headers, agent: false });
  const answered = new Promise<{ status: number; retryAfter: string | undefined; text: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
  });
  return { sent, answered };
}

test('a large body is streamed: its beginning reaches the endpoint while the caller still sends', async () => {
  let arrived: () => void = () => {};
  const beginning = new Promise<void>((resolve) => (arrived = resolve));
  const server = createServer((request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      arrived();
    });
    request.on('end', () => response.end(`${length} ${request.headers['content-length']}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({ stop: () => new Promise((resolve) => server.close(() => resolve()) && server.closeAllConnections()) });
  const router = await startRouter();
  running.push(router);
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  router.source.register({ stage: 'test', service: 'orders', target });
  const { sent, answered } = open(router, 'POST', { 'content-length': '200000' });
  sent.write(Buffer.alloc(100_000));
  await beginning;
  sent.end(Buffer.alloc(100_000));
  expect(await answered).toMatchObject({ status: 200, text: '200000 200000' });
});

test('signed bodies are bounded in total: beyond that a 503 says when to try again, and their room is freed', async () => {
  const backend = await startBackend();
  const router = await startRouter({
    auth: { orders: { mode: 'iam', region: 'eu-west-1' } },
    credentials,
    maximumBufferedBytes: 150_000,
  });
  running.push(backend, router);
  router.source.register({ stage: 'test', service: 'orders', target: backend.url });
  const headers = { 'content-length': '100000' };
  const first = open(router, 'POST', headers);
  first.sent.write(Buffer.alloc(50_000));
  const reserved = new Promise<void>((resolve) => void router.server.once('request', () => resolve()));
  await reserved;
  const second = open(router, 'POST', headers);
  second.sent.end(Buffer.alloc(100_000));
  const refused = await second.answered;
  expect(refused).toMatchObject({ status: 503, retryAfter: '5' });
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'RouterBusy', service: 'orders' });
  first.sent.end(Buffer.alloc(50_000));
  expect(await first.answered).toMatchObject({ status: 200 });
  const third = open(router, 'POST', headers);
  third.sent.end(Buffer.alloc(100_000));
  expect(await third.answered).toMatchObject({ status: 200 });
});

test('a body that turns out to be too large while it streams is refused, and does not look complete to the endpoint', async () => {
  const backend = await startBackend();
  const router = await startRouter({ maximumBodyBytes: 200_000, lingerMs: 50 });
  running.push(backend, router);
  router.source.register({ stage: 'test', service: 'orders', target: backend.url });
  const { sent, answered } = open(router, 'POST', {});
  sent.on('error', () => {});
  for (let count = 0; count < 5; count++) sent.write(Buffer.alloc(60_000));
  expect(await answered).toMatchObject({ status: 413 });
  expect(backend.requests).toEqual([]);
});

test('a large PUT whose endpoint has moved goes to the new one, because nothing of it was sent yet', async () => {
  const gone = await startBackend();
  const moved = await startBackend();
  const router = await startRouter();
  running.push(moved, router);
  router.source.register({ stage: 'test', service: 'orders', target: gone.url });
  await router.resolver.refresh();
  await gone.stop();
  router.source.register({ stage: 'test', service: 'orders', target: moved.url });
  const { sent, answered } = open(router, 'PUT', { 'content-length': '200000' });
  sent.end(Buffer.alloc(200_000, 'x'));
  expect(await answered).toMatchObject({ status: 200 });
  expect(moved.requests[0]?.body).toHaveLength(200_000);
});
