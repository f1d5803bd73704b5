import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createHistoryHandler, describePageHeaders, readPageFiles } from '@amplify-discovery/console';
import { pageFolder } from '@amplify-discovery/console/page-folder.cjs';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { publishStage } from '@amplify-discovery/publisher';
import { createS3ObjectStore, type S3ObjectStore } from '@amplify-discovery/publisher/store';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { findRealtimeUrl } from '@amplify-discovery/registry/notices';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type AxeCore from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page, type Request, type Route } from 'playwright-core';
import { standInForCognito, type PoolState } from './cognito-stand-in.ts';

jest.setTimeout(60_000);

const axe = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');
const deployed = {
  site: 'https://d111111abcdef8.cloudfront.net',
  domain: 'https://pool.auth.eu-west-1.amazoncognito.com',
  registryUrl: 'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql',
  clientId: 'client',
};
const { site, domain, registryUrl, clientId } = deployed;
const realtime = new URL(findRealtimeUrl(registryUrl)).origin;
const settings = { mode: 'registry', url: registryUrl, userPoolDomain: domain, clientId };

let registry: LocalRegistry;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let pool: PoolState;
let origins: Set<string>;
let noise: string[];
let hasHistory: boolean;
let s3: TinyS3;
let store: S3ObjectStore;

async function add(stage: string, service: string, fields: object = {}): Promise<void> {
  const { url, region, credentials } = registry;
  const transport = sigv4Transport({ url, region, credentials: async () => credentials });
  const target = `https://${service}.example.com`;
  await registerEndpoint(transport, { stage, service, kind: 'http', target, owner: 'cli:ann', ...fields });
}

beforeAll(async () => {
  registry = await startLocalRegistry();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  await add('prod', 'orders', { version: '1.4.0' });
  s3 = await startTinyS3();
  const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
  store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials });
  await publishStage('prod', { source: registrySource({ transport: sigv4Transport(registry) }), store });
  await add('dev', 'users', { expiresAt: new Date(Date.now() + 7_200_000).toISOString() });
});
afterAll(async () => {
  await browser?.close();
  await s3?.stop();
  await registry?.stop();
});

/** As CloudFront and the function behind it do. */
async function serveHistory(route: Route, request: Request): Promise<void> {
  const refused = apiKeyTransport({ url: registry.url, apiKey: 'da2-wrong' });
  const handle = createHistoryHandler({
    openSource: (token) => registrySource({ transport: pool.takes(token) ? sigv4Transport(registry) : refused }),
    store,
    prefix: '',
  });
  const { search } = new URL(request.url());
  const { statusCode, headers, body } = await handle({ rawQueryString: search.slice(1), headers: request.headers() });
  return route.fulfill({ status: statusCode, headers, body });
}

beforeEach(async () => {
  hasHistory = false;
  context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const files = await readPageFiles(pageFolder);
  const headers = describePageHeaders([new URL(registryUrl).origin, realtime, domain]);
  await context.route(`${site}/**`, (route, request) => {
    const { pathname } = new URL(request.url());
    if (pathname === '/settings.json') return route.fulfill({ headers, json: { ...settings, history: hasHistory } });
    if (pathname === '/api/history') return serveHistory(route, request);
    const file = files.get(pathname === '/' ? '/index.html' : pathname);
    if (!file) return route.fulfill({ status: 403 });
    return route.fulfill({ headers: { ...headers, 'content-type': file.type }, body: Buffer.from(file.bytes) });
  });
  pool = await standInForCognito(context, deployed, registry);
  page = await context.newPage();
  [origins, noise] = [new Set(), []];
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
  });
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
});
afterEach(async () => {
  await context.close();
});

const grid = () => page.getByRole('grid').waitFor();
const cell = (service: string, stage: string) =>
  page.getByRole('button', { name: new RegExp(`^${service} in ${stage}: `) });

/** Makes the page's token one that ends now. */
function endToken(): Promise<void> {
  return page.evaluate((key) => {
    const tokens = JSON.parse(sessionStorage.getItem(key) ?? '{}') as object;
    sessionStorage.setItem(key, JSON.stringify({ ...tokens, expiresAt: 0 }));
  }, 'amplify-discovery.console.tokens');
}

/** The facts of an endpoint by their names. */
async function readFacts(service: string, stage: string): Promise<readonly string[]> {
  await cell(service, stage).click();
  return page.getByRole('complementary').locator('dt').allTextContents();
}

