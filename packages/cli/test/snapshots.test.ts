import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { openSnapshot } from '@amplify-discovery/snapshots';
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
});

function run(words: readonly string[], shell: Partial<Shell> = {}) {
  const env = { DISCOVERY_STAGE: stage, AWS_ENDPOINT_URL_S3: bucket.url };
  const findCredentials = async () => async () => ({ accessKeyId: 'local', secretAccessKey: 'local' });
  return runCommand(words, { cwd, env, findCredentials, ...shell });
}

const register = (service: string, port: number, ...words: string[]) =>
  run(['register', service, `http://localhost:${port}`, ...words]);
const read = (file: string) => readFile(join(cwd, file));

async function listTargets() {
  const { stdout } = await run(['list', '--owners', '--json']);
  const { endpoints } = JSON.parse(stdout) as {
    endpoints: { service: string; id: string; target: string; owner: string }[];
  };
  return endpoints.map(({ service, id, target, owner }) => `${service}/${id} ${target} ${owner}`).sort();
}

describe('snapshot', () => {
  test('writes what the publisher would, valid for the given days', async () => {
    await register('users', 1);
    await register('orders', 2);
    const { exitCode, stdout } = await run(['snapshot', '--days', '2']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${stage}.json: written, 2 endpoints of ${stage}\n` });
    const document = await openSnapshot(await read(`${stage}.json`), { stage });
    expect(document.endpoints).toHaveLength(2);
    expect(document.expiresAt - document.issuedAt).toBe(2 * 86_400_000);
    await run(['snapshot', '--public', '--out', 'public.json']);
    const { endpoints } = await openSnapshot(await read('public.json'), { stage });
    // A registry on this machine has everything public.
    expect(endpoints).toHaveLength(2);
    expect((await readdir(cwd)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('leaves an unchanged file alone, and increases the sequence of a changed one', async () => {
    await register('users', 1);
    await run(['snapshot']);
    const before = await stat(join(cwd, `${stage}.json`), { bigint: true });
    const first = await openSnapshot(await read(`${stage}.json`), { stage });
    expect((await run(['snapshot'])).stdout).toContain('up to date');
    expect((await stat(join(cwd, `${stage}.json`), { bigint: true })).mtimeNs).toBe(before.mtimeNs);
    await register('orders', 2);
    await run(['snapshot'], { now: () => first.issuedAt });
    expect((await openSnapshot(await read(`${stage}.json`), { stage })).sequence).toBe(first.sequence + 1);
  });

  test('signs with a key, which its public half verifies and another does not', async () => {
    await register('users', 1);
    const { d, ...trusted } = await createLocalKey('one');
    await writeFile(join(cwd, 'key.json'), JSON.stringify({ ...trusted, d }));
    await run(['snapshot', '--key', 'key.json']);
    const bytes = await read(`${stage}.json`);
    await expect(openSnapshot(bytes, { stage, trustedKeys: [trusted] })).resolves.toMatchObject({ stage });
    const { d: _, ...other } = await createLocalKey('one');
    await expect(openSnapshot(bytes, { stage, trustedKeys: [other] })).rejects.toMatchObject({
      code: 'SignatureInvalid',
    });
  });

  const part = 'A'.repeat(43);
  const key = { kid: 'one', kty: 'EC', crv: 'P-256', x: part, y: part, d: part };
  test.each([
    ['text that is not JSON', 'x', '--key: key.json: is not valid JSON'],
    ['a list', [key], '--key: key.json: expected object, found Array'],
    ['the public half', { ...key, d: undefined }, '--key: key.json: d: is missing'],
    ['another kind', { ...key, kty: 'RSA' }, '--key: key.json: kty: expected "EC", found "RSA"'],
    ['no kid', { ...key, kid: '' }, '--key: key.json: kid: must not be empty'],
    ['what is not base64url', { ...key, d: 'a=' }, '--key: key.json: d: must be 43 characters of base64url'],
    ['no point of the curve', key, '--key: key.json: is not a P-256 key that can sign'],
  ])('a key file with %s is refused with what is wrong in it', async (_, content, message) => {
    await writeFile(join(cwd, 'key.json'), typeof content === 'string' ? content : JSON.stringify(content));
    const { exitCode, stderr } = await run(['snapshot', '--key', 'key.json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  test.each([
    ['a key file that is not there', ['--key', 'nope.json']],
    ['a folder in place of the file', ['--out', '.local']],
  ])('%s ends with 2', async (_, words) => {
    expect((await run(['snapshot', ...words])).exitCode).toBe(2);
  });
});

describe('diff and rollback', () => {
  beforeEach(async () => {
    await register('users', 1, '--version', '1.0.0', '--owner', 'stack-one');
    await register('orders', 2);
    await run(['snapshot', '--out', 'before.json']);
    await register('users', 9, '--version', '2.0.0', '--owner', 'stack-one');
    await run(['deregister', 'orders']);
    await register('jobs', 3);
  });

  test('diff shows what was registered, de-registered and changed since', async () => {
    const { exitCode, stdout } = await run(['diff', 'before.json']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '+ jobs/default http://localhost:3',
      '- orders/default http://localhost:2',
      '~ users/default target: http://localhost:1 -> http://localhost:9, version: 1.0.0 -> 2.0.0',
      '',
    ]);
    await run(['snapshot', '--out', 'after.json']);
    expect((await run(['diff', 'before.json', 'after.json'])).stdout).toBe(stdout);
    expect(await run(['diff', 'after.json'])).toMatchObject({ stdout: '', stderr: 'Nothing changed.\n' });
  });

  test('rollback shows its plan and writes nothing without --yes', async () => {
    const before = await listTargets();
    const { exitCode, stdout, stderr } = await run(['rollback', '--to', 'before.json']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'keep       jobs/default: not in the snapshot',
      'register   orders/default http://localhost:2 for cli:ann',
      'register   users/default http://localhost:1 (target, version) for stack-one',
      '',
    ]);
    expect(stderr).toBe('Nothing was written. Use --yes to write.\n');
    expect(await listTargets()).toEqual(before);
  });

  test('rollback writes each record for its own owner, and keeps what was added unless --remove-added is given', async () => {
    await run(['rollback', '--to', 'before.json', '--yes']);
    const back = ['orders/default http://localhost:2 cli:ann', 'users/default http://localhost:1 stack-one'];
    expect(await listTargets()).toEqual(['jobs/default http://localhost:3 cli:ann', ...back]);
    await run(['rollback', '--to', 'before.json', '--yes', '--remove-added']);
    expect(await listTargets()).toEqual(back);
    expect((await run(['rollback', '--to', 'before.json', '--remove-added'])).stderr).toBe(
      `${stage} is already as in the snapshot.\n`,
    );
  });

  test('a record that changes in the meantime is not overwritten, and the error says how many steps were written', async () => {
    let writes = 0;
    const { exitCode, stderr } = await run(['rollback', '--to', 'before.json', '--yes'], {
      fetch: async (input, init) => {
        if (`${init?.body}`.includes('mutation') && (writes += 1) === 2)
          await register('users', 10, '--owner', 'stack-one');
        return fetch(input, init);
      },
    });
    expect(exitCode).toBe(6);
    expect(stderr).toContain('(1 of 2 steps were written before)');
    expect(await listTargets()).toContain('users/default http://localhost:10 stack-one');
  });

  test('an endpoint that has expired since is not registered again', async () => {
    await register('preview', 5, '--expires', '1h');
    await run(['snapshot', '--out', 'preview.json']);
    await run(['deregister', 'preview']);
    const { stdout } = await run(['rollback', '--to', 'preview.json'], { now: () => Date.now() + 2 * 3_600_000 });
    expect(stdout).not.toContain('preview');
  });

  test.each([
    ['x', '--trusted-keys: trusted.json: is not valid JSON'],
    ['[]', '--trusted-keys: trusted.json: must hold at least one key'],
    ['[{"kty":"RSA"}]', '--trusted-keys: trusted.json: 0: must be a P-256 public key in JWK form with a kid'],
  ])('trusted keys of %s are refused with what is wrong in them', async (content, message) => {
    await writeFile(join(cwd, 'trusted.json'), content);
    const { exitCode, stderr } = await run(['rollback', '--to', 'before.json', '--trusted-keys', 'trusted.json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  test('a snapshot that no trusted key signed, of another stage, or with a hostile record is refused', async () => {
    const { d: _, ...trusted } = await createLocalKey('one');
    await writeFile(join(cwd, 'trusted.json'), JSON.stringify([trusted]));
    expect((await run(['rollback', '--to', 'before.json', '--yes', '--trusted-keys', 'trusted.json'])).exitCode).toBe(
      7,
    );
    expect((await run(['rollback', '--to', 'before.json', '--yes', '--stage', 'other'])).exitCode).toBe(6);
    await writeFile(
      join(cwd, 'hostile.json'),
      String(await read('before.json')).replace('http://localhost:1', 'http://evil.example.com'),
    );
    expect((await run(['rollback', '--to', 'hostile.json', '--yes'])).exitCode).toBe(7);
    expect((await run(['rollback', '--yes'])).exitCode).toBe(2);
    expect((await run(['diff', 'nope.json'])).exitCode).toBe(2);
    expect(await listTargets()).toContain('users/default http://localhost:9 stack-one');
  });
});

describe('history', () => {
  const options = ['--bucket', 'snapshots', '--prefix', 'p/', '--bucket-region', 'eu-west-1'];

  beforeEach(async () => {
    const publish = async (versionId: string, writtenAt: string) => {
      await run(['snapshot', '--out', 'published.json']);
      bucket.put(`p/${stage}.json`, `${stage}-${versionId}`, writtenAt, await read('published.json'));
    };
    await register('users', 1);
    await publish('one', '2026-01-01T00:00:00.000Z');
    await register('users', 2);
    await register('orders', 3);
    await publish('two', '2026-01-02T00:00:00.000Z');
    await run(['deregister', 'orders']);
    await publish('three', '2026-01-03T00:00:00.000Z');
  });

  test('lists the newest first, with what changed', async () => {
    const { exitCode, stdout } = await run(['history', ...options, '--limit', '2', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      stage,
      snapshots: [
        {
          version: `${stage}-three`,
          writtenAt: '2026-01-03T00:00:00.000Z',
          sequence: expect.any(Number),
          revision: expect.any(String),
          endpoints: 1,
          added: [],
          changed: [],
          removed: ['orders/default'],
        },
        {
          version: `${stage}-two`,
          writtenAt: '2026-01-02T00:00:00.000Z',
          sequence: expect.any(Number),
          revision: expect.any(String),
          endpoints: 2,
          added: ['orders/default'],
          changed: ['users/default'],
          removed: [],
        },
      ],
    });
    expect((await run(['history', ...options])).stdout).toMatch(
      /^VERSION +WRITTEN +SEQUENCE +REVISION +ENDPOINTS +CHANGES\n/,
    );
    expect(bucket.requests.every((request) => request.endsWith('AWS4-HMAC-SHA256'))).toBe(true);
  });

  test('diff and rollback take its versions', async () => {
    const { stdout } = await run(['diff', `${stage}-one`, `${stage}-two`, ...options]);
    expect(stdout).toBe(
      '+ orders/default http://localhost:3\n~ users/default target: http://localhost:1 -> http://localhost:2\n',
    );
    await run(['rollback', '--to', `${stage}-one`, '--yes', ...options]);
    expect(await listTargets()).toEqual(['users/default http://localhost:1 cli:ann']);
  });

  test('says when there are no versions, and which options are missing', async () => {
    expect((await run(['history', ...options, '--stage', 'empty'])).stderr).toContain('There is no p/empty.json');
    expect(await run(['history'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--bucket is missing'),
    });
    expect((await run(['diff', 'nope', ...options])).exitCode).toBe(2);
    const failing = { findCredentials: () => Promise.reject(new Error('none')) };
    expect((await run(['history', ...options], failing)).exitCode).toBe(5);
  });
});
