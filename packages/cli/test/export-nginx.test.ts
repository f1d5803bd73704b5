import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

const nginx = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find(
  (path) => path !== undefined && existsSync(path),
);

let registry: LocalRegistry;
let cwd: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  ({ cwd } = await createStage(registry));
});

const run = (...words: string[]) => runCommand(words, { cwd });
const readConfiguration = () => readFile(join(cwd, 'discovery.conf'), 'utf8');

test('an unknown name leaves the file unchanged', async () => {
  await run('register', 'users', 'http://localhost:3000', '--stage', 'kept');
  expect((await run('export', 'nginx', 'kept', '--out', 'discovery.conf')).exitCode).toBe(0);
  const before = await readConfiguration();
  expect(before).toContain('# users default');
  expect((await run('export', 'nginx', 'mistyped', '--out', 'discovery.conf')).exitCode).toBe(3);
  const unknown = await run(
    'export',
    'nginx',
    'kept',
    '--service',
    'users',
    '--service',
    'nope',
    '--out',
    'discovery.conf',
  );
  expect(unknown).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('"nope"') });
  const untrusted = await run(
    'export',
    'nginx',
    'kept',
    '--trusted-host',
    'api.example.com',
    '--out',
    'discovery.conf',
  );
  expect(untrusted).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('localhost:3000') });
  expect(await readConfiguration()).toBe(before);
});

test('hosts are looked up by the name server that is named', async () => {
  await run('register', 'users', 'https://users.example.com', '--stage', 'looked-up');
  const words = ['export', 'nginx', 'looked-up', '--trusted-host', '*.example.com'];
  const { stdout } = await run(...words, '--resolver', '169.254.169.253', '--ca-file', '/etc/ca.pem');
  expect(stdout).toContain('resolver "169.254.169.253";');
  expect(stdout).toContain('proxy_ssl_trusted_certificate "/etc/ca.pem";');
});

test.each([
  ['a cookie that nginx has no variable for', ['--affinity-cookie', 'a-b']],
  ['more than a name server', ['--resolver', '1.1.1.1; return 200']],
  ['more than a file', ['--ca-file', '/etc/ca.pem"; evil']],
  ['two stages', ['--stage', 'other']],
])('%s is refused with 2', async (_, words) => {
  expect(await run('export', 'nginx', 'any', ...words)).toMatchObject({ exitCode: 2, stdout: '' });
});

const isRequired = nginx !== undefined || process.env.CI !== undefined;

const withNginx = isRequired ? describe : describe.skip;

withNginx('the real nginx', () => {
  test('accepts the whole server, included in its http block', async () => {
    await run('register', 'users', 'http://localhost:3000', '--stage', 'accepted', '--weight', '90');
    await run(
      'register',
      'users',
      'http://localhost:3001/base',
      '--id',
      'canary',
      '--stage',
      'accepted',
      '--weight',
      '10',
    );
    const words = ['--mount', '/api', '--affinity-header', 'x-user', '--affinity-cookie', 'session'];
    await run('export', 'nginx', 'accepted', '--out', 'discovery.conf', ...words);
    const file = join(cwd, 'nginx.conf');
    await writeFile(file, `pid ${cwd}/pid;\nevents {}\nhttp { include ${cwd}/discovery.conf; }\n`);
    const checking = promisify(execFile)(nginx ?? 'nginx', ['-t', '-p', cwd, '-c', file, '-e', join(cwd, 'error.log')]);
    await expect(checking).resolves.toMatchObject({ stderr: expect.stringContaining('test is successful') });
  });
});
