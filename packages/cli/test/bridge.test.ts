import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { runCommand, type Outcome } from './test-shell.ts';
import type { Shell } from '../src/terminal/shell.ts';

let here: LocalRegistry;
let there: LocalRegistry;
beforeAll(async () => {
  [here, there] = await Promise.all([startLocalRegistry(), startLocalRegistry()]);
});
afterAll(() => Promise.all([here.stop(), there.stop()]));

async function startPair() {
  const [from, to] = [await createStage(here), await createStage(there)];
  const env = { DISCOVERY_STAGE: from.stage, AWS_REGION: 'us-east-1' };
  const findCredentials: Shell['findCredentials'] = async () => async () => there.credentials;
  const run = (words: readonly string[], more: Partial<Shell> = {}): Promise<Outcome> =>
    runCommand(words, { cwd: from.cwd, env, findCredentials, sleep: async () => {}, ...more });
  const runThere = (words: readonly string[]) => runCommand(words, { cwd: to.cwd, env });
  const bridge = (...words: readonly string[]) => run(['bridge', 'registry', `registry:${there.url}`, ...words]);
  const listThere = async () => {
    const { stdout } = await runThere(['list', '--owners', '--json', '--stage', from.stage]);
    return (
      JSON.parse(stdout || '{"endpoints":[]}') as { endpoints: { service: string; owner: string }[] }
    ).endpoints.map(({ service, owner }) => `${service} of ${owner}`);
  };
  return { stage: from.stage, run, runThere, bridge, listThere };
}

