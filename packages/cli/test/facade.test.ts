import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { createFolder, runCommand, type Outcome } from './test-shell.ts';

let registry: LocalRegistry;
beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());

interface Started {
  readonly url: string;
  readonly usage: string;
  readonly stages: readonly string[];
}

/** A command that serves until it is stopped, as if by Ctrl-C. */
async function start(cwd: string, env: Readonly<Record<string, string>>, words: readonly string[]) {
  const interrupt = new AbortController();
  let done: Promise<Outcome> | undefined;
  const line = await new Promise<string>((resolve, reject) => {
    done = runCommand([...words, '--json'], {
      cwd,
      env,
      signal: interrupt.signal,
      stdout: { isTty: false, write: resolve },
    });
    done.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  const stop = async () => {
    interrupt.abort();
    return done;
  };
  return { ...(JSON.parse(line) as Started), stop };
}

describe('discovery facade', () => {
  test('answers in the place of another system until Ctrl-C, and says once what it leaves out', async () => {
    const { cwd, stage } = await createStage(registry);
    const env = { DISCOVERY_STAGE: stage };
    const run = (...words: readonly string[]) => runCommand(words, { cwd, env });
    await run('register', 'users', 'http://localhost:4000/base');
    await run('register', 'foreign', 'https://elsewhere.example.org');
    const { url, usage, stages, stop } = await start(cwd, env, [
      'facade',
      'prometheus',
      '--trusted-host',
      'localhost:*',
    ]);
    expect([stages, usage]).toEqual([[stage], `http_sd_configs: [{ url: ${url}/prometheus }]`]);
    const ask = async () =>
      (await (await fetch(`${url}/prometheus`)).json()) as readonly { readonly targets: readonly string[] }[];
    expect((await ask()).map(({ targets }) => targets)).toEqual([['localhost:4000']]);
    await ask();
    expect(await (await fetch(`${url}/prometheus?stage=other`)).text()).toBe('The stage "other" is not served here.\n');
    expect((await fetch(`${url}/v1/catalog/services`)).status).toBe(404);
    expect(await stop()).toMatchObject({
      exitCode: 0,
      stderr: `prometheus: Endpoint of "foreign" in "${stage}": host elsewhere.example.org is not trusted\n`,
    });
    await expect(ask()).rejects.toThrow('fetch failed');
  });

  test('wants its token, from the option or the environment', async () => {
    const { cwd, stage } = await createStage(registry);
    const env = { DISCOVERY_STAGE: stage, DISCOVERY_FACADE_TOKEN: 'token-of-the-tests' };
    const { url, stop } = await start(cwd, env, ['facade', 'traefik']);
    const ask = async (token: string) =>
      (await fetch(`${url}/traefik`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask('token-of-the-tests'), await ask('another-one-of-them')]).toEqual([200, 401]);
    await stop();
  });

  test.each([
    [['facade', 'konsul'], 'There is no facade "konsul": there are '],
    [['facade', 'envoy', '--host', '0.0.0.0'], '--host 0.0.0.0 can be reached by others: give a --token too'],
    [['facade', 'envoy', '--token', 'short'], 'The token of a facade is not 16 or more ASCII characters'],
    [['facade', 'envoy', '--port', '70000'], '--port must be a whole number'],
    [['facade', 'envoy', '--source', 'envoy:x'], '"envoy:x" is none of registry:URL'],
  ])('%j is refused with what to do', async (words, message) => {
    const { cwd, stage } = await createStage(registry);
    const { exitCode, stderr } = await runCommand(words, { cwd, env: { DISCOVERY_STAGE: stage } });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

test('discovery dev serves facades beside the registry', async () => {
  const cwd = await createFolder();
  const words = [
    'dev',
    '--memory',
    '--port',
    '0',
    '--facade',
    'prometheus',
    '--facade',
    'traefik',
    '--facade',
    'envoy',
    '--stage',
    'dev',
  ];
  const { url, stop } = await start(cwd, {}, words);
  await runCommand(['register', 'users', 'http://localhost:4000', '--stage', 'dev'], { cwd });
  const read = async (path: string) => (await fetch(new URL(path, url))).json();
  expect(await read('/prometheus')).toMatchObject([{ targets: ['localhost:4000'] }]);
  expect(await read('/traefik')).toMatchObject({ http: { routers: { users: { service: 'users' } } } });
  const clusters = await fetch(new URL('/v3/discovery:clusters', url), { method: 'POST', body: '{"node":{"id":"a"}}' });
  expect(await clusters.json()).toMatchObject({ resources: [{ name: 'users', type: 'STRICT_DNS' }] });
  expect(await stop()).toMatchObject({ exitCode: 0, stderr: '' });
});
