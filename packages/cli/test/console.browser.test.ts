import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type AxeCore from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { startCommand } from './start-command.ts';
import { createFolder, runCommand } from './test-shell.ts';

jest.setTimeout(60_000);

const axe = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

type Started = Awaited<ReturnType<typeof startCommand>>;

let cwd: string;
let registry: Started;
let served: Started;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let noise: string[];

/** The targets that can't be reached. */
const dead = new Set<string>();

async function run(...words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand(words, { cwd });
  if (exitCode !== 0) throw new Error(stderr);
}

const add = (stage: string, service: string, target: string, ...words: readonly string[]) =>
  run('register', service, target, '--stage', stage, '--kind', 'http', ...words);

beforeAll(async () => {
  cwd = await createFolder();
  registry = await startCommand(['dev', '--memory'], { cwd });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  await add('Production', 'orders', 'http://localhost:4001', '--version', '1.4.0', '--weight', '90');
  await add('Production', 'orders', 'http://localhost:4002', '--id', 'canary', '--version', '1.5.0', '--weight', '10');
  await add('Production', 'users', 'http://localhost:4003', '--version', '2.0.0');
  await add('dev', 'users', 'http://localhost:4004', '--version', '2.1.0');
  await add('dev', 'billing', 'https://billing.example.com');
  await add('pr-7', 'users', 'http://localhost:4005', '--expires', '2h');
});
afterAll(async () => {
  await browser?.close();
  await registry?.stop();
});

beforeEach(async () => {
  served = await startCommand(['console', '--stage', 'Production', '--stage', 'dev', '--stage', 'pr-7'], {
    cwd,
    probeTarget: async (target) =>
      dead.has(target) ? { check: 'connection', problem: `${target} refuses connections` } : undefined,
  });
  context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  page = await context.newPage();
  noise = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  await page.goto(served.printed['link'] as string);
  await page.getByRole('grid').waitFor();
});
afterEach(async () => {
  await context.close();
  await served.stop();
  dead.clear();
});

const cell = (service: string, stage: string) =>
  page.getByRole('button', { name: new RegExp(`^${service} in ${stage}: `) });
const services = () => page.getByRole('rowheader').allTextContents();

test('the address opens one window: its token is gone from it, and a second visitor is refused', async () => {
  expect(page.url()).not.toContain('token');
  await page.reload();
  await page.getByRole('grid').waitFor();
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(served.printed['link'] as string);
  expect(await stranger.getByRole('alert').textContent()).toContain('This link was used already');
  await stranger.context().close();
  expect(noise).toEqual([]);
});

test('what is broken comes first, with its reason and its cure; what is not there is an empty cell', async () => {
  expect(await services()).toEqual(['billing', 'users', 'orders']);
  expect(await page.getByRole('row', { name: /^billing/ }).textContent()).toContain('broken');
  expect(await cell('orders', 'dev').textContent()).toContain('not there');
  await cell('billing', 'dev').click();
  const panel = page.getByRole('complementary');
  expect(await panel.textContent()).toMatch(/untrusted-host.*Cure:.*trustedHosts/s);
});

test('a change is seen while the page is open, and reported', async () => {
  await add('dev', 'catalog', 'http://localhost:4010');
  await cell('catalog', 'dev').waitFor();
  expect(await page.locator('.feed').textContent()).toContain('registered dev/catalog/default http://localhost:4010');
  await run('deregister', 'catalog', '--stage', 'dev');
  await cell('catalog', 'dev').waitFor({ state: 'detached' });
});

test('filter, columns and what is open stand in the address, and come back with it', async () => {
  await page.getByLabel('Filter').fill('2.1');
  await page.getByLabel('dev', { exact: true }).uncheck();
  await page.getByLabel('dev', { exact: true }).check();
  expect(await services()).toEqual(['users']);
  await page.getByLabel('Who would these stages reach?').fill('pr-7, dev, Production');
  await page.keyboard.press('Enter');
  await cell('users', 'dev').click();
  const address = page.url();
  expect(new URL(address).search).toBe('?q=2.1&as=pr-7%2Cdev%2CProduction&service=users&in=dev');
  await page.reload();
  expect(await page.getByRole('complementary').getByRole('heading', { level: 2 }).textContent()).toBe('users in dev');
  await page.goBack();
  await page.getByRole('complementary').waitFor({ state: 'detached' });
  expect(await services()).toEqual(['users']);
});

test('it shows whom a preview would reach, and whose endpoint that is', async () => {
  await page.getByLabel('Who would these stages reach?').fill('pr-7 Production');
  await page.keyboard.press('Enter');
  const reached = async (service: string) => (await cell(service, 'reach').textContent())?.replace(/.*: /, '');
  expect(await reached('users')).toMatch(/^from pr-7/);
  expect(await reached('orders')).toMatch(/^from Production/);
  expect(await reached('billing')).toBe('not there');
});

test('the keyboard alone gets to a cell, into it, and back', async () => {
  await page.getByLabel('Filter').focus();
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.closest('[role=grid]') !== null)) break;
  }
  const focused = () => page.evaluate(() => document.activeElement?.querySelector('.unseen')?.textContent);
  expect(await focused()).toBe('billing in Production: ');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('users in pr-7: ');
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Home');
  expect(await focused()).toBe('orders in Production: ');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('orders in Production');
  await page.keyboard.press('Escape');
  expect(await focused()).toBe('orders in Production: ');
});

