import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeClock } from '@amplify-discovery/test-rig';
import type { OutgoingRequest, SendFailure, SendRequest, Upload } from '../src/index.ts';
import { createSender as createLambdaSender } from '../src/hosts/lambda/create-sender.ts';
import { createSender as createNodeSender } from '../src/hosts/node/create-sender.ts';
import { startBackend } from './start-backend.ts';
import { startRawBackend } from './start-raw-backend.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function keep<T extends { stop(): Promise<void> }>(started: Promise<T>): Promise<T> {
  const server = await started;
  running.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

const plain = { path: '/', method: 'GET', headers: [], body: undefined };

function ask(
  send: SendRequest,
  request: Partial<OutgoingRequest> & { readonly origin: string },
): Promise<Answer | SendFailure> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let head: Omit<Answer, 'body'>;
    send(
      { ...plain, ...request },
      {
        onHead(status, headers) {
          head = { status, headers };
        },
        onData: (chunk) => chunks.push(chunk) > 0,
        onEnd: () => resolve({ ...head, body: Buffer.concat(chunks).toString() }),
        onFailure: resolve,
      },
    );
  });
}

/** A body that streams. */
function upload(chunks: readonly string[], length?: number): Upload {
  return {
    length,
    buffer: () => Promise.resolve(undefined),
    flow(sink) {
      for (const chunk of chunks) sink.write(Buffer.from(chunk));
      sink.end();
    },
    resume() {},
    isUntouched: () => true,
    isAwaited: () => false,
    findFault: () => undefined,
    onEnd() {},
    close() {},
  };
}