test('who signs in sees the registry, in the view of the address that was opened', async () => {
  await page.goto(`${site}/?q=user`);
  await grid();
  expect(page.url()).toBe(`${site}/?q=user`);
  expect(await page.getByRole('rowheader').allTextContents()).toEqual(['users']);
  expect(await cell('users', 'dev').textContent()).toContain('look');
  expect(pool.grants).toEqual(['authorization_code']);
  expect(noise).toEqual([]);
});

test('a reload needs no sign-in; another window does', async () => {
  await page.goto(site);
  await grid();
  await page.reload();
  await grid();
  expect(pool.grants).toEqual(['authorization_code']);
  const other = await context.newPage();
  await other.goto(site);
  await other.getByRole('grid').waitFor();
  expect(pool.grants).toEqual(['authorization_code', 'authorization_code']);
});

test('tokens stay in session storage, and the address keeps neither code nor state', async () => {
  await page.goto(site);
  await grid();
  expect(page.url()).toBe(`${site}/`);
  const kept = await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]);
  expect(kept).toEqual([[], ['amplify-discovery.console.tokens'], '']);
});

test('who is no operator sees neither owner nor times, and asks for none', async () => {
  await page.goto(site);
  await grid();
  const facts = await readFacts('orders', 'prod');
  expect(facts).toContain('Target');
  for (const name of ['Owner', 'Written by', 'Registered', 'Updated']) expect(facts).not.toContain(name);
  await page.getByText('What was not checked').click();
  await page.getByText('owners and times: they are for members of the group discovery-operators').waitFor();
  expect(pool.queries.some((query) => /\bowner\b/.test(query))).toBe(false);
  expect(pool.refused).toEqual([]);
});

test('an operator sees owner and times, and nothing that writes', async () => {
  pool.groups = ['discovery-operators'];
  await page.goto(site);
  await grid();
  expect(await readFacts('orders', 'prod')).toEqual(expect.arrayContaining(['Owner', 'Registered', 'Updated']));
  expect(await page.getByRole('complementary').textContent()).toContain('cli:ann');
  expect(await page.getByRole('heading', { name: 'Change', exact: true }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^History of/ }).count()).toBe(0);
  expect(pool.queries.filter((query) => !query.startsWith('query'))).toEqual([]);
});

test('a token that has ended is renewed once, however many requests wait for it', async () => {
  await page.goto(site);
  await grid();
  await endToken();
  await page.reload();
  await grid();
  await page.reload();
  await grid();
  expect(pool.grants).toEqual(['authorization_code', 'refresh_token']);
  expect(pool.refused).toEqual([]);
});

test('where the token can\u2019t be renewed, it says so and leads to the sign-in', async () => {
  await page.goto(site);
  await grid();
  // Left first: a page that is open renews its token by itself.
  await page.goto(`${site}/main.css`);
  await endToken();
  pool.refusesRefresh = true;
  await page.goto(site);
  await page.getByText('You are signed out.').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await grid();
  expect(pool.grants).toEqual(['authorization_code', 'refresh_token', 'authorization_code']);
});

test('an answer with another state is refused, and its code never used', async () => {
  pool.forgesState = true;
  await page.goto(site);
  await page.getByText('not one that this window asked for').waitFor();
  expect(page.url()).toBe(`${site}/`);
  expect(pool.grants).toEqual([]);
  pool.forgesState = false;
  await page.getByRole('button', { name: 'Sign in' }).click();
  await grid();
});

test('a link with somebody else\u2019s code signs nobody in', async () => {
  await page.goto(`${site}/?code=stolen&state=known`);
  await page.getByText('not one that this window asked for').waitFor();
  expect(pool.grants).toEqual([]);
});

test('a refusal of the user pool is shown in its words', async () => {
  await context.route(`${domain}/oauth2/authorize**`, (route, request) => {
    const state = new URL(request.url()).searchParams.get('state');
    const query = new URLSearchParams({
      error: 'access_denied',
      error_description: 'Not this user',
      state: state ?? '',
    });
    return route.fulfill({ status: 302, headers: { location: `${site}/?${query}` } });
  });
  await page.goto(site);
  await page.getByText('The user pool does not let you in: Not this user').waitFor();
});

