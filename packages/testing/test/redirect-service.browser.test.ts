import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { redirectService } from '../src/redirect-service.ts';
import { startTestRegistry } from '../src/start-test-registry.ts';

const seen: { method: string; url: string; token: string | undefined; body: string }[] = [];
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/') {
    response.setHeader('content-type', 'text/html').end('<title>app</title>');
    return;
  }
  const { method = '', url = '', headers } = request;
  seen.push({ method, url, token: headers.authorization, body: await text(request) });
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ url }));
}

let browser: Browser;
let local: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  local = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '', args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('what a page asks of the service is answered on this machine, with method, token and body; other hosts are left alone', async () => {
  const registry = await startTestRegistry({ trustedHosts: ['*.example.com'] });
  await registry.register('orders', 'https://orders.example.com/prod');
  await registry.register('orders', 'https://canary.example.com', { id: 'canary' });
  const page = await browser.newPage();
  const end = await redirectService(page, 'orders', `${local}/api/`, registry);
  await page.goto(local);
  const send = (url: string, init?: object) =>
    page.evaluate(
      ([address, options]) =>
        fetch(address, options).then(
          (response) => response.json() as Promise<unknown>,
          () => 'failed',
        ),
      [url, init] as const,
    );
  const init = {
    method: 'POST',
    headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
    body: '{"a":1}',
  };
  expect(await send('https://orders.example.com/prod/v1?page=2', init)).toEqual({ url: '/api/v1?page=2' });
  expect(seen.at(-1)).toEqual({ method: 'POST', url: '/api/v1?page=2', token: 'Bearer t', body: '{"a":1}' });
  expect(await send('https://canary.example.com/v1')).toEqual({ url: '/api/v1' });
  const asked = seen.length;
  expect(await send('https://orders.example.com/production')).toBe('failed');
  expect(await send('https://orders.example.com.invalid/prod/v1')).toBe('failed');
  await end();
  expect(await send('https://orders.example.com/prod/v1')).toBe('failed');
  expect(seen).toHaveLength(asked);
  await page.close();
  await registry.stop();
});

test('a service that the app could not call is said, with the reason', async () => {
  const registry = await startTestRegistry();
  await registry.register('orders', 'https://orders.example.com');
  const page = await browser.newPage();
  const redirect = (service: string) => redirectService(page, service, local, registry);
  await expect(redirect('orders')).rejects.toMatchObject({
    code: 'ServiceNotFound',
    message: expect.stringContaining('orders.example.com is not trusted'),
  });
  await expect(redirect('users')).rejects.toThrow('No endpoint of "users" to redirect: it is not registered there');
  await page.close();
  await registry.stop();
});

test('with its address given, no registry is asked', async () => {
  const page = await browser.newPage();
  await redirectService(page, 'orders', local, { from: 'https://orders.example.com' });
  await page.goto(local);
  expect(await page.evaluate(() => fetch('https://orders.example.com/x').then((response) => response.json()))).toEqual({
    url: '/x',
  });
  await page.close();
});
