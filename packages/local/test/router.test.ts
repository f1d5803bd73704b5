import { createServer, request as requestHttp, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';

let registry: LocalRegistry;
let service: Server;
const seen: string[] = [];

beforeAll(async () => {
  registry = await startLocalRegistry();
  service = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end('served');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await registry.stop();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

const register = (stage: string, name: string, target: string) =>
  registerEndpoint(sigv4Transport(registry), { stage, service: name, kind: 'http', target, owner: 'test' });
const target = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}/base`;

test('a service is reached by its name and stage the moment it is registered', async () => {
  const url = `${registry.routerUrl}/dev/users/list?page=1`;
  const before = await fetch(url);
  expect(before.status).toBe(404);
  await register('dev', 'users', target());
  const after = await fetch(url, { method: 'POST', body: 'x' });
  expect([after.status, await after.text()]).toEqual([200, 'served']);
  expect(seen).toEqual(['POST /base/list?page=1']);
  expect(await (await fetch(`${registry.routerUrl}/other/users/list`)).json()).toMatchObject({
    code: 'ServiceNotFound',
    stage: 'other',
  });
});

test('it forwards to this machine only, unless the options trust other hosts', async () => {
  await register('dev', 'elsewhere', 'https://elsewhere.example.com');
  const answer = await fetch(`${registry.routerUrl}/dev/elsewhere/`);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ code: 'UntrustedEndpoint' });
});

test.each([
  ['another host name', { host: 'rebound.example.com' }],
  ['a page from elsewhere', { origin: 'https://evil.example.com' }],
  ['a page from elsewhere without CORS', { 'sec-fetch-site': 'cross-site' }],
])('%s is refused', async (_name, headers) => {
  await register('dev', 'guarded', target());
  const count = seen.length;
  const { port } = registry;
  const status = await new Promise((resolve, reject) => {
    const sent = requestHttp({ host: '127.0.0.1', port, path: '/r/dev/guarded/', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
  expect(status).toBe(403);
  expect(seen).toHaveLength(count);
});

test('a page of this machine may ask', async () => {
  await register('dev', 'own', target());
  const answer = await fetch(`${registry.routerUrl}/dev/own/`, { headers: { origin: 'http://localhost:3000' } });
  expect(answer.status).toBe(200);
});

test('what is not below /r/ is no matter of the router', async () => {
  expect((await fetch(new URL('/r', registry.url))).status).toBe(404);
  expect((await fetch(new URL('/rest/x', registry.url))).status).toBe(404);
});