test('signing out revokes the refresh token, and leaves nothing behind', async () => {
  await page.goto(site);
  await grid();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Signed out' }).waitFor();
  expect(pool.revoked).toHaveLength(1);
  expect(new URL(page.url()).searchParams.get('logout_uri')).toBe(`${site}/`);
  await page.goto(`${site}/main.css`);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('the history of a stage is shown where there is one, and nothing that writes', async () => {
  hasHistory = true;
  await add('prod', 'later');
  await page.goto(site);
  await grid();
  await page.getByRole('button', { name: 'History of prod' }).click();
  const panel = page.getByRole('complementary');
  await panel.getByText('- later/default https://later.example.com').waitFor();
  await panel.getByText('1 endpoint. Going back would change:').waitFor();
  expect(await panel.getByRole('button').allTextContents()).toEqual(['Close']);
  expect(await findViolations()).toEqual([]);
  expect([pool.refused, noise]).toEqual([[], []]);
});

test('where the history can\u2019t be read, the reason is shown and the page stays', async () => {
  hasHistory = true;
  await page.goto(site);
  await grid();
  s3.failWith(503);
  await page.getByRole('button', { name: 'History of prod' }).click();
  await page.getByRole('complementary').getByText('HTTP 503').waitFor();
  await cell('users', 'dev').waitFor();
  s3.failWith(undefined);
});

/** From here on, nothing in the page happens by the time of its polls. */
const stopPolling = () =>
  page.addInitScript(() => {
    const { setTimeout } = window;
    window.setTimeout = ((act: () => void, ms = 0) => (ms < 10_000 ? setTimeout(act, ms) : 0)) as never;
  });

test('a change is announced to the page by the token of the person, and shown at once', async () => {
  await stopPolling();
  await page.goto(site);
  await page.getByText('live', { exact: true }).waitFor();
  await add('dev', 'announced');
  await page.locator('.feed').getByText('dev/announced/default').waitFor();
  await cell('announced', 'dev').waitFor();
  expect(pool.refused).toEqual([]);
  expect(noise).toEqual([]);
});

test('what was announced while the page was hidden is read when it is seen again', async () => {
  await stopPolling();
  await page.goto(site);
  await page.getByText('live', { exact: true }).waitFor();
  const setHidden = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await setHidden(true);
  await add('dev', 'meanwhile');
  while (pool.notices === 0) await new Promise((resolve) => setImmediate(resolve));
  await setHidden(false);
  await cell('meanwhile', 'dev').waitFor();
});

test('where no notices can be had, a change is seen while the page is open, and reported', async () => {
  pool.refusesNotices = true;
  await page.clock.install();
  await page.goto(site);
  await grid();
  await page.getByText('read every 10 seconds').waitFor();
  const { length } = pool.queries;
  await add('prod', 'catalog');
  await page.clock.runFor(11_000);
  await cell('catalog', 'prod').waitFor();
  await page.locator('.feed').getByText('registered').waitFor();
  expect(await page.locator('.feed').textContent()).toContain('prod/catalog/default https://catalog.example.com');
  expect(pool.queries.length).toBeGreaterThan(length);
});

test('it asks its own origin, the user pool and the registry, and no others; the policy lets it reach no others', async () => {
  await page.goto(site);
  await grid();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Signed out' }).waitFor();
  expect([...origins].sort()).toEqual([new URL(registryUrl).origin, site, domain].sort());
  await page.goto(site);
  await grid();
  const reach = () =>
    page.evaluate(() =>
      fetch('https://elsewhere.example').then(
        () => 'reached',
        () => 'refused',
      ),
    );
  await context.route('https://elsewhere.example/**', (route) => route.fulfill({ status: 200 }));
  expect(await reach()).toBe('refused');
  expect(noise.join('\n')).toContain('Content Security Policy');
  const isAllowed = (url: string) =>
    page.evaluate(
      (address) =>
        new Promise<boolean>((resolve) => {
          document.addEventListener('securitypolicyviolation', () => resolve(false));
          // A host that can't be found, and so an error of the network.
          new WebSocket(address).onerror = () => setTimeout(() => resolve(true));
        }),
      url,
    );
  expect([await isAllowed(`${realtime}/elsewhere`), await isAllowed('wss://elsewhere.example')]).toEqual([true, false]);
});

test.each(['light', 'dark'] as const)('is accessible in %s, with and without details', async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  await page.goto(site);
  await grid();
  expect(await findViolations()).toEqual([]);
  await cell('orders', 'prod').click();
  expect(await findViolations()).toEqual([]);
});

test('is accessible where the sign-in was refused', async () => {
  pool.forgesState = true;
  await page.goto(site);
  await page.getByRole('alert').waitFor();
  expect(await findViolations()).toEqual([]);
});

async function findViolations(): Promise<readonly string[]> {
  // The policy of the page forbids a script of the test's; the protocol of the browser's tools does not.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof AxeCore }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
}