describe('changes', () => {
  test('traffic is shifted after the plan was shown, as the command does it', async () => {
    await cell('orders', 'Production').click();
    const panel = page.getByRole('complementary');
    await panel.getByText('Shift traffic').click();
    await panel.getByLabel(/^canary/).fill('30');
    await panel.getByRole('button', { name: 'Show the plan' }).first().click();
    await panel.getByText('weight orders/default 90 → 700').waitFor();
    await panel.getByRole('button', { name: 'Write this' }).click();
    await panel.getByText('Written.').waitFor();
    await panel.getByText('30 % of priority 0 (weight 300)').waitFor();
    await run('shift', 'orders', '--stage', 'Production', '--to', 'canary=10');
  });

  test('a record is registered and removed', async () => {
    await cell('billing', 'dev').click();
    const panel = page.getByRole('complementary');
    await panel.getByText('Register an endpoint').click();
    await panel.getByLabel('Target, a URL or an ARN').fill('ftp://nowhere');
    await panel.getByLabel('Id, default unless named').fill('second');
    await panel.getByRole('button', { name: 'Show the plan' }).first().click();
    expect(await panel.getByRole('alert').textContent()).toContain('The target');
    await panel.getByLabel('Target, a URL or an ARN').fill('http://localhost:4020');
    await panel.getByRole('button', { name: 'Show the plan' }).first().click();
    await panel.getByRole('button', { name: 'Write this' }).click();
    await panel.getByText('De-register second').click();
    await panel.getByLabel('Reason, for the log of changes').last().fill('it was a test');
    await panel.getByRole('button', { name: 'Show the plan' }).last().click();
    await panel.getByText(/^deregister billing\/second of cli:/).waitFor();
    await panel.getByRole('button', { name: 'Write this' }).click();
    await panel.getByText('De-register second').waitFor({ state: 'detached' });
  });

  test('a stage goes back to a published state', async () => {
    const folder = join(cwd, 'snapshots');
    await run('snapshot', '--stage', 'Production', '--out', join(cwd, 'Production.json'));
    await import('node:fs/promises').then(({ mkdir }) => mkdir(folder, { recursive: true }));
    await writeFile(join(folder, 'before.json'), readFileSync(join(cwd, 'Production.json')));
    await add('Production', 'users', 'http://localhost:4099', '--version', '3.0.0');
    const own = await startCommand(['console', '--no-network', '--stage', 'Production', '--folder', folder], { cwd });
    await page.goto(own.printed['link'] as string);
    await page.getByRole('button', { name: 'History of Production' }).click();
    const panel = page.getByRole('complementary');
    await panel.getByText('~ users/default target http://localhost:4099 → http://localhost:4003').waitFor();
    await panel.getByText('Roll back to this state').click();
    await panel.getByRole('button', { name: 'Show the plan' }).click();
    await panel.getByRole('button', { name: 'Write this' }).click();
    await panel.getByText('Written.').waitFor();
    await page.getByRole('button', { name: /^users in Production: 2\.0\.0/ }).waitFor();
    await page.goto('about:blank');
    await own.stop();
  });
});

test('a registry that stops answering is said, and what was read stays', async () => {
  await page.route('**/api/overview', (route) => route.abort());
  await add('dev', 'catalog', 'http://localhost:4010');
  await page.getByRole('alert').waitFor();
  expect(await services()).toEqual(['billing', 'users', 'orders']);
  await page.unroute('**/api/overview');
  await page.getByRole('button', { name: 'Try again' }).click();
  await cell('catalog', 'dev').waitFor();
  await run('deregister', 'catalog', '--stage', 'dev');
});

test('hostile names and values neither run, nor hide, nor look like others', async () => {
  const long = 'n'.repeat(128);
  await add('dev', long, 'http://localhost:4030', '--metadata', 'note=<img src=x onerror=document.title=1>');
  await add(
    'dev',
    'mirror',
    'http://localhost:4031',
    '--metadata',
    'note=\u202egnissim',
    '--owner',
    '\u202etset\u2066',
  );
  await cell(long, 'dev').click();
  const panel = page.getByRole('complementary');
  expect(await panel.textContent()).toContain('<img src=x onerror=document.title=1>');
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.title()).toBe('Services');
  await cell('mirror', 'dev').click();
  await panel.getByText(String.raw`\u{202e}tset\u{2066}`).waitFor();
  expect(await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent ?? ''))).toBe(false);
  expect(await overflow()).toBe(0);
  expect(noise).toEqual([]);
  await run('deregister', long, '--stage', 'dev');
  await run('deregister', 'mirror', '--stage', 'dev', '--owner', '\u202etset\u2066');
});

describe('is accessible', () => {
  const findViolations = async () => {
    // The policy of the page forbids a script of the test's; the protocol of the browser's tools does not.
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof AxeCore }).axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
  };

  test.each(['light', 'dark'] as const)('in %s, with and without details', async (colorScheme) => {
    dead.add('http://localhost:4003');
    await page.emulateMedia({ colorScheme });
    expect(await findViolations()).toEqual([]);
    await cell('orders', 'Production').click();
    for (const summary of await page.locator('.planner > summary').all()) await summary.click();
    expect(await findViolations()).toEqual([]);
  });

  test('at 400 % of a small screen nothing has to be scrolled sideways', async () => {
    await page.setViewportSize({ width: 320, height: 256 });
    expect(await overflow()).toBe(0);
    expect(await findViolations()).toEqual([]);
    await cell('orders', 'Production').click();
    expect(await overflow()).toBe(0);
    expect(await findViolations()).toEqual([]);
  });

  test('with forced colours', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    expect(await findViolations()).toEqual([]);
    expect(await page.locator('.share').first().isVisible()).toBe(true);
  });
});

/** By how many pixels the page is wider than its window. */
function overflow(): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
