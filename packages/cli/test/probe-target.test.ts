import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';
import { probeTarget } from '../src/doctor/probe-target.ts';

const servers: Server[] = [];
const timeoutMs = 20_000;

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const serve = async (listener: RequestListener) => `http://127.0.0.1:${await listen(createHttpServer(listener))}`;

describe('connecting', () => {
  test('a server that answers is fine, whatever it answers', async () => {
    const target = await serve((_, response) => response.writeHead(500).end());
    expect(await probeTarget(target, { timeoutMs })).toBeUndefined();
  });

  test('a port where nobody listens refuses connections', async () => {
    const port = await listen(createHttpServer());
    servers.pop()?.close();
    expect(await probeTarget(`http://127.0.0.1:${port}`, { timeoutMs })).toMatchObject({
      check: 'connection',
      problem: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('an untrusted certificate is reported, and a trusted one passes', async () => {
    const port = await listen(createHttpsServer(loopbackCertificate, (_, response) => response.end()));
    const target = `https://localhost:${port}`;
    expect(await probeTarget(target, { timeoutMs })).toMatchObject({
      check: 'tls',
      problem: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
    expect(await probeTarget(target, { timeoutMs, ca: loopbackCertificate.cert })).toBeUndefined();
  });

  test('a certificate for another name is reported', async () => {
    const port = await listen(createHttpsServer(loopbackCertificate, (_, response) => response.end()));
    const fault = await probeTarget(`https://127.0.0.1:${port}`, { timeoutMs, ca: loopbackCertificate.cert });
    expect(fault).toMatchObject({ check: 'tls', problem: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') });
  });

  test('a server without TLS is reported', async () => {
    const target = await serve((_, response) => response.end());
    expect(await probeTarget(target.replace('http:', 'https:'), { timeoutMs })).toMatchObject({
      check: expect.stringMatching(/tls|connection/),
    });
  });

  test('a server that stays silent is reported after the timeout', async () => {
    const silent = createHttpServer();
    const port = await listen(silent);
    const sockets: Socket[] = [];
    silent.removeAllListeners('connection').on('connection', (socket) => sockets.push(socket));
    expect(await probeTarget(`https://127.0.0.1:${port}`, { timeoutMs: 50 })).toMatchObject({
      check: 'connection',
      problem: expect.stringContaining('did not answer in 50 ms'),
    });
    for (const socket of sockets) socket.destroy();
  });
});

describe('names', () => {
  const reject = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

  test('a name that does not exist is reported', async () => {
    const fault = await probeTarget('https://api.example.com', { timeoutMs, lookup: reject('ENOTFOUND') });
    expect(fault).toEqual({ check: 'dns', problem: 'api.example.com does not resolve (ENOTFOUND).' });
  });

  test('failing name resolution says nothing about the name', async () => {
    const fault = await probeTarget('https://api.example.com', { timeoutMs, lookup: reject('EAI_AGAIN') });
    expect(fault).toMatchObject({ check: 'undecided' });
  });
});

describe('CORS', () => {
  const origin = 'https://app.example.com';

  test.each(['*', origin])('a preflight that allows %s is well', async (allowed) => {
    const asked: unknown[] = [];
    const target = await serve((request, response) => {
      asked.push([
        request.method,
        request.url,
        request.headers.origin,
        request.headers['access-control-request-method'],
      ]);
      response.writeHead(204, { 'access-control-allow-origin': allowed }).end();
    });
    expect(await probeTarget(target, { timeoutMs, origin, path: '/users' })).toBeUndefined();
    expect(asked).toEqual([['OPTIONS', '/users', origin, 'GET']]);
  });

  test('one that allows nothing, or another origin, is reported', async () => {
    const silent = await serve((_, response) => response.writeHead(403).end());
    expect(await probeTarget(silent, { timeoutMs, origin })).toEqual({
      check: 'cors',
      problem: `A preflight of / for ${origin} got HTTP 403 with no access-control-allow-origin.`,
    });
    const other = await serve((_, response) =>
      response.writeHead(204, { 'access-control-allow-origin': 'https://other.example.com' }).end(),
    );
    expect(await probeTarget(other, { timeoutMs, origin })).toMatchObject({
      check: 'cors',
      problem: expect.stringContaining('other.example.com'),
    });
  });

  test('a redirect is not followed', async () => {
    let isContacted = false;
    const elsewhere = await serve((_, response) => {
      isContacted = true;
      response.writeHead(204, { 'access-control-allow-origin': '*' }).end();
    });
    const target = await serve((_, response) => response.writeHead(307, { location: elsewhere }).end());
    expect(await probeTarget(target, { timeoutMs, origin })).toMatchObject({ check: 'cors' });
    expect(isContacted).toBe(false);
  });
});
