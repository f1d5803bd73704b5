import { readFile, stat } from 'node:fs/promises';
import { createServer, request as requestHttp, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFolder, runCommand, type Outcome } from './test-shell.ts';

interface Started {
  readonly url: string;
  readonly routerUrl: string;
  readonly apiKey: string;
}

/** `discovery dev` until it is stopped, as if by Ctrl-C. */
async function startDev(cwd: string, ...words: readonly string[]) {
  const interrupt = new AbortController();
  let done: Promise<Outcome> | undefined;
  const line = await new Promise<string>((resolve, reject) => {
    // Tests of apps run it in pipelines that nothing names.
    done = runCommand(['dev', '--json', ...words], {
      cwd,
      env: { CI: 'true' },
      signal: interrupt.signal,
      stdout: { isTty: false, write: resolve },
    });
    done.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  const stop = async () => {
    interrupt.abort();
    return (await done)?.exitCode;
  };
  return { ...(JSON.parse(line) as Started), stop };
}

let dev: Awaited<ReturnType<typeof startDev>>;
let cwd: string;
let service: Server;
const seen: string[] = [];

beforeAll(async () => {
  cwd = await createFolder();
  dev = await startDev(cwd, '--memory');
  service = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end('served');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await dev.stop();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

const run = (...words: string[]) => runCommand(words, { cwd });
const register = (stage: string, name: string, target: string) =>
  run('register', name, target, '--stage', stage, '--kind', 'http');
const target = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}/base`;

test('its credentials are for this user alone, and the other commands find them', async () => {
  const { mode } = await stat(join(cwd, '.local/registry.json'));
  if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600);
  expect(await run('register', 'users', 'http://localhost:3000', '--stage', 'found')).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  expect((await run('resolve', 'users', '--stage', 'found')).stdout).toBe('http://localhost:3000\n');
});

test('it says where everything is, and keeps its data and its credentials until the next start', async () => {
  const folder = await createFolder();
  const first = await startDev(folder);
  await runCommand(['register', 'users', 'http://localhost:3000', '--stage', 'kept'], { cwd: folder });
  expect(await first.stop()).toBe(0);
  await expect(fetch(first.url)).rejects.toThrow('fetch failed');

  let text = '';
  const interrupt = new AbortController();
  const second = runCommand(['dev'], {
    cwd: folder,
    signal: interrupt.signal,
    stdout: {
      isTty: false,
      write(lines) {
        text += lines;
        if (text.includes('Ctrl-C')) interrupt.abort();
      },
    },
  });
  expect((await second).exitCode).toBe(0);
  const { url, region, apiKey } = JSON.parse(await readFile(join(folder, '.local/registry.json'), 'utf8')) as Record<
    string,
    string
  >;
  expect(apiKey).toBe(first.apiKey);
  const [link = ''] = /http\S+#token=[\w-]{43}/.exec(text) ?? [];
  expect(link.startsWith(`${new URL(url ?? '').origin}/#`)).toBe(true);
  expect(text.split('\n')).toEqual([
    `Registry   ${url}`,
    `Router     ${new URL('/r', url).href}/STAGE/SERVICE/…`,
    `Console    ${link} (opens one window, within ten minutes)`,
    `API key    ${apiKey} (reads)`,
    `Region     ${region}`,
    'Credentials for writing are in .local/registry.json; commands run in this folder find them.',
    'Ctrl-C stops it.',
    '',
  ]);

  const third = await startDev(folder);
  expect((await runCommand(['list', '--stage', 'kept'], { cwd: folder })).stdout).toContain('http://localhost:3000');
  await third.stop();
});

test('a port that is taken ends with 2', async () => {
  const { port } = new URL(dev.url);
  const { exitCode, stderr } = await runCommand(['dev', '--port', port, '--memory'], { cwd: await createFolder() });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`Port ${port}`) });
});

test('the other commands can act as each identity that it is started with', async () => {
  const folder = await createFolder();
  const { stop } = await startDev(folder, '--memory', '--identity', 'team-a', '--identity', 'operator');
  const runAs = (name: string, ...words: string[]) => runCommand([...words, '--as', name], { cwd: folder });
  await runAs('team-a', 'rules', 'set', 'scope', 'one', '--verb', 'register', '--yes');
  await runAs('operator', 'rules', 'set', 'scope', 'two', '--verb', 'register', '--yes');
  const { stdout } = await runAs('operator', 'rules', '--json');
  const unknown = await runAs('team-b', 'rules');
  await stop();
  const { rules } = JSON.parse(stdout) as { rules: { name: string; actor: string }[] };
  expect(rules.map(({ name, actor }) => [name, actor]).sort()).toEqual([
    ['one', 'arn:aws:iam::000000000000:role/team-a'],
    ['two', 'arn:aws:iam::000000000000:role/operator'],
  ]);
  expect(unknown.stderr).toContain('discovery dev --identity team-b');
});

describe('its router', () => {
  test('reaches a service by stage and name the moment it is registered', async () => {
    const url = `${dev.routerUrl}/dev/users/list?page=1`;
    const before = await fetch(url);
    expect(before.status).toBe(404);
    await register('dev', 'users', target());
    const after = await fetch(url, { method: 'POST', body: 'x' });
    expect([after.status, await after.text()]).toEqual([200, 'served']);
    expect(seen).toEqual(['POST /base/list?page=1']);
    expect(await (await fetch(`${dev.routerUrl}/other/users/list`)).json()).toMatchObject({
      code: 'ServiceNotFound',
      stage: 'other',
    });
  });

  test('forwards to this machine only, unless other hosts are trusted', async () => {
    await register('dev', 'elsewhere', 'https://elsewhere.example.com');
    const answer = await fetch(`${dev.routerUrl}/dev/elsewhere/`);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'UntrustedEndpoint' });

    const folder = await createFolder();
    const { routerUrl, stop } = await startDev(folder, '--memory', '--trusted-host', 'elsewhere.example.com');
    const words = ['--stage', 'dev'];
    await runCommand(['register', 'local', target(), ...words], { cwd: folder });
    expect(await (await fetch(`${routerUrl}/dev/local/`)).json()).toMatchObject({ code: 'UntrustedEndpoint' });
    await stop();
  });

  test.each([
    ['another host name', { host: 'rebound.example.com' }],
    ['a page from elsewhere', { origin: 'https://evil.example.com' }],
    ['a page from elsewhere without CORS', { 'sec-fetch-site': 'cross-site' }],
  ])('refuses %s', async (_name, headers) => {
    await register('dev', 'guarded', target());
    const count = seen.length;
    const { port } = new URL(dev.url);
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

  test('lets a page of this machine in', async () => {
    await register('dev', 'own', target());
    const answer = await fetch(`${dev.routerUrl}/dev/own/`, { headers: { origin: 'http://localhost:3000' } });
    expect(answer.status).toBe(200);
  });

  test('has nothing to do with other paths', async () => {
    expect((await fetch(new URL('/rest/x', dev.url))).status).toBe(404);
  });
});
