import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { listPackages } from '../scripts/list-packages.js';
import { packPackage } from '../scripts/pack-package.js';

/**
 * Runs the recipes of docs/testing.md as projects of their own: other people's packages from the lock file here, in a cache outside the
 * project, ours as they are published. `npm run build && npm run test:recipes`, or `… -- jest` for some. Needs Chromium.
 */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amplify-discovery/recipes');
const CHROMIUM_PATH = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const node22 = join(cache, '../node-22/bin');
const node24 = join(cache, '../node-24/bin');

const recipes = {
  node: ({ run }) => run('npm', ['test']),
  // It runs TypeScript and `await using` as they are.
  'node on Node 24': ({ run }) =>
    existsSync(node24)
      ? run('node', ['--test', 'order-report.test.ts'], { PATH: `${node24}:${process.env.PATH}` })
      : 'there is no Node 24 in the cache: .ci/run installs it',
  jest: ({ run }) => run('npx', ['--no-install', 'jest']),
  vitest: ({ run }) => run('npx', ['--no-install', 'vitest', 'run']),
  // MSW 3 and nock 15 need it.
  'vitest on Node 22': ({ run }) =>
    existsSync(node22)
      ? run('npx', ['--no-install', 'vitest', 'run'], { PATH: `${node22}:${process.env.PATH}` })
      : 'there is no Node 22 in the cache: .ci/run installs it',
  playwright: ({ run }) => run('npx', ['--no-install', 'playwright', 'test']),
  storybook: runStorybook,
};

const wanted = process.argv.slice(2);
const names = Object.keys(recipes).filter(
  (name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)),
);
const counts = { passed: 0, failed: 0, skipped: 0 };
mkdirSync(cache, { recursive: true });
const tarballs = packOurs();
for (const name of names) {
  const started = performance.now();
  try {
    const outcome = await recipes[name](await prepare(name.split(' ')[0]));
    const skipped = typeof outcome === 'string' ? outcome : undefined;
    counts[skipped ? 'skipped' : 'passed'] += 1;
    console.log(
      skipped ? `skipped: ${name}: ${skipped}` : `ok   ${name} (${Math.round((performance.now() - started) / 1000)} s)`,
    );
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL ${name}: ${error.stack}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;

/** The kit, and all of ours that it needs, as they would be published. */
function packOurs() {
  const packages = new Map(listPackages().map((one) => [one.manifest.name, one]));
  const needed = new Set(['@amplify-discovery/testing']);
  for (const name of needed) {
    const { dependencies, peerDependencies } = packages.get(name).manifest;
    for (const other of Object.keys({ ...dependencies, ...peerDependencies }))
      if (packages.has(other)) needed.add(other);
  }
  const folder = join(cache, 'packed');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return [...needed].map((name) => resolve(packPackage(packages.get(name).folder, folder)));
}

/** The recipe in the cache, installed. */
async function prepare(name) {
  const source = join(import.meta.dirname, name);
  const folder = join(cache, name);
  const run = async (command, args, more = {}) => {
    const env = { ...process.env, CI: '1', NO_COLOR: '1', NODE_ENV: '', CHROMIUM_PATH, ...more };
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: folder, env, maxBuffer: 2 ** 26 });
    return { output: stdout + stderr };
  };
  const install = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  await onChange(join(folder, 'node_modules/.locked'), lock, async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(source, file), join(folder, file));
    await run('npm', ['ci', ...install]);
  });
  for (const file of readdirSync(folder)) {
    if (file !== 'node_modules') rmSync(join(folder, file), { recursive: true });
  }
  cpSync(source, folder, { recursive: true });
  const packed = tarballs.map((file) => readFileSync(file, 'base64')).join();
  await onChange(join(folder, 'node_modules/.packed'), packed, () =>
    run('npm', ['install', '--no-save', ...install, ...tarballs]),
  );
  return { folder, run };
}

/** Does it when this is not what the stamp says was done last. */
async function onChange(stamp, content, act) {
  const hash = createHash('sha256').update(content).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await act();
  writeFileSync(stamp, hash);
}

/** Each story of the built Storybook, in Chromium. */
async function runStorybook({ folder, run }) {
  await run('npm', ['run', 'build']);
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const built = join(folder, 'storybook-static');
  const server = createServer((request, response) => {
    const file = join(built, new URL(request.url, 'http://localhost').pathname);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response
      .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/json' })
      .end(readFileSync(file));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    for (const [story, text] of [
      ['orders--two', /^2 orders$/],
      ['orders--none', /^No orders/],
    ]) {
      await page.goto(`http://127.0.0.1:${server.address().port}/iframe.html?id=${story}&viewMode=story`);
      await page.locator('#orders').filter({ hasText: text }).waitFor({ timeout: 20_000 });
    }
  } finally {
    await browser.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}
