import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import type { Shell } from '../src/terminal/shell.ts';
import { createStage } from './create-stage.ts';
import { runCommand, type Outcome } from './test-shell.ts';

/** A registry with services, and one that was built anew after it was lost. */
let lost: LocalRegistry;
let rebuilt: LocalRegistry;
let from: string;
let into: string;
let file: string;

beforeEach(async () => {
  lost = await startLocalRegistry();
  rebuilt = await startLocalRegistry();
  ({ cwd: from } = await createStage(lost));
  ({ cwd: into } = await createStage(rebuilt));
  file = join(from, 'registry.json');
  for (const service of ['users', 'orders', 'jobs']) await run(from, ['register', service, 'http://localhost:1']);
  await run(from, ['deregister', 'jobs']);
  await run(from, ['override', 'orders', 'http://localhost:2', '--for', '2h', '--reason', 'incident', '--yes']);
  await run(from, ['freeze', 'users', '--reason', 'release', '--yes']);
});
afterEach(async () => {
  await lost.stop();
  await rebuilt.stop();
});

const run = (cwd: string, words: readonly string[], shell: Partial<Shell> = {}): Promise<Outcome> =>
  runCommand(words, { cwd, ...shell, env: { DISCOVERY_STAGE: 'dev', ...shell.env } });
const readRegistry = async (cwd: string) => [
  (await run(cwd, ['list', '--owners', '--json'])).stdout,
  (await run(cwd, ['rules', '--json'])).stdout,
];

test('a registry comes back from its backup with owners, tokens, overrides and freezes', async () => {
  const before = await readRegistry(from);
  expect(await run(from, ['backup', 'registry.json'])).toEqual({
    exitCode: 0,
    stdout: `registry.json: 2 records, 1 removed record and 1 rule of ${lost.url}\n`,
    stderr: '',
  });
  const restored = await run(into, ['restore', file, '--yes']);
  expect(restored.exitCode).toBe(0);
  expect(restored.stderr).toContain(`It goes into another registry: ${rebuilt.url}`);
  expect(restored.stderr).toContain('Restored: 4 restored.');
  expect(restored.stdout).toContain('restore users/default in dev (http://localhost:1 of cli:ann)\n');
  expect(restored.stdout).toContain('restore freeze dev.users (freeze dev.users: stages dev; services users;');
  expect(await readRegistry(into)).toEqual(before);
  expect((await run(into, ['register', 'users', 'http://localhost:3'])).exitCode).toBe(4);
  expect(await run(into, ['restore', file, '--yes'])).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: expect.stringContaining('Nothing is to be restored.'),
  });
});

test('nothing is written without an answer', async () => {
  await run(from, ['backup', 'registry.json']);
  const plan = await run(into, ['restore', file]);
  expect(plan.stderr).toContain('Nothing was written. Use --yes to write.');
  expect(JSON.parse((await run(into, ['restore', file, '--json'])).stdout)).toMatchObject({
    isDone: false,
    counts: { restored: 4 },
  });
  expect((await run(into, ['restore', file], { findAnswer: async () => 'no' })).stderr).toContain(
    'Nothing was written',
  );
  expect((await run(into, ['stages'])).stdout).toBe('');
});

test('what was written since the backup stays, and the plan says so', async () => {
  await run(from, ['backup', 'registry.json']);
  await run(into, ['register', 'users', 'http://localhost:9', '--owner', 'stack-2']);
  const { stdout, stderr } = await run(into, ['restore', file, '--yes']);
  expect(stdout).toContain(
    'keep    users/default in dev (http://localhost:1 of cli:ann): the registry has a newer one, (http://localhost:9 of stack-2)\n',
  );
  expect(stderr).toContain('Restored: 3 restored.');
  expect((await run(into, ['resolve', 'users'])).stdout).toBe('http://localhost:9\n');
});

