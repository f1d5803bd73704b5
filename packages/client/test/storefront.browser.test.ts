import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

jest.setTimeout(30_000);

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let storefront: ChildProcess;
let url: string;
let browser: Browser;
let context: BrowserContext;
let foreign: Server;
let foreignRequests = 0;

interface State {
  readonly registry: { readonly isUp: boolean; readonly requests: number };
  readonly backends: readonly {
    readonly service: string;
    readonly stage: string;
    readonly id: string;
    readonly port: number;
  }[];
}

beforeAll(async () => {
  // What `npm start` starts, as a process of its own, on what `npm run build` has made.
  storefront = spawn(process.execPath, ['server/main.js'], {
    cwd: 'examples/storefront',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise((resolve, reject) => {
    let output = '';
    storefront.once('exit', (code) =>
      reject(new Error(`The storefront ended with ${code}. Has \`npm run build\` been run?`)),
    );
    storefront.stdout?.on('data', (chunk: Buffer) => {
      const found = /Storefront\s+(\S+)/.exec((output += chunk.toString()));
      if (found?.[1]) resolve(found[1]);
    });
  });
  foreign = createServer((_request, response) => {
    foreignRequests++;
    response.setHeader('access-control-allow-origin', '*').end('{"items":[]}');
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: flags });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  foreign?.close();
  if (storefront?.exitCode === null) {
    const exited = new Promise((resolve) => storefront.once('exit', resolve));
    storefront.kill('SIGINT');
    // oxlint-disable-next-line jest/no-standalone-expect -- how it ends is part of what is tested
    expect(await exited).toBe(0);
  }
});

beforeEach(async () => {
  foreignRequests = 0;
  await control('registry', { isUp: true });
  context = await browser.newContext();
});
afterEach(() => context.close());

async function control(action: string, input: object = {}): Promise<State> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}environment/${action}`, { method: 'POST', headers, body: JSON.stringify(input) });
  return (await response.json()) as State;
}

const countSnapshots = async () => (await control('state')).registry.requests;
const portOf = async (service: string, stage: string, id = 'default') =>
  (await control('state')).backends.find((one) => one.service === service && one.stage === stage && one.id === id)
    ?.port;

/** A host that is this machine but under a name that the app does not trust. */
const foreignHost = () => `http://localhost:${(foreign.address() as AddressInfo).port}`;

/**
 * Pages that are opened from now on find the registry under the name of a deployed one: of one on this machine, nothing that was
 * stored outlives a reload.
 */
async function deployRegistry(): Promise<void> {
  const deployed = 'https://registry.example.com/graphql';
  let local = '';
  await context.route('**/*amplify_outputs*', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/http:\/\/127\.0\.0\.1:\d+\/graphql/, (url) => {
      local = url;
      return deployed;
    });
    await route.fulfill({ response, body });
  });
  await context.route(deployed, async (route) => {
    const response = await route.fetch({ url: local }).catch(() => undefined);
    await (response ? route.fulfill({ response }) : route.abort('connectionrefused'));
  });
}

/** The page, once both services have answered. */
async function openStorefront(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector('#user-management-service .items li');
  await page.waitForSelector('#order-service .items li');
  return page;
}

interface App {
  enterStage(stage: string): Promise<void>;
  getDiscovery(): Promise<{ inspect(): { freshness?: string }[]; resolver: { settle(): Promise<void> } }>;
  fetchItems(service: object): Promise<object[]>;
}
type AppWindow = typeof window & { app: App };

/** The app's modules without the page, which makes calls by itself. */
async function openModules(): Promise<Page> {
  const page = await context.newPage();
  const body = `
    import { enterStage, getDiscovery } from '/discovery.ts';
    import { fetchItems } from '/services.ts';
    window.app = { enterStage, getDiscovery, fetchItems };
  `;
  await page.route('**/main.ts*', (route) => route.fulfill({ contentType: 'text/javascript', body }));
  await page.goto(url);
  return page;
}

/** Enters a stage and calls a service in the page; the outcome is what came, or the error's code. */
async function callInPage(page: Page): Promise<string> {
  await page.waitForFunction(() => 'app' in window);
  return page.evaluate(async () => {
    const { app } = window as AppWindow;
    try {
      await app.enterStage('Production');
      return JSON.stringify(await app.fetchItems({ name: 'order-service', path: '/orders' }));
    } catch (error) {
      return String((error as { code?: string }).code ?? error);
    }
  });
}

interface StoredSnapshot {
  loadedAt: number;
  readonly endpoints: readonly { target: string }[];
}

const makeStale = (stored: StoredSnapshot) => void (stored.loadedAt -= 60_000);

