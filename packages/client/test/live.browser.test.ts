import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { startBackend, type Backend } from './start-environment.ts';

/** What the app's page offers to the test. */
interface PageWindow {
  start(config: object): Promise<void>;
  /** Calls again and again. */
  run(): void;
  /** What each call came to. */
  readonly calls: string[];
  /** The events of discovery. */
  readonly events: string[];
  /** The target that the page knows, without a call. */
  known(): Promise<string | undefined>;
}
const app = `
  import { Amplify } from 'aws-amplify';
  import { discover, getDiscovery } from 'amplify-discovery';
  import { get } from 'amplify-discovery/api';
  import { Hub } from 'aws-amplify/utils';
  globalThis.events = [];
  globalThis.calls = [];
  Hub.listen('amplify-discovery', ({ payload }) => events.push(payload.event));
  globalThis.start = async (discovery) => Amplify.configure(await discover({ version: '1.4', custom: { discovery } }));
  globalThis.known = async () => (await getDiscovery()).inspect()[0].target;
  const callAgain = async () => {
    for (;;) {
      const name = await get({ apiName: 'users', path: '/all' })
        .response.then(({ body }) => body.json())
        .then(({ name }) => name, (error) => 'failed: ' + error.message);
      calls.push(name);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  // Whoever evaluates it in the page would wait for a promise, and this one never ends.
  globalThis.run = () => {
    callAgain();
  };
`;

let files: ReadonlyMap<string, Uint8Array>;
let site: HttpServer;
let browser: Browser;
let asked: string[];
let folder: string;
let registry: LocalRegistry;
let context: BrowserContext;
let backends: Backend[];
/** Between the pages and the registry. */
let proxy: Server;
let sockets: Set<Socket>;
let isMute: boolean;
let complaints: string[];

const portOf = (server: Server | HttpServer) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: app, resolveDir: 'packages/client' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    conditions: process.env.TEST_DIST ? [] : ['@amplify-discovery/source'],
    outdir: '/',
    write: false,
  });
  files = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  site = createHttpServer(({ url = '' }, response) => {
    asked.push(url);
    const file = files.get(url);
    if (file) response.setHeader('content-type', 'text/javascript').end(file);
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<link rel="icon" href="data:,"><script type="module" src="/stdin.js"></script>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH as string, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
});

beforeEach(async () => {
  asked = [];
  backends = [];
  complaints = [];
  sockets = new Set();
  isMute = false;
  folder = await mkdtemp(join(tmpdir(), 'live-'));
  registry = await startLocalRegistry(kept());
  proxy = createServer((socket) => {
    const inner = connect(registry.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('data', (chunk) => isMute || inner.write(chunk)).on('error', () => {});
    inner.on('data', (chunk) => isMute || socket.write(chunk)).on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      inner.destroy();
    });
    inner.on('close', () => isMute || socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  context = await browser.newContext();
  await deploy('blue');
});
afterEach(async () => {
  await context.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
  await registry.stop();
  await Promise.all(backends.map((backend) => backend.stop()));
  await rm(folder, { recursive: true });
});

const kept = () => ({ dataFolder: join(folder, 'data'), credentialsFile: join(folder, 'registry.json') });

/** Starts a backend and registers it; those before it go on serving. */
async function deploy(name: string): Promise<string> {
  const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
  const backend = await startBackend(name, () => ({ headers }));
  backends.push(backend);
  const record = { stage: 'Production', service: 'users', kind: 'http', target: backend.url, owner: 'test' } as const;
  await registerEndpoint(sigv4Transport(registry), record);
  return backend.url;
}

async function openTab({ live = true, withClock = false } = {}): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => void (/error|warning/.test(message.type()) && complaints.push(message.text())));
  page.on('pageerror', (error) => complaints.push(error.message));
  if (withClock) {
    await page.clock.install();
    // Attempts to connect come soon after each other.
    await page.addInitScript(() => void (Math.random = () => 0.01));
  }
  await page.goto(`http://127.0.0.1:${portOf(site)}`);
  await page.waitForFunction(() => 'start' in globalThis);
  const { region, apiKey } = registry;
  await page.evaluate(
    async (given) => {
      await (globalThis as unknown as PageWindow).start(given);
    },
    {
      registry: { url: `http://127.0.0.1:${portOf(proxy)}/graphql`, region, auth: { mode: 'apiKey', apiKey } },
      stage: 'Production',
      trustedHosts: ['127.0.0.1:*'],
      live,
    },
  );
  return page;
}

/** Waits until discovery has reported this so often. */
const waitForEvent = (page: Page, event: string, count = 1) =>
  page.waitForFunction(
    ([name, least]) => (globalThis as unknown as PageWindow).events.filter((one) => one === name).length >= least,
    [event, count] as const,
    { polling: 10 },
  );
