import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createAuditFolder } from '@amplify-discovery/local/audit-folder';
import { createS3AuditStore } from '@amplify-discovery/publisher/audit';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import type { Shell } from '../src/terminal/shell.ts';
import { createFolder, runCommand } from './test-shell.ts';

const start = Date.parse('2026-03-01T12:00:00Z');
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const actor = 'arn:aws:iam::000000000000:user/local';
let registry: LocalRegistry;
let cwd: string;
let s3: TinyS3;

beforeAll(async () => {
  s3 = await startTinyS3();
});
afterAll(() => s3.stop());

/** A registry whose log has a week's changes, made by the commands themselves. */
beforeAll(async () => {
  cwd = await createFolder();
  fakeDate();
  registry = await startLocalRegistry({
    dataFolder: join(cwd, '.local/data'),
    credentialsFile: join(cwd, '.local/registry.json'),
  });
  const days = (count: number) => jest.setSystemTime(Date.now() + count * 86_400_000);
  await write('register', 'users', 'http://localhost:1');
  days(3);
  await write('register', 'users', 'http://localhost:2', '--weight', '10');
  await write('register', 'orders', 'http://localhost:3');
  await write('freeze', 'users', '--reason', 'incident 42', '--yes');
  days(3);
  await write('override', 'users', 'http://localhost:9', '--for', '2h', '--reason', 'incident 42', '--yes');
  await write('thaw', 'users', '--yes');
  await write('deregister', 'orders');
});
afterAll(async () => {
  jest.useRealTimers();
  await registry.stop();
  await rm(cwd, { recursive: true });
});

const run = (words: readonly string[], shell: Partial<Shell> = {}) =>
  runCommand(words, { cwd, env: { DISCOVERY_STAGE: 'dev' }, ...shell });
async function write(...words: string[]): Promise<void> {
  const { exitCode, stderr } = await run(words);
  if (exitCode !== 0) throw new Error(stderr);
}

/** The date alone: requests are signed and checked by it, and timers go on. */
function fakeDate(): void {
  const timers = [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'nextTick',
    'queueMicrotask',
    'performance',
    'hrtime',
  ] as const;
  const others = ['clearTimeout', 'clearInterval', 'clearImmediate'] as const;
  jest.useFakeTimers({ now: start, doNotFake: [...timers, ...others] });
}

describe('of the local registry', () => {
  test('shows who changed what since a week ago, with both values, reasons and the owner', async () => {
    const { exitCode, stdout, stderr } = await run(['audit']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      `2026-03-01T12:00:00Z registered dev/users/default by ${actor} for cli:ann: target http://localhost:1`,
      expect.stringMatching(
        /^2026-03-04T12:00:00Z updated dev\/users\/default .*: target http:\/\/localhost:1 -> http:\/\/localhost:2, weight 100 -> 10$/,
      ),
      `2026-03-04T12:00:00Z registered dev/orders/default by ${actor} for cli:ann: target http://localhost:3`,
      `2026-03-04T12:00:00Z rule-set freeze dev.users by ${actor}: stages dev; services users; reason "incident 42"`,
      expect.stringMatching(/^2026-03-07T12:00:00Z overridden dev\/users\/default .*incident 42/),
      `2026-03-07T12:00:00Z rule-removed freeze dev.users by ${actor}: stages dev; services users; reason "incident 42"`,
      `2026-03-07T12:00:00Z deregistered dev/orders/default by ${actor} for cli:ann`,
    ]);
  });

  test.each([
    [['orders'], ['registered', 'deregistered']],
    [
      ['users', '--since', '4d'],
      ['updated', 'rule-set', 'overridden', 'rule-removed'],
    ],
    [
      ['--since', '2026-03-02T00:00:00Z', '--until', '2d'],
      ['updated', 'registered', 'rule-set'],
    ],
    [['--stage', 'prod'], []],
  ])('%j are read alone', async (words, changes) => {
    const { exitCode, stdout } = await run(['audit', ...words, '--json']);
    const { entries } = JSON.parse(stdout) as { entries: { change: string }[] };
    expect({ exitCode, changes: entries.map(({ change }) => change) }).toEqual({ exitCode: 0, changes });
  });

  test.each([
    [['--since', 'yesterday'], '--since must be a period or a time'],
    [['--since', '1d', '--until', '2d'], '--since must be before --until'],
    [['--bucket', 'b', '--folder', 'f'], 'exclude each other'],
  ])('%j are refused', async (words, message) => {
    expect(await run(['audit', ...words])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  test('where no log is named says what to give', async () => {
    const outcome = await run(['audit', '--registry', 'https://registry.example.com/graphql']);
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('DISCOVERY_AUDIT_BUCKET') });
  });
});

describe('of a bucket', () => {
  const shell: Partial<Shell> = { findCredentials: async () => async () => credentials };
  const bucket = ['--bucket', 'log', '--bucket-region', 'eu-west-1'];
  const read = (...words: string[]) =>
    run(['audit', ...words], { ...shell, env: { AWS_ENDPOINT_URL_S3: s3.url, AWS_REGION: 'eu-west-1' } });

  beforeEach(async () => {
    const { put } = createS3AuditStore({
      bucket: 'log',
      region: 'eu-west-1',
      credentials: async () => credentials,
      endpoint: s3.url,
    });
    const folder = createAuditFolder(join(cwd, '.local/data/audit'));
    for await (const keys of folder.list({ from: '', until: '3' }))
      for (const key of keys) await put(key, (await folder.get(key)) as string);
  });

  test('reads the same as of a folder, also where no registry is configured', async () => {
    const fromFolder = await run(['audit']);
    expect(await read(...bucket)).toEqual(fromFolder);
    const elsewhere = await createFolder();
    const outcome = await runCommand(['audit', ...bucket], {
      ...shell,
      cwd: elsewhere,
      env: { AWS_ENDPOINT_URL_S3: s3.url },
    });
    await rm(elsewhere, { recursive: true });
    expect(outcome).toEqual(fromFolder);
  });

  test('that refuses, or without credentials, is an error that says so', async () => {
    s3.failWith(403);
    expect(await read(...bucket)).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('BucketDenied') });
    s3.failWith(undefined);
    const { exitCode } = await run(['audit', ...bucket], { env: { AWS_ENDPOINT_URL_S3: s3.url } });
    expect(exitCode).toBe(5);
  });
});

test('an entry that is gone is a gap, which ends with 1', async () => {
  const folder = join(cwd, '.local/data/audit/2026/03/04');
  const [first = ''] = (await readdir(folder)).sort();
  await rm(join(folder, first), { recursive: true });
  const { exitCode, stderr } = await run(['audit', 'users']);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'The log lacks a change of dev/users/default between 2026-03-01T12:00:00Z and 2026-03-07T12:00:00Z.\n',
  });
});
