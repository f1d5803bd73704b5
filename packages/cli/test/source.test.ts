import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { createFolder, runCommand } from './test-shell.ts';
import type { Shell } from '../src/terminal/shell.ts';

let registry: LocalRegistry;
beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());

/** In a folder that has no registry, with the credentials of another one. */
async function openElsewhere() {
  const { cwd: home, stage } = await createStage(registry);
  const env = { DISCOVERY_STAGE: stage, AWS_REGION: 'us-east-1' };
  const cwd = await createFolder();
  const findCredentials: Shell['findCredentials'] = async () => async () => registry.credentials;
  const source = `registry:${registry.url}`;
  return {
    stage,
    cwd,
    register: (...words: readonly string[]) => runCommand(['register', ...words], { cwd: home, env }),
    run: (words: readonly string[], more: Partial<Shell> = {}) =>
      runCommand([...words, '--source', source], { cwd, env, findCredentials, ...more }),
  };
}

/** etcd's answers, for what it has below /discovery/dev/. */
const etcd =
  (url: string): typeof fetch =>
  async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const value = encode(JSON.stringify({ Metadata: { url } }));
    return Response.json({
      header: { revision: '7' },
      count: '1',
      kvs: [{ key: encode('/discovery/dev/users/default'), value, mod_revision: '7' }],
    });
  };
const askEtcd = (words: readonly string[], more: Partial<Shell> = {}) =>
  runCommand([...words, '--source', 'etcd:https://etcd.example.com:2379'], {
    env: { DISCOVERY_STAGE: 'dev' },
    fetch: etcd('https://users.example.com'),
    ...more,
  });

describe('--source', () => {
  test('lists, resolves, writes and watches what another system has, without a registry here', async () => {
    const { stage, cwd, register, run } = await openElsewhere();
    await register('users', 'https://users.example.com');
    expect((await run(['list'])).stdout).toContain('https://users.example.com');
    expect((await run(['list', 'orders'])).stderr).toBe('There are no endpoints.\n');
    expect((await run(['resolve', 'users', '--trusted-host', '*.example.com'])).stdout).toBe(
      'https://users.example.com\n',
    );
    expect((await run(['snapshot'])).stdout).toBe(`${stage}.json: written, 1 endpoints of ${stage}\n`);
    expect(await readFile(join(cwd, `${stage}.json`), 'utf8')).toContain('https://users.example.com');
    const stop = new AbortController();
    let rounds = 0;
    const sleep: Shell['sleep'] = async () => {
      if ((rounds += 1) === 2) stop.abort();
      else await register('orders', 'https://orders.example.com');
    };
    expect((await run(['watch'], { signal: stop.signal, sleep })).stdout).toMatch(
      /registered orders\/default https:\/\/orders/,
    );
  });

  test('hosts of another system must be listed, and the message names it', async () => {
    expect((await askEtcd(['list'])).stdout).toContain('https://users.example.com');
    const aws = etcd('https://abc.execute-api.us-east-1.amazonaws.com/prod');
    expect(await askEtcd(['resolve', 'users', '--region', 'us-east-1'], { fetch: aws })).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining(
        'host abc.execute-api.us-east-1.amazonaws.com is not trusted: what comes from etcd:https://etcd.example.com:2379 must be listed',
      ),
    });
    const words = ['resolve', 'users', '--trusted-host', 'users.example.com'];
    expect((await askEtcd(words)).stdout).toBe('https://users.example.com\n');
  });

  test('names the system that does not answer, within the time that is given', async () => {
    const refuse: typeof fetch = async () => new Response('no', { status: 503 });
    expect(await askEtcd(['list'], { fetch: refuse })).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('etcd:https://etcd.example.com:2379: HTTP 503'),
    });
    const hang: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
      );
    expect(await askEtcd(['list', '--timeout', '0.05'], { fetch: hang })).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('"dev" in etcd:https://etcd.example.com:2379: no answer in 0.05 s'),
    });
  });

  test.each<[readonly string[], string]>([
    [['list', '--owners'], '--owners and --all-stages: only a registry can answer that, not --source'],
    [['list', '--all-stages'], '--owners and --all-stages'],
    [['list', '--registry', 'https://x.example.com/graphql'], 'leave out --registry'],
    [['resolve', 'users', '--local'], 'leave out --local'],
    [['watch', '--api-key', 'da2-x'], 'leave out --api-key'],
    [['snapshot', '--as', 'ann'], 'leave out --as'],
  ])('%j is refused', async (words, message) => {
    expect(await askEtcd(words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  test('an unknown system and a missing stage are named', async () => {
    expect(await runCommand(['list', '--source', 'konsul:x'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"konsul:x" is none of registry:URL'),
    });
    expect(await askEtcd(['list'], { env: {} })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('give --stage or DISCOVERY_STAGE (no file here has none)'),
    });
  });
});