/** Changes what is stored, and waits until all these pages see it: that takes Chromium a while. */
async function editSnapshots(pages: readonly Page[], edit: (stored: StoredSnapshot) => void): Promise<void> {
  const read = () => {
    const isSnapshot = (name: string) => /amplify-discovery\/1\/.*(Production|staging)$/.test(name);
    return Object.entries(localStorage).filter(([name]) => isSnapshot(name)) as [string, string][];
  };
  const edited = (await (pages[0] as Page).evaluate(read)).map(([name, text]) => {
    const stored = JSON.parse(text) as StoredSnapshot;
    edit(stored);
    return [name, JSON.stringify(stored)] as const;
  });
  await pages[0]?.evaluate((entries) => entries.forEach(([name, text]) => localStorage.setItem(name, text)), edited);
  for (const page of pages) {
    await page.waitForFunction((entries) => entries.every(([name, text]) => localStorage[name] === text), edited);
  }
}

/** Waits until no tab is refreshing any more, and all of them have a fresh snapshot. */
async function settle(pages: readonly Page[]): Promise<void> {
  for (const page of pages) {
    await page.evaluate(async () => {
      const discovery = await (window as AppWindow).app.getDiscovery();
      do await discovery.resolver.settle();
      while (
        discovery.inspect()[0]?.freshness !== 'fresh' &&
        (await new Promise((resolve) => setTimeout(resolve, 0, true)))
      );
    });
  }
}

