import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser } from 'playwright-core';
import { bundleApp } from './bundle-app.ts';
import { startFailures } from './start-failures.ts';
import { waysToFail, type Client, type Servers } from './ways-to-fail.ts';

let failures: Awaited<ReturnType<typeof startFailures>>;
let site: Server;
let browser: Browser;

/** What the page's script leaves to the test. */
interface PageWindow {
  start(): void;
  app: { readonly client: Client; readonly waysToFail: typeof waysToFail };
}

beforeAll(async () => {
  failures = await startFailures();
  const app = await bundleApp(
    `import * as api from 'amplify-discovery/api';
     import * as client from 'amplify-discovery';
     import * as v5 from 'amplify-discovery/v5';
     import { waysToFail } from './ways-to-fail.ts';
     window.app = { client: { ...client, ...api, ...v5 }, waysToFail };`,
    'iife',
  );
  site = createServer(({ url }, response) => {
    if (url === '/app.js') response.setHeader('content-type', 'text/javascript').end(`function start() { ${app} }`);
    else response.setHeader('content-type', 'text/html').end('<script src="/app.js"></script>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await failures?.stop();
});

test('a failure that the app catches is no unhandled rejection of the page', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  const outcomes = await page.evaluate(async (servers: Servers) => {
    const { start } = window as never as PageWindow;
    const found: string[] = [];
    let way = '';
    window.addEventListener('unhandledrejection', ({ reason }) => found.push(`${way}: unhandled ${String(reason)}`));
    start();
    for (way of Object.keys((window as never as PageWindow).app.waysToFail)) {
      start();
      const { app } = window as never as PageWindow;
      try {
        await app.waysToFail[way]?.(app.client, servers);
        found.push(`${way}: did not fail`);
      } catch {
        found.push(`${way}: caught`);
      }
      // A page looks for unhandled rejections at the end of a task.
      await new Promise<void>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve();
        port2.postMessage(undefined);
      });
    }
    return found;
  }, failures.servers);
  expect(outcomes).toEqual(Object.keys(waysToFail).map((way) => `${way}: caught`));
});