describe('discovery bridge', () => {
  test('plans, copies, follows changes and takes all back', async () => {
    const { stage, run, bridge, listThere } = await startPair();
    await run(['register', 'users', 'https://users.example.com']);
    await run(['register', 'orders', 'https://orders.example.com']);
    expect(await bridge('--dry-run')).toEqual({
      exitCode: 0,
      stdout: 'write orders/default https://orders.example.com\nwrite users/default https://users.example.com\n',
      stderr: `${stage}: 2 to write, 0 to remove, 0 right as they are.\n`,
    });
    expect(await listThere()).toEqual([]);
    expect((await bridge()).stdout).toBe(`${stage}: 2 written, 0 removed, 0 failed, 0 skipped\n`);
    const owner = `bridge:discovery/${here.url}`;
    expect(await listThere()).toEqual([`orders of ${owner}`, `users of ${owner}`]);
    await run(['deregister', 'orders']);
    expect((await bridge('--json')).stdout).toBe(
      `${JSON.stringify({ stage, written: 0, removed: 1, failed: 0, skipped: [], unchanged: 1 })}\n`,
    );
    expect((await bridge('--purge', '--dry-run')).stdout).toBe(`remove users/default\n${stage}: 1 copy to remove\n`);
    await bridge('--purge');
    expect(await listThere()).toEqual([]);
  });

  test('keeps the copies of a source that has become empty, and says how to remove them', async () => {
    const { stage, run, bridge, listThere } = await startPair();
    await run(['register', 'users', 'https://users.example.com']);
    await bridge();
    await run(['deregister', 'users']);
    expect((await bridge()).stderr).toBe(
      `${stage}: 1 copy not removed: FROM is empty. If that is right: --allow-empty\n`,
    );
    expect(await listThere()).toHaveLength(1);
    await bridge('--allow-empty');
    expect(await listThere()).toEqual([]);
  });

  test('leaves what others have registered there alone, and copies only the named services', async () => {
    const { stage, run, runThere, bridge, listThere } = await startPair();
    for (const name of ['users-api', 'users-jobs', 'orders'])
      await run(['register', name, `https://${name}.example.com`]);
    await runThere(['register', 'users-api', 'https://theirs.example.com']);
    expect((await bridge('--service', 'users-*', '--mark', 'users')).stderr).toContain(
      `${stage}: users-api/default is skipped: the key "users-api/default" is held by another owner\n`,
    );
    expect(await listThere()).toEqual(['users-api of cli:ann', 'users-jobs of bridge:users']);
  });

  test('leaves the copies of another registry’s bridge alone, and wants a mark where it copies only a part', async () => {
    const { stage, run, bridge, listThere } = await startPair();
    const other = await startLocalRegistry();
    try {
      const { cwd } = await createStage(other);
      const runOther = (...words: readonly string[]) => run(words, { cwd });
      await run(['register', 'users', 'https://users.example.com']);
      await runOther('register', 'orders', 'https://orders.example.com');
      await bridge();
      await runOther('bridge', 'registry', `registry:${there.url}`);
      await bridge('--allow-empty');
      expect(await listThere()).toEqual([
        `orders of bridge:discovery/${other.url}`,
        `users of bridge:discovery/${here.url}`,
      ]);
      expect((await bridge('--service', 'users')).stderr).toContain('--service: give the bridge a --mark of its own');
      expect((await bridge('--purge')).stdout).toBe(`${stage}: 1 copy removed\n`);
      expect(await listThere()).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });

  test('doctor shows the bridges into a system, and finds those that have stopped', async () => {
    const { stage, run, bridge } = await startPair();
    const target = `registry:${there.url}`;
    const examine = (now = Date.now()) => run(['doctor', '--target', target], { now: () => now });
    const mark = `discovery/${here.url}`;
    await run(['register', 'users', 'https://users.example.com']);
    expect(await examine()).toMatchObject({ exitCode: 0, stdout: '0 bridges checked, 0 findings\n' });
    await bridge('--interval', '300');
    const { exitCode, stdout } = await examine();
    expect([exitCode, stdout.split('\n')]).toEqual([
      0,
      [
        expect.stringMatching(`${stage} ${mark}: copies 1, last run .+ by discovery bridge 9.9.9, due again by .+`),
        '1 bridges checked, 0 findings',
        '',
      ],
    ]);
    const late = await examine(Date.now() + 4 * 3_600_000);
    expect(late.exitCode).toBe(1);
    const [, cure = ''] = /take its copies back: discovery (.+)/.exec(late.stdout) ?? [];
    expect(late.stdout).toContain(`error bridge-stopped ${stage} ${mark}\n  The bridge has not run since`);
    expect((await run(cure.split(' '))).stdout).toBe(`${stage}: 1 copy removed\n`);
    expect((await examine(Date.now() + 4 * 3_600_000)).stdout).toBe('0 bridges checked, 0 findings\n');
  });

  test('a copy whose bridge says nothing about itself is found', async () => {
    const { stage, run, runThere } = await startPair();
    const metadata = ['--metadata', 'discovery.bridge=blue'];
    await runThere(['register', 'users', 'https://users.example.com', '--stage', stage, ...metadata]);
    const { exitCode, stdout } = await run(['doctor', '--target', `registry:${there.url}`, '--json']);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      1,
      { stages: [stage], bridges: [{ mark: 'blue', copies: 1 }], findings: [{ check: 'mark-unowned' }], unchecked: [] },
    ]);
  });

  test('a bridge that may not say that it runs copies all the same, and names what refuses it', async () => {
    const { stage, run, bridge, listThere } = await startPair();
    await run(['register', 'users', 'https://users.example.com']);
    const { fetch } = globalThis;
    const refuse: typeof fetch = async (url, init) =>
      String(init?.body).includes('discovery.bridges') ? new Response('no', { status: 403 }) : fetch(url, init);
    const { exitCode, stdout, stderr } = await run(['bridge', 'registry', `registry:${there.url}`], { fetch: refuse });
    expect([exitCode, stdout]).toEqual([0, `${stage}: 1 written, 0 removed, 0 failed, 0 skipped\n`]);
    expect(stderr).toMatch(`${stage}: registry:${there.url} doesn't take what the bridge says about itself`);
    expect([await listThere(), (await bridge()).exitCode]).toEqual([[expect.stringContaining('users of')], 0]);
  });

  test('watches until it is told to end', async () => {
    const { run, bridge: _once, listThere, stage } = await startPair();
    await run(['register', 'users', 'https://users.example.com']);
    const stop = new AbortController();
    let rounds = 0;
    const sleep: Shell['sleep'] = async (milliseconds) => {
      if (milliseconds < 1000) return;
      rounds += 1;
      if (rounds === 1) await run(['register', 'orders', 'https://orders.example.com']);
      if (rounds === 3) stop.abort();
    };
    const outcome = await run(['bridge', 'registry', `registry:${there.url}`, '--watch'], {
      signal: stop.signal,
      sleep,
    });
    expect(outcome.stdout).toBe(
      `${stage}: 1 written, 0 removed, 0 failed, 0 skipped\n${stage}: 1 written, 0 removed, 0 failed, 0 skipped\n`,
    );
    expect(await listThere()).toHaveLength(2);
  });

  test.each([
    [['doctor', '--target', 'registry:https://x.example.com/graphql', '--fix'], 'leave out --fix'],
    [['bridge', 'registry', 'konsul:x'], '"konsul:x" is none of registry:URL'],
    [['bridge', 'registry', 'registry:nowhere'], 'registry'],
    [
      ['bridge', 'registry', 'registry:https://x.example.com/graphql', '--watch', '--purge'],
      '--watch goes with neither',
    ],
    [['bridge', 'registry', 'registry:https://x.example.com/graphql', '--minimum-share', '2'], '2 is not from 0 to 1'],
    [['bridge', 'registry', 'registry:https://x.example.com/graphql', '--mark', 'a b'], 'mark: "a b"'],
  ])('refuses %j', async (words, message) => {
    const { run } = await startPair();
    const { exitCode, stderr } = await run(words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
