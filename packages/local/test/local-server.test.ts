import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalServer, type LocalServer } from '../src/index.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer({
    allowedHosts: ['Registry.internal', '10.0.0.5', 'fd00::1'],
    handlers: {
      '': (_request, response) => void response.end('all else'),
      '/v1': (request, response) => void response.end(`v1 ${request.url}`),
      '/broken': () => Promise.reject(new Error('broken')),
    },
  });
});
afterAll(() => server.stop());

/** Sends what fetch wouldn't, such as another Host header. */
function ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const lines = Object.entries({ Host: '127.0.0.1', Connection: 'close', ...headers });
  const text = `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

test('a handler gets what is at and below its path, whole, and the empty path the rest', async () => {
  const read = async (path: string) => (await fetch(server.url + path)).text();
  expect(await read('/v1/health?a=b')).toBe('v1 /v1/health?a=b');
  expect(await read('/v1')).toBe('v1 /v1');
  expect(await read('/v10')).toBe('all else');
  await expect(read('/broken')).rejects.toThrow();
});

test.each(['localhost:1', '127.0.0.1', 'registry.internal', 'REGISTRY.internal:80', '10.0.0.5:8500', '[fd00::1]:8500'])(
  'is called by the host %s',
  async (host) => {
    expect(await ask('/v1', { Host: host })).toMatch(/^HTTP\/1.1 200 /);
  },
);

test.each([
  'evil.example.com',
  'registry.internal.evil.com',
  'evil.com@127.0.0.1',
  '127.0.0.1:x',
  '[fd00::1',
  '[registry.internal]',
  'fd00::2',
  '10.0.0.5.nip.io',
  '',
])('is not called by the host "%s"', async (host) => {
  expect(await ask('/v1', { Host: host })).toMatch(/^HTTP\/1.1 403 /);
});

test('is called by pages of the allowed hosts, and by no others', async () => {
  expect(await ask('/v1', { Origin: 'https://registry.internal:8443' })).toMatch(/^HTTP\/1.1 200 /);
  expect(await ask('/v1', { Origin: 'http://[::1]:3000' })).toMatch(/^HTTP\/1.1 200 /);
  for (const headers of [
    { Origin: 'https://evil.example.com' },
    { Origin: 'https://registry.internal@evil.com' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ])
    expect(await ask('/v1', headers as never)).toMatch(/^HTTP\/1.1 403 /);
});

test('a port that is taken is named', async () => {
  const { port } = server;
  await expect(startLocalServer({ port, handlers: {} })).rejects.toMatchObject({
    code: 'InvalidOptions',
    message: `Port ${port} on 127.0.0.1 is taken by another program. Choose another one, or 0 for any.`,
  });
});