test('a restoration that is interrupted says how far it came, and goes on when it is run again', async () => {
  await run(from, ['backup', 'registry.json']);
  let writes = 0;
  const breaking: typeof globalThis.fetch = async (url, init) => {
    const isWrite = String(init?.body).includes('"dryRun":false');
    if (isWrite && (writes += 1) > 2) throw new Error('the line is down');
    return fetch(url, init);
  };
  const broken = await run(into, ['restore', file, '--yes'], { fetch: breaking });
  expect(broken).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(/the line is down.*of 4 rows were restored/),
  });
  expect(broken.stderr).toContain('Run it again');
  expect((await run(into, ['restore', file, '--yes'])).stderr).toMatch(/Restored: [12] restored/);
  expect(await readRegistry(into)).toEqual(await readRegistry(from));
});

describe('a file that cannot be restored loses nothing', () => {
  const tryToRestore = async (change: (text: string) => string) => {
    await run(from, ['backup', 'registry.json']);
    await writeFile(file, change(await readFile(file, 'utf8')));
    const outcome = await run(into, ['restore', file, '--yes']);
    expect((await run(into, ['stages'])).stdout).toBe('');
    expect((await run(into, ['rules', '--json'])).stdout).toContain('[]');
    return outcome;
  };
  const withoutSum = (text: string) => text.replace(/ {2}"sha256".*\n/, '');

  test.each<[string, (text: string) => string, number, string]>([
    ['half of one', (text) => text.slice(0, text.length / 2), 2, 'is not JSON'],
    ['a damaged one', (text) => text.replace('localhost:1', 'localhost:8'), 2, 'is damaged, or was edited'],
    [
      'one row that the registry does not take',
      (text) => withoutSum(text).replace('http://localhost:1', 'http://evil.example.com'),
      7,
      'The registry refuses 1 of 4 rows, so nothing was written. restoreRow of "orders#default" in "dev"',
    ],
    ['one of a later contract', (text) => withoutSum(text).replace('"weight"', '"load"'), 7, 'upgrade it first'],
  ])('%s', async (_, change, exitCode, message) => {
    expect(await tryToRestore(change)).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
  });

  test('and neither does a missing file, nor one that is not a backup', async () => {
    expect(await run(into, ['restore', 'none.json'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('BACKUP: ENOENT'),
    });
    expect(await run(into, ['restore', 's3://b'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('s3://BUCKET/KEY'),
    });
    expect((await run(into, ['restore'])).stderr).toContain('BACKUP is missing');
  });
});

describe('in a bucket', () => {
  let s3: TinyS3;
  beforeEach(async () => {
    s3 = await startTinyS3();
  });
  afterEach(() => s3.stop());
  const shell = (): Partial<Shell> => ({
    env: { DISCOVERY_STAGE: 'dev', AWS_ENDPOINT_URL_S3: s3.url },
    findCredentials: async () => async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
  });

  test('a backup is written, written over, and restored', async () => {
    const reference = 's3://backups/nightly/registry.json';
    expect((await run(from, ['backup', reference], shell())).exitCode).toBe(0);
    await run(from, ['register', 'more', 'http://localhost:5']);
    expect((await run(from, ['backup', reference], shell())).stdout).toContain('3 records');
    expect(s3.versionsOf('/backups/nightly/registry.json')).toHaveLength(2);
    expect(s3.versionsOf('/backups/nightly/registry.json')[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    expect((await run(into, ['restore', reference, '--yes'], shell())).stderr).toContain('Restored: 5 restored.');
    expect(await readRegistry(into)).toEqual(await readRegistry(from));
  });

  test('one that is not there, a bucket that refuses, and missing credentials are said', async () => {
    const restore = (more: Partial<Shell> = {}) => run(into, ['restore', 's3://backups/none'], { ...shell(), ...more });
    expect(await restore()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('there is no s3://backups/none'),
    });
    s3.failWith(403);
    expect((await restore()).exitCode).toBe(5);
    const denied = await restore({ findCredentials: () => Promise.reject(new Error('no profile')) });
    expect(denied).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('The bucket needs AWS credentials') });
  });
});
