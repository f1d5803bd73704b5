import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { inspect, promisify } from 'node:util';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startLocalRegistry } from '@amplify-discovery/local';
import { chromium } from 'playwright-core';
import { listPackages } from '../scripts/list-packages.js';

/**
 * Builds a small app with each framework from the packed packages, runs it, and looks that it has called two services by
 * name. The frameworks are installed from the lock files here into a cache outside the project, once.
 *
 * `npm run pack && npm run test:frameworks`, or `… -- vite-react next` for some. Needs Chromium.
 */
const root = resolve(import.meta.dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amplify-discovery/frameworks');
const packed = join(root, '.cache/packed');
const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

const inPage = (folder) => async (app) => {
  await app.run('npm', ['run', 'build']);
  const site = await serve(join(app.folder, folder));
  await expectPage(site.url);
  await site.close();
};
const apps = {
  'vite-react': inPage('dist'),
  'esbuild-iife': async (app) => {
    await app.run('npm', ['run', 'build']);
    cpSync(join(app.folder, 'index.html'), join(app.folder, 'dist/index.html'));
    const site = await serve(join(app.folder, 'dist'));
    await expectPage(site.url);
    await site.close();
  },
  parcel: inPage('dist'),
  angular: inPage('dist'),
  next: (app) => runNext(app, []),
  'next with webpack': (app) => runNext(app, ['--webpack']),
  'next dev': (app) => runNextDev(app, []),
  'next dev with webpack': (app) => runNextDev(app, ['--webpack']),
  metro: async (app) => {
    await app.run('node', ['bundle.mjs']);
    const output = await app.run('node', ['run-like-hermes.cjs']);
    expectText(output, 'users: Ada, Grace; orders: 2');
  },
  'jest-jsdom': (app) => app.run('npx', ['--no-install', 'jest']),
  'vitest-msw': (app) => app.run('npx', ['--no-install', 'vitest', 'run']),
};

const wanted = process.argv.slice(2);
const names = Object.keys(apps).filter((name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)));
const counts = { passed: 0, failed: 0 };
const environment = await startEnvironment();
try {
  for (const name of names) {
    const started = performance.now();
    try {
      await apps[name](await prepare(name.split(' ')[0]));
      counts.passed += 1;
      console.log(`ok   ${name} (${Math.round((performance.now() - started) / 1000)} s)`);
    } catch (error) {
      counts.failed += 1;
      console.log(`FAIL ${name}: ${inspect(error)}`);
    }
  }
} finally {
  await environment.stop();
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;

/** A registry with two services in it. */
async function startEnvironment() {
  const registry = await startLocalRegistry();
  const answer = { '/users': ['Ada', 'Grace'], '/orders': [{ id: 1 }, { id: 2 }] };
  const backend = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
    response.setHeader('content-type', 'application/json');
    const found = answer[request.url.split('?', 1)[0]];
    response.writeHead(found ? 200 : 404).end(JSON.stringify(found ?? null));
  });
  await new Promise((done) => backend.listen(0, '127.0.0.1', done));
  const target = `http://127.0.0.1:${backend.address().port}`;
  const services = ['user-management-service', 'order-service'];
  for (const service of services) {
    const owner = 'framework-tests';
    await registerEndpoint(sigv4Transport(registry), { stage: 'dev', service, kind: 'rest', target, owner });
  }
  const { url, region, apiKey } = registry;
  return {
    /** As `discovery dev` takes them. */
    serviceOptions: services.flatMap((service) => ['--service', `${service}=${target}`]),
    outputs: {
      version: '1.4',
      custom: {
        discovery: {
          registry: { url, region, auth: { mode: 'apiKey', apiKey } },
          stage: 'dev',
          trustedHosts: ['127.0.0.1:*'],
        },
      },
    },
    async stop() {
      backend.closeAllConnections();
      await new Promise((done) => backend.close(done));
      await registry.stop();
    },
  };
}

/** The app in the cache: its framework as locked, our packages as packed, its files as they are here. */
async function prepare(name) {
  const source = join(import.meta.dirname, name);
  const folder = join(cache, name);
  const lock = createHash('sha256')
    .update(readFileSync(join(source, 'package-lock.json')))
    .digest('hex');
  const stamp = join(folder, 'node_modules/.locked');
  // Not synchronously: the registry and the services that a test calls are in this process.
  const run = async (command, args) => {
    const env = { ...process.env, CI: '1', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: '' };
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: folder, env, maxBuffer: 2 ** 26 });
    return stdout + stderr;
  };
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(source, file), join(folder, file));
    await run('npm', ['ci', '--ignore-scripts']);
    writeFileSync(stamp, lock);
  }
  for (const file of readdirSync(folder)) {
    if (file !== 'node_modules') rmSync(join(folder, file), { recursive: true });
  }
  cpSync(source, folder, { recursive: true });
  writeFileSync(join(folder, 'amplify_outputs.json'), JSON.stringify(environment.outputs));
  installPacked(folder, 'amplify-discovery');
  return { folder, run };
}

