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
  expect(JSON.parse((await run(...words, '--json')).stdout)).toMatchObject({ state: 'written', skipped: [] });
  expect(await readFile(join(cwd, 'conf/discovery.conf'), 'utf8')).toContain('localhost:3001');
});

test('an untrusted host gets no location, and that is reported', async () => {
  await run('register', 'users', 'http://localhost:3000');
  await run('register', 'evil', 'https://evil.example.com');
  const { stdout, stderr } = await run('export', 'nginx');
  expect(stdout).not.toContain('evil');
  expect(stderr).toContain('evil.example.com');
});

test.each([
  [['apache'], 'FORMAT must be nginx, api-catalog, mcp, openapi: it is "apache"'],
  [
    ['nginx', '--mount', '/api; return 200'],
    '--mount must be a path such as /api, without a slash at its end: it is "/api; return 200"',
  ],
  [['nginx', '--mount', 'api'], '--mount must be a path such as /api, without a slash at its end: it is "api"'],
  [
    ['nginx', '--listen', '80; include /etc/passwd'],
    '--listen must be an address, a port or both, such as 127.0.0.1:8080: it is "80; include /etc/passwd"',
  ],
  [['nginx', '--affinity-header', 'x"y'], '--affinity-header must be 1 to 64 of A-Z a-z 0-9 _ -: it is "x\\"y"'],
  [['nginx', '--affinity-cookie', 'a-b'], '--affinity-cookie must be 1 to 64 of A-Z a-z 0-9 _: it is "a-b"'],
  [
    ['nginx', '--resolver', 'a b'],
    '--resolver must be the address of a name server, such as 169.254.169.253: it is "a b"',
  ],
  [['nginx', '--ca-file', 'a b'], '--ca-file must be a path of 1 to 1024 of A-Z a-z 0-9 _ . / @ + -: it is "a b"'],
])(
  '%j is refused with the rule and the value, so that nothing but values gets into the configuration',
  async (words, message) => {
    const { exitCode, stdout, stderr } = await run('export', ...words);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
  },
);
