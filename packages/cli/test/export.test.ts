import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

let registry: LocalRegistry;
let cwd: string;
let stage: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  ({ cwd, stage } = await createStage(registry));
});

const run = (...words: string[]) => runCommand(words, { cwd, env: { DISCOVERY_STAGE: stage } });

test('a whole server serves each service, and its two parts are the same text', async () => {
  await run('register', 'users', 'http://localhost:3000');
  const { exitCode, stdout, stderr } = await run('export', 'nginx', '--mount', '/api', '--listen', '8088');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('listen 8088;');
  expect(stdout).toContain('"/api/"');
  expect(stdout).toContain('# users default');
  expect(stdout).toContain('localhost:3000');
  for (const part of ['http', 'server']) {
    const only = await run('export', 'nginx', '--mount', '/api', '--part', part);
    expect(stdout).toContain(only.stdout.trimEnd());
  }
});

test('a file is written when the stage has changed, and only then', async () => {
  await run('register', 'users', 'http://localhost:3000');
  const words = ['export', 'nginx', '--out', 'conf/discovery.conf'];
  expect((await run(...words)).stdout).toBe('conf/discovery.conf: written, reload nginx\n');
  expect((await run(...words)).stdout).toBe('conf/discovery.conf: up to date\n');
  await run('register', 'users', 'http://localhost:3001');
  expect(JSON.parse((await run(...words, '--json')).stdout)).toMatchObject({ state: 'written', left: [] });
  expect(await readFile(join(cwd, 'conf/discovery.conf'), 'utf8')).toContain('localhost:3001');
});

test('a host that is not trusted gets no location, and that is told', async () => {
  await run('register', 'users', 'http://localhost:3000');
  await run('register', 'evil', 'https://evil.example.com');
  const { stdout, stderr } = await run('export', 'nginx');
  expect(stdout).not.toContain('evil');
  expect(stderr).toContain('evil.example.com');
});

test.each([
  [['apache']],
  [['nginx', '--mount', '/api; return 200']],
  [['nginx', '--listen', '80; include /etc/passwd']],
  [['nginx', '--affinity-header', 'x"y']],
])('%j is refused with 2, so that nothing but values gets into the configuration', async (words) => {
  expect(await run('export', ...words)).toMatchObject({ exitCode: 2, stdout: '' });
});
