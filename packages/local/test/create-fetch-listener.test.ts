import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { createFetchListener } from '../src/index.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  return new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
});

async function serve(handle: (request: Request) => Promise<Response>): Promise<number> {
  const listener = createFetchListener(handle);
  server = createServer(
    (request, response) => void Promise.resolve(listener(request, response)).catch(() => response.destroy()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends what fetch wouldn't. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const echo = async (request: Request) =>
  Response.json({
    url: request.url,
    method: request.method,
    body: await request.text(),
    via: request.headers.get('via'),
  });
const tellUrl = async ({ url }: Request) => new Response(url);

test('method, path, headers and body arrive as they were sent', async () => {
  const port = await serve(echo);
  const answer = await send(
    port,
    'PUT /a%2Fb?c=d HTTP/1.1\r\nHost: localhost\r\nVia: one\r\nVia: two\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc',
  );
  expect(answer).toContain('HTTP/1.1 200 ');
  expect(answer).toContain(
    JSON.stringify({ url: 'http://localhost/a%2Fb?c=d', method: 'PUT', body: 'abc', via: 'one, two' }),
  );
});

test.each([
  ['//evil.example.com/x', 'http://localhost//evil.example.com/x'],
  ['http://evil.example.com/x', 'http://localhost/http://evil.example.com/x'],
  ['*', 'http://localhost/*'],
])('the target %s is a path, and no other host', async (target, url) => {
  const port = await serve(tellUrl);
  const answer = await send(port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  expect(answer).toContain(`${url}\r\n`);
});

test.each(['', 'a/b', 'user@localhost', 'localhost?', 'localhost:x', '[::1'])(
  'a request for the host "%s" gets 400',
  async (host) => {
    const port = await serve(tellUrl);
    const answer = await send(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  },
);

test('several cookies are set, and the answer of HEAD has no body', async () => {
  const headers: [string, string][] = [
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ];
  const port = await serve(async ({ method }) => new Response(method === 'HEAD' ? null : 'text', { headers }));
  const answer = await fetch(`http://127.0.0.1:${port}`);
  expect([answer.headers.getSetCookie(), await answer.text()]).toEqual([['a=1', 'b=2'], 'text']);
  expect((await fetch(`http://127.0.0.1:${port}`, { method: 'HEAD' })).headers.getSetCookie()).toHaveLength(2);
});

test('a handler learns that its caller has gone, before its answer and in the middle of it', async () => {
  let signal: AbortSignal | undefined;
  const cancelled = new Promise<void>((resolve) => {
    void serve(async (request) => {
      ({ signal } = request);
      return new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)), cancel: () => resolve() }),
      );
    }).then(async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}`);
      await answer.body?.cancel();
    });
  });
  await cancelled;
  expect(signal?.aborted).toBe(true);
});
