import { request as requestHttp } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { memorySource } from '@amplify-discovery/test-rig';
import { createRouterHandler } from '../src/hosts/lambda/create-router-handler.ts';
import { startRawBackend, type RawBackend } from './start-raw-backend.ts';
import { startRouter, type TestRouter } from './start-router.ts';

jest.setTimeout(120_000);

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

/** What a backend may do with a request, step by step. After the last one it is silent and keeps the connection. */
type Step = { readonly write: string } | { readonly repeat: string } | 'reset' | 'end';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom(
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
      'HTTP/1.1 102 Processing\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
      'HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
      'HTTP/1.0 200 OK\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 304 Not Modified\r\n\r\n',
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 23\r\n\r\n{"message":"Forbidden"}',
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n{"message":',
      'HTTP/1.1 599 x\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX-Half',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n',
      'hello',
      '5\r\nhello\r\n',
      '0\r\n\r\n',
      'zz\r\n',
      'SSH-2.0-OpenSSH\r\n',
      '\0',
    )
    .map((write) => ({ write })),
  fc
    .constantFrom('X-A: b\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n', '1\r\nx\r\n', 'x', '\r\n')
    .map((repeat) => ({ repeat })),
  fc.constantFrom<Step>('reset', 'end'),
);
const script = fc.array(step, { maxLength: 4 });

const timeoutMs = 150;

/** Plays a script on the connection that asks for `/{index}`, and repeats for as long as it is open. */
async function startScripts(scripts: readonly (readonly Step[])[]): Promise<RawBackend> {
  const backend = await startRawBackend((socket, head) => {
    void play(socket, scripts[Number(/^GET \/(\d+)/.exec(head)?.[1])] ?? []);
  });
  running.push(backend);
  return backend;
}

async function play(socket: Socket, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    if (socket.destroyed) return;
    if (one === 'reset') socket.resetAndDestroy();
    else if (one === 'end') socket.end();
    else if ('write' in one) socket.write(one.write, 'latin1');
    else {
      const timer = setInterval(() => socket.write(one.repeat), 5);
      await new Promise<void>((resolve) => socket.on('close', resolve));
      clearInterval(timer);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How it ended for the caller: with a whole answer, or one that broke off. */
function ask(router: TestRouter, path: string): Promise<{ status: number; text: string } | 'broken off'> {
  return new Promise((resolve) => {
    const sent = requestHttp({ host: '127.0.0.1', port: router.port, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve('broken off'));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', () => resolve('broken off'));
    sent.end();
  });
}

/** What the router says of a backend that doesn't answer properly. */
const codes = /"code":"(EndpointUnreachable|AnswerInvalid|EndpointTimeout)"/;

test('on a server every exchange ends, whatever the backend does', async () => {
  const scripts = fc.sample(script, 400);
  const backend = await startScripts(scripts);
  const router = await startRouter({ timeoutMs, send: undefined });
  running.push(router);
  router.source.register({ stage: 'test', service: 'odd', target: backend.url });
  const outcomes = await Promise.all(scripts.map((_, index) => ask(router, `/odd/${index}`)));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome === 'broken off' || outcome.status === 200 || outcome.status === 204) continue;
    const isOwn = codes.test(outcome.text) && outcome.status >= 502;
    expect({ steps: scripts[index], outcome, isOwn: isOwn || [304, 403, 599].includes(outcome.status) }).toMatchObject({
      isOwn: true,
    });
  }
  expect(outcomes.filter((outcome) => outcome !== 'broken off' && codes.test(outcome.text)).length).toBeGreaterThan(50);
  // Nothing is left open towards the backend but what may serve again.
  expect(router.log).toHaveLength(scripts.length);
});

test('in Lambda every invocation ends, whatever the backend does', async () => {
  const scripts = fc.sample(script, 200);
  const backend = await startScripts(scripts);
  const source = memorySource();
  source.register({ stage: 'test', service: 'odd', target: backend.url });
  const { handler } = createRouterHandler({
    stage: 'test',
    timeoutMs,
    discovery: { source, trustedHosts: ['127.0.0.1:*'], cacheFolder: false, env: {} },
  });
  const results = await Promise.all(
    scripts.map((_, index) =>
      handler(
        {
          version: '2.0',
          rawPath: `/odd/${index}`,
          rawQueryString: '',
          headers: {},
          requestContext: {
            domainName: 'x.lambda-url.eu-west-1.on.aws',
            http: { method: 'GET', sourceIp: '192.0.2.1' },
          },
        },
        { getRemainingTimeInMillis: () => 10_000 },
      ),
    ),
  );
  for (const [index, { statusCode, body }] of results.entries()) {
    const isKnown = [200, 204, 304, 403, 599].includes(statusCode) || (statusCode >= 502 && codes.test(body));
    expect({ steps: scripts[index], statusCode, body, isKnown }).toMatchObject({ isKnown: true });
  }
});

test.each([
  ['a change of protocol', 'HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 502],
  ['a change of protocol that names none', 'HTTP/1.1 101 x\r\n\r\n', 502],
  ['the status 000', 'HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n', 502],
  ['the status 099', 'HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n', 502],
  ['hints and then nothing', 'HTTP/1.1 103 Early Hints\r\n\r\n', 504],
  ['half a head', 'HTTP/1.1 200 OK\r\nX-Half', 504],
])('%s is answered for', async (_name, bytes, status) => {
  const backend = await startRawBackend((socket) => socket.write(bytes));
  const router = await startRouter({ timeoutMs });
  running.push(backend, router);
  router.source.register({ stage: 'test', service: 'odd', target: backend.url });
  expect(await ask(router, '/odd/')).toMatchObject({ status });
});
