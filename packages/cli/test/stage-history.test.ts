import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createLocalKey } from '@amplify-discovery/snapshots/seal';
import type { Shell } from '../src/terminal/shell.ts';
import { createStage } from './create-stage.ts';
import { startBucket, type Bucket } from './start-bucket.ts';
import { runCommand } from './test-shell.ts';

let registry: LocalRegistry;
let bucket: Bucket;
let cwd: string;
let stage: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
  bucket = await startBucket();
});
afterAll(async () => {
  bucket.stop();
  await registry.stop();
});
beforeEach(async () => {
  ({ cwd, stage } = await createStage(registry));
  await mkdir(join(cwd, 'kept'));
});

function run(words: readonly string[], shell: Partial<Shell> = {}) {
  const findCredentials = async () => async () => ({ accessKeyId: 'local', secretAccessKey: 'local' });
  return runCommand(words, { cwd, env: { AWS_ENDPOINT_URL_S3: bucket.url }, findCredentials, ...shell });
}

const register = (service: string, port: number, ...words: string[]) =>
  run(['register', service, `http://localhost:${port}`, '--stage', stage, ...words]);
const save = (file: string, ...words: string[]) => run(['snapshot', stage, '--out', file, ...words]);
const read = (file: string) => readFile(join(cwd, file));

async function listTargets() {
  const { stdout } = await run(['list', '--stage', stage, '--json']);
  const { endpoints } = JSON.parse(stdout) as { endpoints: { service: string; target: string }[] };
  return endpoints.map(({ service, target }) => `${service} ${target}`).sort();
}

/** A fetch that runs something just before the write with this number. */
function beforeWrite(number: number, meddle: () => Promise<unknown>): typeof globalThis.fetch {
  let writes = 0;
  return async (input, init) => {
    if (`${init?.body}`.includes('mutation') && (writes += 1) === number) await meddle();
    return fetch(input, init);
  };
}