/** Unpacks a package of ours with those that it depends on; what they need of others is copied from this workspace. */
function installPacked(folder, name) {
  const { manifest } = listPackages().find((one) => one.manifest.name === name);
  const target = join(folder, 'node_modules', name);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
  execFileSync('tar', ['-xzf', join(packed, file), '--strip-components=1', '-C', target]);
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (dependency.startsWith('@amplify-discovery/')) installPacked(folder, dependency);
    else if (!existsSync(join(folder, 'node_modules', dependency))) {
      cpSync(join(root, 'node_modules', dependency), join(folder, 'node_modules', dependency), { recursive: true });
    }
  }
}

async function runNext(app, options) {
  await app.run('node', [nextOf(app), 'build', ...options]);
  await whileNextRuns(app, ['start'], 'production', async (url) => {
    await expectPage(url);
    await expectRoutes(url);
  });
}

/** A development server whose outputs name a registry that does not exist, beside `discovery dev`. */
async function runNextDev(app, options) {
  const deployed = 'https://registry.example.com/graphql';
  const withRegistry = (url) => {
    const { discovery } = environment.outputs.custom;
    return JSON.stringify({ custom: { discovery: { ...discovery, registry: { ...discovery.registry, url } } } });
  };
  const outputs = join(app.folder, 'amplify_outputs.json');
  writeFileSync(outputs, withRegistry(deployed));
  cpSync(join(app.folder, 'next.config.discovery.mjs'), join(app.folder, 'next.config.mjs'));
  const program = join(root, 'packages/cli/dist/esm/main.js');
  const words = ['dev', '--port', '0', '--memory', '--json', ...environment.serviceOptions];
  const local = await startProgram([program, ...words], app.folder, {}, /^{.*}$/m);
  try {
    await whileNextRuns(app, ['dev', ...options], 'development', async (url) => {
      const expectRegistry = async (registry) => {
        const read = async () => (await fetch(`${url}/api/registry`)).json();
        const end = performance.now() + 30_000;
        let found = await read();
        while (found !== registry && performance.now() < end) found = await read();
        if (found !== registry) throw new Error(`the app has the registry ${found} instead of ${registry}`);
      };
      await expectRegistry(JSON.parse(local.found).url);
      // Compiles the page, which takes longer than a browser waits.
      await (await fetch(url)).text();
      await expectPage(url);
      await expectRoutes(url);
      await local.stop();
      // Turbopack's server-side Fast Refresh keeps a JSON file that has changed, whoever changes it.
      if (options.includes('--webpack')) await expectRegistry(deployed);
    });
  } finally {
    await local.stop();
  }
  writeFileSync(outputs, withRegistry('http://localhost:4440/graphql'));
  const refusal = await app.run('node', [nextOf(app), 'build', ...options]).then(
    () => '',
    ({ stdout, stderr }) => stdout + stderr,
  );
  expectText(refusal, 'names the registry http://localhost:4440/graphql, which is on this machine');
}

function nextOf(app) {
  return join(app.folder, 'node_modules/next/dist/bin/next');
}

/** What it printed says more than that it did not answer. */
async function whileNextRuns(app, words, mode, use) {
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: mode };
  const command = [nextOf(app), ...words, '--hostname', '127.0.0.1', '--port', '0'];
  const site = await startProgram(command, app.folder, env, /http:\/\/127\.0\.0\.1:\d+(?=\s)/);
  try {
    await use(site.found);
  } catch (cause) {
    throw new Error(`next ${words.join(' ')} printed: ${site.printed()}`, { cause });
  } finally {
    await site.stop();
  }
}

/** Starts a program of Node's, and waits until it prints what is awaited. */
async function startProgram(words, cwd, env, awaited) {
  const child = spawn('node', words, { cwd, env: { ...process.env, ...env } });
  const ended = new Promise((done) => child.once('exit', done));
  let output = '';
  const found = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const [match] = awaited.exec(output) ?? [];
      if (match) resolve(match);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => reject(new Error(`${words.join(' ')} has ended: ${output}`)));
  });
  return {
    found,
    printed: () => output,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

async function expectRoutes(url) {
  for (const path of ['/api/orders', '/users']) {
    const response = await fetch(url + path);
    const items = await response.json();
    if (items.length !== 2) throw new Error(`${path}: ${response.status} ${JSON.stringify(items)}`);
  }
}

async function serve(folder) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

async function expectPage(url) {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(url);
    for (const [id, text] of [
      ['users', 'Ada, Grace'],
      ['orders', '2 orders'],
    ]) {
      const found = page.locator(`#${id}`, { hasText: text });
      await found.waitFor({ timeout: 20_000 }).catch(async () => {
        throw new Error(`#${id} is "${await page.locator(`#${id}`).textContent()}"; errors: ${errors.join('; ')}`);
      });
    }
    const real = errors.filter((text) => !text.includes('favicon') && !text.includes('404'));
    if (real.length > 0) throw new Error(`the page says: ${real.join('; ')}`);
  } finally {
    await browser.close();
  }
}

function expectText(output, text) {
  if (!output.includes(text)) throw new Error(`It has not printed "${text}": ${output}`);
}