/** Waits until the page knows this target, without a call. */
const waitForTarget = (page: Page, target: string) =>
  page.waitForFunction(async (wanted) => (await (globalThis as unknown as PageWindow).known()) === wanted, target, {
    polling: 10,
  });
const readCalls = (page: Page) => page.evaluate(() => (globalThis as unknown as PageWindow).calls);
const setVisibility = (page: Page, state: string) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);

/** Three that call. One that finds a fresh snapshot in storage connects with its first call, and not before. */
async function openThreeTabs(): Promise<readonly [Page, Page, Page]> {
  const tabs = [await openTab(), await openTab(), await openTab()] as const;
  for (const tab of tabs) await tab.evaluate(() => (globalThis as unknown as PageWindow).run());
  for (const tab of tabs) await waitForEvent(tab, 'connected');
  for (const tab of tabs) await tab.waitForFunction(() => (globalThis as unknown as PageWindow).calls.length > 2);
  return tabs;
}

describe('three tabs', () => {
  test('share one connection, and call the new endpoint after a change, with no failing call and none to the old one any more', async () => {
    const connections: string[] = [];
    context.on('page', (page) => page.on('websocket', (socket) => connections.push(socket.url())));
    const tabs = await openThreeTabs();
    expect(connections).toEqual([`ws://127.0.0.1:${portOf(proxy)}/graphql/realtime`]);
    await deploy('green');
    for (const tab of tabs)
      await tab.waitForFunction(() => (globalThis as unknown as PageWindow).calls.includes('green'));
    for (const tab of tabs) {
      const names = await readCalls(tab);
      expect(new Set(names)).toEqual(new Set(['blue', 'green']));
      expect(names.slice(names.indexOf('green'))).not.toContain('blue');
    }
    expect(complaints).toEqual([]);
  });

  test('go on when the one that holds the connection is closed', async () => {
    const [leader, ...others] = await openThreeTabs();
    await leader.close();
    const target = await deploy('green');
    for (const tab of others) await waitForTarget(tab, target);
    expect(complaints).toEqual([]);
  });
});

test('a socket that a proxy has muted, without an error, is replaced, and what was missed is read', async () => {
  const page = await openTab({ withClock: true });
  await waitForEvent(page, 'connected');
  isMute = true;
  const target = await deploy('green');
  await page.clock.runFor(310_000);
  await waitForEvent(page, 'disconnected');
  isMute = false;
  for (const socket of sockets) socket.destroy();
  await page.clock.resume();
  await waitForEvent(page, 'connected', 2);
  await waitForTarget(page, target);
});

test('after sleep the connection is replaced, and what was missed is read', async () => {
  const page = await openTab({ withClock: true });
  await waitForEvent(page, 'connected');
  isMute = true;
  const target = await deploy('green');
  // As on a machine that wakes: every timer that was due comes once, eight hours late.
  await page.clock.fastForward('08:00:00');
  await waitForEvent(page, 'disconnected');
  isMute = false;
  for (const socket of sockets) socket.destroy();
  await page.clock.resume();
  await waitForEvent(page, 'connected', 2);
  await waitForTarget(page, target);
});

test('when the registry is restarted, the connection comes back, and what was missed is read', async () => {
  const page = await openTab();
  await waitForEvent(page, 'connected');
  const { port } = registry;
  await registry.stop();
  await waitForEvent(page, 'disconnected');
  registry = await startLocalRegistry({ ...kept(), port });
  const target = await deploy('green');
  await waitForEvent(page, 'connected', 2);
  await waitForTarget(page, target);
});

test('the connection is closed while all tabs are hidden, and opened when one can be seen', async () => {
  const page = await openTab({ withClock: true });
  await waitForEvent(page, 'connected');
  await setVisibility(page, 'hidden');
  await page.clock.runFor(59_000);
  expect(await page.evaluate(() => (globalThis as unknown as PageWindow).events)).not.toContain('disconnected');
  await page.clock.runFor(2000);
  await waitForEvent(page, 'disconnected');
  const target = await deploy('green');
  await setVisibility(page, 'visible');
  await page.clock.resume();
  await waitForEvent(page, 'connected', 2);
  await waitForTarget(page, target);
});

test('without the option nothing connects, and the code for it is not loaded', async () => {
  const connections: string[] = [];
  context.on('page', (page) => page.on('websocket', (socket) => connections.push(socket.url())));
  const page = await openTab({ live: false });
  await page.evaluate(() => (globalThis as unknown as PageWindow).run());
  await page.waitForFunction(() => (globalThis as unknown as PageWindow).calls.length > 2);
  const chunk = [...files].find(
    ([, code]) => Buffer.from(code).includes('visibilitychange') && Buffer.from(code).includes('graphql-ws'),
  );
  expect(chunk).toBeDefined();
  expect({ connections, isLoaded: asked.includes(chunk?.[0] ?? '') }).toEqual({ connections: [], isLoaded: false });
});
