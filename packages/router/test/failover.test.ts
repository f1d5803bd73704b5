import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createResolver } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { startSilentHost } from '@amplify-discovery/test-rig/silent-host';
import { createRouterServer } from '../src/index.ts';
import { startBackend } from './start-backend.ts';

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

async function keep<T extends { stop(): Promise<unknown> }>(started: Promise<T>): Promise<T> {
  const server = await started;
  running.push(server);
  return server;
}

const serve = (name: string, status = 200) =>
  keep(startBackend((_request, response) => response.writeHead(status).end(name)));

/** A router before these targets of `orders`, the first with the lowest priority. Returns what asks it. */
async function start(targets: readonly string[]) {
  const source = memorySource();
  for (const [priority, target] of targets.entries())
    source.register({ stage: 'dev', service: 'orders', id: `p${priority}`, target, priority });
  const resolver = createResolver({ source, stage: 'dev', trustedHosts: ['127.0.0.1:*'], recheckSeconds: 60 });
  const server = createRouterServer({ stage: 'dev', discovery: () => resolver, connectTimeoutMs: 300 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders/x`;
  return async (method = 'GET') => {
    const answer = await fetch(url, { method });
    return `${answer.status} ${await answer.text()}`;
  };
}

test('a silent host counts as gone once the time to connect is over, and is then left out', async () => {
  const [silent, second] = [await keep(startSilentHost()), await serve('second')];
  const ask = await start([silent.url, second.url]);
  expect(await ask()).toBe('200 second');
  const startedAt = performance.now();
  for (let call = 0; call < 10; call++) expect(await ask('POST')).toBe('200 second');
  // Each attempt at the silent one would take 300 ms.
  expect(performance.now() - startedAt).toBeLessThan(1500);
});

test('a request that may not be repeated fails, and shows the next one where to go', async () => {
  const second = await serve('second');
  const ask = await start(['http://127.0.0.1:1', second.url]);
  expect(await ask('POST')).toMatch(/^502 .*EndpointUnreachable/);
  expect(await ask('POST')).toBe('200 second');
});

test.each([500, 502, 503, 504])('a %i is an answer: the next request goes there again', async (status) => {
  const [first, second] = [await serve('first', status), await serve('second')];
  const ask = await start([first.url, second.url]);
  for (let call = 0; call < 3; call++) expect(await ask()).toBe(`${status} first`);
  expect(second.requests).toEqual([]);
});

test('an answer that looks like a refusal, and whose message can’t become text, is passed on', async () => {
  const body = '{"message":{"toString":1}}';
  const backend = await keep(
    startBackend((_request, response) => response.writeHead(404, { 'content-length': body.length }).end(body)),
  );
  const ask = await start([backend.url]);
  expect(await ask()).toBe(`404 ${body}`);
});

test('a path that a gateway does not know sends nobody elsewhere', async () => {
  const body = '{"message":"Not Found"}';
  const [first, second] = [
    await keep(
      startBackend(({ url }, response) =>
        url === '/x'
          ? response.writeHead(404, { 'content-length': body.length, 'apigw-requestid': 'id' }).end(body)
          : response.end('first'),
      ),
    ),
    await serve('second'),
  ];
  const ask = await start([first.url, second.url]);
  for (let call = 0; call < 3; call++) expect(await ask()).toBe(`404 ${body}`);
  expect(second.requests).toEqual([]);
});

test('when nothing answers anywhere, the first one is tried again', async () => {
  const ask = await start(['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  for (let call = 0; call < 3; call++) expect(await ask()).toMatch(/^502 .*EndpointUnreachable/);
});
