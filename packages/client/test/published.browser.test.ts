import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium, type Browser } from 'playwright-core';
import { startCdn, type Cdn } from './start-cdn.ts';
import { startBackend, type Backend } from './start-environment.ts';

/** What the app's page offers to the test. */
interface PageWindow {
  start(config: object): Promise<void>;
  load(): Promise<unknown>;
}

let cdn: Cdn;
let users: Backend;
let site: Server;
let siteUrl: string;
let browser: Browser;
const asked: string[] = [];

const app = `
  import { Amplify } from 'aws-amplify';
  import { discover } from 'amplify-discovery';
  import { get } from 'amplify-discovery/api';
  globalThis.start = async (discovery) => Amplify.configure(await discover({ version: '1.4', custom: { discovery } }));
  globalThis.load = async () => {
    const { body } = await get({ apiName: 'users', path: '/all' }).response;
    return body.json();
  };
`;

/** A site that serves the app's own chunks, and passes on what its CDN has, as one origin. */
beforeAll(async () => {
  [cdn, users] = await Promise.all([startCdn(), startBackend('users')]);
  const { outputFiles } = await build({
    stdin: { contents: app, resolveDir: 'packages/client' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@amplify-discovery/source'],
    outdir: '/',
    write: false,
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  site = createServer((request, response) => {
    const { url = '' } = request;
    asked.push(url);
    const file = files.get(url);
    if (file) return response.setHeader('content-type', 'text/javascript').end(file);
    if (!url.startsWith('/discovery/'))
      return response.setHeader('content-type', 'text/html').end('<script type="module" src="/stdin.js"></script>');
    fetch(new URL(url.slice('/discovery'.length), cdn.url))
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
      .catch(() => response.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH as string, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
  await Promise.all([cdn?.stop(), users?.stop()]);
});

async function callFromPage(origin: string): Promise<unknown> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    // The backend has no CORS headers: the page is not what is tested here.
    await page.route(`${users.url}/**`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, headers: { 'access-control-allow-origin': '*' } });
    });
    await page.goto(origin);
    await page.waitForFunction(() => 'load' in globalThis);
    const { trustedKeys } = cdn;
    const snapshot = { url: '/discovery/{stage}.public.json', trustedKeys };
    const config = { stage: 'Production', trustedHosts: ['127.0.0.1:*'], snapshot };
    return await page.evaluate(async (given) => {
      const { start, load } = globalThis as unknown as PageWindow;
      try {
        await start(given);
        return await load();
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    }, config);
  } finally {
    await context.close();
  }
}

test('a page runs on snapshots of its own site alone, and refuses those that its keys did not sign', async () => {
  await cdn.publish([{ service: 'users', target: users.url }]);
  await expect(callFromPage(siteUrl)).resolves.toEqual({ name: 'users' });
  expect(users.requests.map(({ url }) => url)).toEqual(['/all']);
  expect(asked.filter((url) => url.endsWith('.json'))).toEqual(['/discovery/Production.public.json']);

  await cdn.publish([{ service: 'users', target: users.url }], { key: null });
  await expect(callFromPage(siteUrl)).resolves.toBe('SignatureInvalid');
  expect(users.requests).toHaveLength(1);
});