/** Waits for a condition outside the page. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

describe('in a browser', () => {
  test('a cold load makes one registry request for all services, and one more when changes begin to be announced', async () => {
    const before = await countSnapshots();
    const page = await openStorefront();
    await page.waitForSelector('#events li:has-text("The registry announces changes.")');
    await until(async () => (await countSnapshots()) - before >= 2);
    expect((await countSnapshots()) - before).toBe(2);
  });

  test('a change is announced: the page says so, reads again, and no card fails', async () => {
    const page = await openStorefront();
    await page.waitForSelector('#snapshot dd:has-text("announced")');
    await page.click('#user-management-service .move');
    await page.waitForSelector('#events li:has-text("now revision")');
    expect(await page.locator('.card.failed').count()).toBe(0);
  });

  test('a reload makes none before the first call, even with a stale snapshot', async () => {
    await deployRegistry();
    const page = await openModules();
    await callInPage(page);
    await editSnapshots([page], makeStale);
    await page.reload();
    const before = await countSnapshots();
    await page.waitForFunction(() => 'app' in window);
    await page.evaluate(() => (window as AppWindow).app.enterStage('Production'));
    expect(await countSnapshots()).toBe(before);
    await callInPage(page);
    await until(async () => (await countSnapshots()) === before + 1);
  });

  describe('two tabs that find the snapshot stale make one refresh', () => {
    const isCalled = expect.stringContaining('Espresso');

    async function openStaleTabs(): Promise<readonly [Page, Page]> {
      await deployRegistry();
      const tabs = [await openModules(), await openModules()] as const;
      await callInPage(tabs[0]);
      await editSnapshots(tabs, makeStale);
      await Promise.all(tabs.map((tab) => tab.reload()));
      return tabs;
    }

    test('when both call at once', async () => {
      const tabs = await openStaleTabs();
      const before = await countSnapshots();
      expect(await Promise.all(tabs.map((tab) => callInPage(tab)))).toEqual([isCalled, isCalled]);
      await settle(tabs);
      expect((await countSnapshots()) - before).toBe(1);
    });

    test('when one calls while the other waits for the registry', async () => {
      const tabs = await openStaleTabs();
      const before = await countSnapshots();
      let answer: (() => void) | undefined;
      const isAsked = new Promise<void>((resolve) => {
        void tabs[0].route('**/graphql', async (route) => {
          resolve();
          await new Promise<void>((release) => (answer = release));
          await route.fallback();
        });
      });
      expect(await callInPage(tabs[0])).toEqual(isCalled);
      await isAsked;
      expect(await callInPage(tabs[1])).toEqual(isCalled);
      answer?.();
      await settle(tabs);
      expect((await countSnapshots()) - before).toBe(1);
    });

    test('when one doesn’t see what the other has written', async () => {
      const tabs = await openStaleTabs();
      await tabs[1].evaluate(() => {
        const seen = new Map(Object.entries(localStorage));
        Storage.prototype.getItem = (name) => seen.get(name) ?? null;
      });
      // A busy machine must not take longer over this test than the other tab waits: its clock stands still.
      await tabs[0].evaluate(() => {
        const { setTimeout } = window;
        window.setTimeout = ((act: () => void, ms = 0) => (ms < 1000 ? setTimeout(act, ms) : 0)) as never;
      });
      const before = await countSnapshots();
      expect(await callInPage(tabs[0])).toEqual(isCalled);
      await settle([tabs[0]]);
      expect(await callInPage(tabs[1])).toEqual(isCalled);
      await settle(tabs);
      expect((await countSnapshots()) - before).toBe(1);
    });
  });

  test('calls go on while the registry is down, also after a reload', async () => {
    await deployRegistry();
    const page = await openModules();
    await callInPage(page);
    await control('registry', { isUp: false });
    await editSnapshots([page], makeStale);
    await page.reload();
    expect(await callInPage(page)).toContain('Espresso');
  });

  test('a reload while a registry on this machine is down says so, and uses nothing that was stored', async () => {
    const page = await openModules();
    await callInPage(page);
    await control('registry', { isUp: false });
    await page.reload();
    expect(await callInPage(page)).toBe('RegistryUnavailable');
  });

  test('a browser that has never seen the registry says that it is down', async () => {
    await control('registry', { isUp: false });
    expect(await callInPage(await openModules())).toBe('RegistryUnavailable');
  });

  test('a moved backend is found again by the next call', async () => {
    const page = await openStorefront();
    const before = await portOf('user-management-service', 'Production');
    await page.click('#user-management-service .move');
    await until(async () => (await portOf('user-management-service', 'Production')) !== before);
    const port = await portOf('user-management-service', 'Production');
    await page.waitForSelector(`#calls td:has-text("127.0.0.1:${port}")`);
    expect(await page.locator('.card.failed').count()).toBe(0);
  });

  test('calls go on at the standby while the first endpoint is stopped, and come back when it is started', async () => {
    const page = await openStorefront();
    const [first, standby] = [
      await portOf('order-service', 'Production'),
      await portOf('order-service', 'Production', 'standby'),
    ];
    const latest = (port: number | undefined) =>
      `#calls tr:has(td:text-is("order-service")) td:text("127.0.0.1:${port}")`;
    await page.waitForSelector(latest(first));
    expect(await page.locator(latest(standby)).count()).toBe(0);
    await page.click('#order-service .outage:text("Stop it")');
    await page.waitForSelector('#order-service .outage:text("Start it")');
    await page.waitForSelector(latest(standby));
    await page.click('#order-service .outage:text("Start it")');
    await page.waitForSelector('#order-service .outage:text("Stop it")');
    await page.waitForFunction((host) => {
      const rows = [...document.querySelectorAll('#calls tr')].map(({ textContent }) => textContent ?? '');
      return rows.find((row) => row.includes('order-service'))?.includes(host);
    }, `127.0.0.1:${first}`);
    expect(await page.locator('#calls td.bad').count()).toBe(0);
    expect(await page.locator('.card.failed').count()).toBe(0);
  });

  test('the address of the console opens it, and it shows a change without being reloaded', async () => {
    const page = await openStorefront();
    await page.click('#console');
    const address = await page.getByLabel('Address of the console').inputValue();
    const tab = await context.newPage();
    await tab.goto(address);
    await tab.getByRole('button', { name: /^order-service in Production: / }).waitFor();
    await page.click('#order-service .move');
    await tab.locator('.feed').getByText('updated').waitFor();
    expect(await tab.locator('.feed li').textContent()).toMatch(/^just now updated/);
    expect(await tab.getByRole('button', { name: /history/ }).count()).toBe(0);
  });

  test('switching the stage reaches the other stage’s backends', async () => {
    const page = await openStorefront();
    await page.click('#stages button:has-text("staging")');
    await page.waitForSelector('#order-service .items li:has-text("Test order")');
    await page.waitForSelector(`#calls td:has-text("127.0.0.1:${await portOf('order-service', 'staging')}")`);
  });

  test('a poisoned snapshot in storage sends nothing to the foreign host', async () => {
    await deployRegistry();
    const page = await openModules();
    await callInPage(page);
    await editSnapshots([page], ({ endpoints }) => {
      for (const endpoint of endpoints) endpoint.target = foreignHost();
    });
    await control('registry', { isUp: false });
    await page.reload();
    expect(await callInPage(page)).toBe('UntrustedEndpoint');
    expect(foreignRequests).toBe(0);
  });

  test('a poisoned registry answer sends nothing to the foreign host', async () => {
    const page = await openModules();
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch();
      const text = (await response.text()).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, foreignHost());
      await route.fulfill({ response, body: text });
    });
    expect(await callInPage(page)).toBe('UntrustedEndpoint');
    expect(foreignRequests).toBe(0);
  });

  test('the foreign host of these tests can be reached, so that its zero requests mean something', async () => {
    const page = await openModules();
    await page.evaluate(async (host) => void (await fetch(host)), foreignHost());
    expect(foreignRequests).toBe(1);
  });

  test('works without storage', async () => {
    const page = await openModules();
    await page.addInitScript(() =>
      Object.defineProperty(window, 'localStorage', {
        get: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      }),
    );
    await page.reload();
    expect(await callInPage(page)).toContain('Espresso');
  });

  test('reports nothing on the console when all is well', async () => {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (/error|warning/.test(message.type()) && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.waitForSelector('#order-service .items li');
    expect(complaints).toEqual([]);
  });
});