describe('a folder of snapshot files', () => {
  beforeEach(async () => {
    await register('users', 1);
    await save('kept/a-first.json');
    await register('users', 2);
    for (const [index, service] of ['a', 'b', 'c', 'd'].entries()) await register(service, index + 3);
    await save('kept/z-second.json');
    await save('kept/m.public.json', '--public');
  });

  test('is a history in publication order, whatever the file names', async () => {
    const { exitCode, stdout, stderr } = await run(['history', stage, '--folder', 'kept', '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { snapshots } = JSON.parse(stdout) as { snapshots: { version: string; sequence: number }[] };
    expect(snapshots).toMatchObject([
      {
        version: 'z-second.json',
        endpoints: 5,
        added: ['a/default', 'b/default', 'c/default', 'd/default'],
        changed: ['users/default'],
      },
      { version: 'a-first.json', endpoints: 1, added: ['users/default'] },
    ]);
    expect(snapshots[0]?.sequence).toBeGreaterThan(snapshots[1]?.sequence ?? Infinity);
    const table = await run(['history', stage, '--folder', 'kept', '--limit', '1']);
    expect(table.stdout.split('\n')[1]).toMatch(
      /^z-second\.json .* \+a\/default \+b\/default \+c\/default and 2 more$/,
    );
    expect(table.stdout).not.toContain('a-first');
  });

  test('an unusable file is named and does not hide the others', async () => {
    await writeFile(join(cwd, 'kept/bad.json'), '{"\u001b[31m":1}');
    const { exitCode, stdout, stderr } = await run(['history', stage, '--folder', 'kept']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('a-first.json');
    expect(stderr).toContain('bad.json can not be used: ');
    expect(stdout + stderr).not.toContain('\u001b');
  });

  test('with a trusted key an unsigned file cannot be rolled back to', async () => {
    const { d, ...trusted } = await createLocalKey('one');
    await writeFile(join(cwd, 'key.json'), JSON.stringify({ ...trusted, d }));
    await writeFile(join(cwd, 'trusted.json'), JSON.stringify([trusted]));
    await save('kept/signed.json', '--key', 'key.json');
    const options = ['--folder', 'kept', '--trusted-keys', 'trusted.json'];
    const { stdout } = await run(['history', stage, ...options, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      snapshots: [
        { version: 'signed.json', endpoints: 5 },
        { version: 'a-first.json', fault: expect.stringContaining('is not signed') },
        { version: 'z-second.json', fault: expect.stringContaining('is not signed') },
      ],
    });
    expect((await run(['rollback', stage, '--to', 'a-first.json', '--yes', ...options])).exitCode).toBe(7);
    expect(await listTargets()).toContain('users http://localhost:2');
    expect((await run(['rollback', stage, '--to', 'signed.json', '--yes', ...options])).exitCode).toBe(0);
  });

  test('diff and rollback take its versions', async () => {
    const { stdout } = await run(['diff', stage, 'a-first.json', 'z-second.json', '--folder', 'kept', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      stage,
      differences: [
        { service: 'a', fields: [] },
        { service: 'b' },
        { service: 'c' },
        { service: 'd' },
        { service: 'users', fields: ['target'], before: { target: 'http://localhost:1' } },
      ],
    });
    await run(['rollback', stage, '--to', 'a-first.json', '--folder', 'kept', '--yes']);
    expect(await listTargets()).toContain('users http://localhost:1');
  });
});

test('an unusable version in a bucket does not hide the others', async () => {
  await register('users', 1);
  await save('published.json');
  bucket.put(`${stage}.json`, `${stage}-one`, '2026-01-01T00:00:00.000Z', await read('published.json'));
  bucket.put(`${stage}.json`, `${stage}-two`, '2026-01-02T00:00:00.000Z', Buffer.from('{}'));
  const options = ['--bucket', 'snapshots', '--bucket-region', 'eu-west-1'];
  const { stdout } = await run(['history', stage, ...options, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    snapshots: [
      { version: `${stage}-two`, fault: expect.any(String) },
      { version: `${stage}-one`, endpoints: 1 },
    ],
  });
  await register('users', 2);
  await save('now.json');
  expect((await run(['diff', stage, `${stage}-one`, 'now.json', ...options])).stdout).toBe(
    '~ users/default target: http://localhost:1 -> http://localhost:2\n',
  );
});

test('diff takes the current registry as either side, and the stage as first argument', async () => {
  await register('users', 1);
  await save('before.json');
  await register('users', 2);
  const change = (from: number, to: number) =>
    `~ users/default target: http://localhost:${from} -> http://localhost:${to}\n`;
  expect((await run(['diff', stage, 'before.json', 'current'])).stdout).toBe(change(1, 2));
  expect((await run(['diff', stage, 'current', 'before.json'])).stdout).toBe(change(2, 1));
  expect((await run(['diff', 'before.json', '--stage', stage])).stdout).toBe(change(1, 2));
  expect((await run(['diff', stage, 'before.json', 'current', '--stage', 'other'])).exitCode).toBe(2);
  expect((await run(['diff', '--stage', stage])).exitCode).toBe(2);
  expect((await run(['history', stage, '--bucket', 'b', '--folder', 'kept'])).exitCode).toBe(2);
});

test('a record cannot control the terminal', async () => {
  await register('users', 1, '--metadata', 'note=plain');
  await save('before.json');
  const hostile = String(await read('before.json'))
    .replace('plain', String.raw`\\u001b]0;owned\\u0007\\nforged`)
    .replace('"revision":"', String.raw`"revision":"\u001b]0;owned\u0007\nforged`);
  await writeFile(join(cwd, 'kept/hostile.json'), hostile);
  for (const words of [
    ['diff', stage, 'kept/hostile.json', 'current'],
    ['history', stage, '--folder', 'kept'],
    ['rollback', stage, '--to', 'kept/hostile.json'],
  ]) {
    const { exitCode, stdout, stderr } = await run(words);
    expect(exitCode).toBe(0);
    expect(stdout).not.toBe('');
    for (const text of ['\u001b', '\u0007', '\nforged']) expect(stdout + stderr).not.toContain(text);
  }
});

describe('rollback', () => {
  beforeEach(async () => {
    await register('users', 1);
    await save('before.json');
    await register('users', 2);
    await register('jobs', 3);
  });

  test.each([
    ['y', ['users http://localhost:1'], '1 of 1 steps were written.\n'],
    ['YES ', ['users http://localhost:1'], '1 of 1 steps were written.\n'],
    ['n', ['users http://localhost:2'], 'Nothing was written. Use --yes to write.\n'],
    ['', ['users http://localhost:2'], 'Nothing was written. Use --yes to write.\n'],
    [undefined, ['users http://localhost:2'], 'Nothing was written. Use --yes to write.\n'],
  ])('after the answer %p', async (answer, targets, remark) => {
    const asked: string[] = [];
    const { exitCode, stdout, stderr } = await run(['rollback', stage, '--to', 'before.json'], {
      findAnswer: async (question) => {
        asked.push(question);
        return answer;
      },
    });
    expect(asked).toEqual([`Write 1 step to ${stage}? [y/N] `]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: remark });
    expect(stdout).toContain('register   users/default http://localhost:1 (target)');
    expect(await listTargets()).toEqual(['jobs http://localhost:3', ...targets]);
  });

  test('there is no question with --yes, with --json, or when nothing is to be written', async () => {
    const findAnswer = () => Promise.reject(new Error('this is not asked'));
    const dry = await run(['rollback', stage, '--to', 'before.json', '--json'], { findAnswer });
    expect(JSON.parse(dry.stdout)).toMatchObject({ isDone: false, written: 0 });
    expect(await listTargets()).toContain('users http://localhost:2');
    const done = await run(['rollback', stage, '--to', 'before.json', '--json', '--yes'], { findAnswer });
    expect(JSON.parse(done.stdout)).toMatchObject({ isDone: true, written: 1 });
    expect((await run(['rollback', stage, '--to', 'before.json'], { findAnswer })).exitCode).toBe(0);
  });

  test('an added endpoint that has changed since it was read is not removed, and that is reported', async () => {
    const meddling = beforeWrite(1, () => register('jobs', 4));
    const words = ['rollback', stage, '--to', 'before.json', '--remove-added', '--yes'];
    const { exitCode, stderr } = await run(words, { fetch: meddling });
    expect(exitCode).toBe(6);
    expect(stderr).toContain('jobs/default');
    expect(stderr).toContain('(0 of 2 steps were written before)');
    expect(await listTargets()).toContain('jobs http://localhost:4');
  });

  test('an added endpoint that is gone already needs no removal', async () => {
    const meddling = beforeWrite(1, () => run(['deregister', 'jobs', '--stage', stage]));
    const words = ['rollback', stage, '--to', 'before.json', '--remove-added', '--yes'];
    expect((await run(words, { fetch: meddling })).exitCode).toBe(0);
    expect(await listTargets()).toEqual(['users http://localhost:1']);
  });

  test('a key that another owner has taken in the meantime stays theirs', async () => {
    await run(['deregister', 'users', '--stage', stage]);
    const meddling = beforeWrite(1, () => register('users', 9, '--owner', 'stack-two'));
    const { exitCode } = await run(['rollback', stage, '--to', 'before.json', '--yes'], { fetch: meddling });
    expect(exitCode).toBe(4);
    expect(await listTargets()).toContain('users http://localhost:9');
  });
});