describe.each([
  ['Node', createNodeSender],
  ['Lambda', createLambdaSender],
])('the sender of the %s host', (_host, createSender) => {
  test.each([
    ['GET', undefined, undefined],
    ['GET', '', undefined],
    ['GET', 'x', '1'],
    ['DELETE', undefined, undefined],
    ['DELETE', 'x', '1'],
    ['POST', undefined, '0'],
    ['PATCH', '', '0'],
    ['PUT', 'xyz', '3'],
  ])('%s with the body %j has the length %j, and never comes in chunks', async (method, text, length) => {
    const backend = await keep(startBackend());
    const answer = await ask(createSender(), {
      origin: backend.url,
      path: '/x?y=z',
      method,
      headers: ['x-own', 'a', 'cookie', 'b=1; c=2'],
      body: text === undefined ? undefined : Buffer.from(text),
    });
    expect(answer).toMatchObject({ status: 200, body: 'ok' });
    expect(backend.requests).toHaveLength(1);
    expect(backend.requests[0]).toMatchObject({ method, url: '/x?y=z', body: Buffer.from(text ?? '') });
    expect(backend.requests[0]?.headers).toEqual({
      host: `127.0.0.1:${backend.port}`,
      connection: 'keep-alive',
      'x-own': 'a',
      cookie: 'b=1; c=2',
      ...(length !== undefined && { 'content-length': length }),
    });
  });

  test.each([
    ['with its length', 6, { 'content-length': '6' }],
    ['in chunks where that is not known', undefined, { 'transfer-encoding': 'chunked' }],
  ])('a body that streams is sent %s', async (_name, length, framing) => {
    const backend = await keep(startBackend());
    await ask(createSender(), { origin: backend.url, method: 'POST', body: upload(['one', 'two'], length) });
    expect(backend.requests[0]).toMatchObject({ body: Buffer.from('onetwo'), headers: framing });
  });

  test('a body that breaks off is not taken for a whole one', async () => {
    const backend = await keep(startRawBackend(() => {}));
    const body: Upload = {
      ...upload([]),
      flow(sink) {
        sink.write(Buffer.from('part'));
        sink.fail(new Error('The caller left'));
      },
    };
    expect(await ask(createSender(), { origin: backend.url, method: 'POST', body })).toMatchObject({
      failure: 'unreachable',
    });
    for (const socket of backend.sockets) if (!socket.closed) await once(socket, 'close');
  });

  test('an answer is passed on as it arrives: raw headers in order, no redirect followed', async () => {
    const backend = await keep(
      startRawBackend((socket) =>
        socket.write(
          'HTTP/1.1 302 Found\r\nLocation: /x\r\nX-A: 1\r\nx-a: \xfc\r\nContent-Length: 0\r\n\r\n',
          'latin1',
        ),
      ),
    );
    expect(await ask(createSender(), { origin: backend.url })).toEqual({
      status: 302,
      headers: ['Location', '/x', 'X-A', '1', 'x-a', 'ü', 'Content-Length', '0'],
      body: '',
    });
  });

  test('a connection is used again', async () => {
    const backend = await keep(startBackend());
    const send = createSender();
    for (let count = 0; count < 3; count++) {
      await ask(send, { origin: backend.url });
      // A connection is free once the end of an answer was processed.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(backend.connections).toBe(1);
  });

  test('informational answers are left out', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const backend = await keep(
      startRawBackend((socket) => socket.write(`${hints}${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`)),
    );
    expect(await ask(createSender(), { origin: backend.url })).toMatchObject({ status: 200, body: 'ok' });
  });

  test.each([
    ['nothing but a closed connection', '', 'unreachable'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'invalid'],
    ['a change of protocol', 'HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'invalid'],
    ['the status 000', 'HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n', 'invalid'],
    ['the status 099', 'HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n', 'invalid'],
    ['a status of four digits', 'HTTP/1.1 1000 x\r\nContent-Length: 0\r\n\r\n', 'invalid'],
    ['headers without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}`, 'invalid'],
    ['a line break within a header', 'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n', 'invalid'],
    ['half an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart', 'unreachable'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', 'any'],
  ])('%s is a failure', async (_name, bytes, failure) => {
    const backend = await keep(startRawBackend((socket) => socket.end(bytes, 'latin1')));
    expect(await ask(createSender(), { origin: backend.url })).toMatchObject({
      failure: failure === 'any' ? expect.any(String) : failure,
    });
  });

  test('a port without a listener is unreachable', async () => {
    const backend = await startBackend();
    await backend.stop();
    expect(await ask(createSender(), { origin: backend.url })).toMatchObject({ failure: 'unreachable' });
  });

  test('a connection that takes too long is late', async () => {
    // TEST-NET-1 is routed nowhere; a machine without a network says so at once.
    const outcome = await ask(createSender({ connectTimeoutMs: 30 }), { origin: 'http://192.0.2.1:81' });
    expect(outcome).toMatchObject({ failure: expect.stringMatching(/^(late|unreachable)$/) });
  });

  test.each([[['x y', '1']], [['x-a', '1\r\nx-b: 2']]])('the header %j cannot be sent', async (headers) => {
    const backend = await keep(startBackend());
    expect(await ask(createSender(), { origin: backend.url, headers })).toMatchObject({ failure: 'unsendable' });
    expect(backend.connections).toBe(0);
  });

  test('data waits for a slow receiver', async () => {
    const backend = await keep(startBackend((_request, response) => response.end(Buffer.alloc(1_000_000, 'x'))));
    const events: string[] = [];
    const total = await new Promise<number>((resolve, reject) => {
      let length = 0;
      let isPaused = false;
      const sent = createSender()(
        { ...plain, origin: backend.url },
        {
          onHead: () => events.push('head'),
          onData(chunk) {
            if (isPaused) reject(new Error('data came while paused'));
            length += chunk.length;
            isPaused = true;
            setImmediate(() => {
              isPaused = false;
              sent.resume();
            });
            return false;
          },
          onEnd: () => resolve(length),
          onFailure: ({ error }) => reject(error),
        },
      );
    });
    expect(events).toEqual(['head']);
    expect(total).toBe(1_000_000);
  });

  test.each(['before it is connected', 'before the head', 'in the middle'])(
    'an exchange that is ended %s ends at the endpoint too, and nothing more is heard of it',
    async (when) => {
      const backend = await keep(
        startRawBackend((socket) => {
          if (when === 'in the middle') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
          else sent.abort();
        }),
      );
      const heard: string[] = [];
      const send = createSender();
      const sent = send(
        { ...plain, origin: backend.url },
        {
          onHead: () => heard.push('head'),
          onData() {
            heard.push('data');
            sent.abort();
            return true;
          },
          onEnd: () => heard.push('end'),
          onFailure: () => heard.push('failure'),
        },
      );
      if (when === 'before it is connected') sent.abort();
      else {
        while (!backend.sockets[0]) await new Promise((resolve) => setImmediate(resolve));
        if (!backend.sockets[0].closed) await once(backend.sockets[0], 'close');
      }
      expect(heard).toEqual(when === 'in the middle' ? ['head', 'data'] : []);
      // The sender itself goes on.
      const other = await keep(startBackend());
      expect(await ask(send, { origin: other.url })).toMatchObject({ status: 200 });
    },
  );
});

test('a server uses the proxy of the environment, except for excluded hosts and this machine', async () => {
  const asked: string[] = [];
  const proxy = await keep(
    startRawBackend((socket, head) => {
      asked.push(head.split('\r\n', 1)[0] ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
    }),
  );
  const backend = await keep(startBackend());
  const send = createNodeSender({
    env: { https_proxy: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: 'direct.invalid' },
    connectTimeoutMs: 1000,
  });
  expect(await ask(send, { origin: 'https://orders.example.com' })).toHaveProperty('failure');
  expect(await ask(send, { origin: 'https://direct.invalid' })).toMatchObject({ failure: 'unreachable' });
  expect(await ask(send, { origin: backend.url })).toMatchObject({ status: 200 });
  expect(asked).toEqual(['CONNECT orders.example.com:443 HTTP/1.1']);
});

test('in a function that was frozen, a connection that was idle for long by the clock is not used again', async () => {
  const backend = await keep(startBackend());
  const clock = fakeClock();
  const send = createLambdaSender({ now: clock.now, idleMs: 4000 });
  await ask(send, { origin: backend.url });
  await ask(send, { origin: backend.url });
  expect(backend.connections).toBe(1);
  await clock.advance(10_000);
  await ask(send, { origin: backend.url });
  expect(backend.connections).toBe(2);
  expect(backend.requests).toHaveLength(3);
});
