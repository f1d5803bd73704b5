import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import type { Shell } from '../src/terminal/shell.ts';
import { createFolder, runCommand } from './test-shell.ts';

/** What an operator does who is not the registrar, to records that stacks hold: on a registry with several identities. */
let registry: LocalRegistry;
let cwd: string;
let stage: string;
let count = 0;

beforeAll(async () => {
  cwd = await createFolder();
  await mkdir(join(cwd, '.local'));
  registry = await startLocalRegistry({
    credentialsFile: join(cwd, '.local/registry.json'),
    identities: ['operator', 'team-a'],
  });
});
afterAll(async () => {
  await registry.stop();
  await rm(cwd, { recursive: true });
});
beforeEach(() => void (stage = `stage-${(count += 1)}`));

const owner = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/users/1f0c#Users';
const run = (words: readonly string[], shell: Partial<Shell> = {}) =>
  runCommand(words, { cwd, env: { DISCOVERY_STAGE: stage }, ...shell });
const asOperator = (...words: string[]) => run([...words, '--as', 'operator']);
/** As the registrar does for a stack. */
const deploy = (service: string, port: number, ...words: string[]) =>
  run(['register', service, `http://localhost:${port}`, '--owner', owner, ...words]);
async function list(): Promise<{ service: string; id: string; target: string; weight: number; owner: string }[]> {
  return (JSON.parse((await run(['list', '--owners', '--json'])).stdout) as { endpoints: never[] }).endpoints;
}

describe('an identity', () => {
  test('is bound by rules that name it, and no registrar', async () => {
    expect((await run(['register', 'a', 'http://localhost:1', '--as', 'team-a', '--owner', owner])).exitCode).toBe(5);
    const principal = 'arn:aws:iam::000000000000:role/team-a';
    const scope = ['--principal', principal, '--service', 'a-*', '--verb', 'register', '--yes'];
    await run(['rules', 'set', 'scope', 'team-a', ...scope]);
    try {
      expect((await run(['register', 'a-1', 'http://localhost:1', '--as', 'team-a'])).exitCode).toBe(0);
      expect(await run(['register', 'b', 'http://localhost:1', '--as', 'team-a'])).toMatchObject({
        exitCode: 5,
        stderr: expect.stringContaining(`No scope of ${principal}`),
      });
    } finally {
      await run(['rules', 'remove', 'scope', 'team-a', '--yes']);
    }
  });

  test('that is not there is named, with those that are', async () => {
    expect(await run(['list', '--as', 'nobody'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('there are operator, team-a'),
    });
  });
});

describe('a record whose stack is gone', () => {
  test('is cleared with the command that doctor prints', async () => {
    await deploy('users', 1);
    const findStack = async () => 'gone' as const;
    const { stdout } = await run(['doctor', '--no-network', '--as', 'operator'], { findStack });
    const [, line = ''] = /Fix: discovery (deregister .*)/.exec(stdout) ?? [];
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    expect(words).toContain('--takeover');
    expect((await asOperator(...words)).stdout).toContain('De-registered users/default');
    expect(await list()).toEqual([]);
  });

  test('is not cleared by naming its owner, nor without a reason', async () => {
    await deploy('users', 1);
    expect((await asOperator('deregister', 'users', '--owner', owner)).exitCode).toBe(5);
    expect((await asOperator('deregister', 'users', '--takeover', '--token', '1.1')).exitCode).toBe(2);
    expect(await list()).toHaveLength(1);
  });
});

describe('records of stacks', () => {
  test('are shifted for a time, and stay their stacks\u2019', async () => {
    await deploy('users', 1);
    await deploy('users', 2, '--id', 'canary');
    const shift = ['shift', 'users', '--to', 'canary=10'];
    expect(await asOperator(...shift)).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('--for and --reason'),
    });
    expect((await asOperator(...shift, '--for', '2h', '--reason', 'slow')).exitCode).toBe(0);
    expect((await list()).map(({ id, weight, owner: holder }) => [id, weight, holder]).sort()).toEqual([
      ['canary', 100, owner],
      ['default', 900, owner],
    ]);
    expect((await asOperator('override', 'users', '--end', '--yes')).exitCode).toBe(0);
    expect((await list()).find(({ id }) => id === 'default')?.weight).toBe(100);
  });

  test('are rolled back for a time, keep what was overridden before, and go on when it is over', async () => {
    await deploy('users', 1, '--version', '1.0.0');
    await run(['snapshot', stage, '--out', 'before.json']);
    await deploy('users', 2, '--version', '1.1.0', '--metadata', 'team=users');
    const back = ['rollback', stage, '--to', 'before.json', '--yes'];
    expect((await asOperator(...back)).exitCode).toBe(5);
    const { exitCode, stdout } = await asOperator(...back, '--for', '2h', '--reason', 'errors');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^override +users\/default \(target, version, metadata\) until \S+; not metadata$/m);
    expect(await list()).toMatchObject([{ target: 'http://localhost:1', version: '1.0.0', owner }]);
    await asOperator('shift', 'users', '--to', 'default=100', '--for', '1h', '--reason', 'more');
    expect(await list()).toMatchObject([{ target: 'http://localhost:1', weight: 1000 }]);
    await asOperator('override', 'users', '--end', '--yes');
    expect(await list()).toMatchObject([{ target: 'http://localhost:2', version: '1.1.0', weight: 100 }]);
  });

  test('an override that is half said is refused', async () => {
    for (const words of [
      ['--for', '2h'],
      ['--reason', 'x'],
      ['--for', '2h', '--until', '2100-01-01T00:00:00Z', '--reason', 'x'],
    ])
      expect((await asOperator('shift', 'users', '--to', 'a=1', ...words)).exitCode).toBe(2);
  });
});

describe('stages --purge', () => {
  const later = { now: () => Date.now() + 15 * 86_400_000 };
  const purge = (...words: string[]) =>
    run(['stages', '--purge', '--as', 'operator', '--stage', `${stage}*`, ...words], later);

  test('shows abandoned previews and why, removes them when that is agreed, and keeps protected ones', async () => {
    await deploy('users', 1);
    await run(['register', 'users', 'http://localhost:2', '--stage', `${stage}-kept`]);
    await run([
      'rules',
      'set',
      'protection',
      'kept',
      '--stage',
      `${stage}-kept`,
      '--principal',
      'scope:release',
      '--yes',
    ]);
    const asked = await purge();
    expect(asked.stdout.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(`^remove  ${stage} \\(1 endpoint\\): nothing was deployed since \\S+, for more than 14 days$`),
      ),
      expect.stringMatching(new RegExp(`^keep    ${stage}-kept .*, but protection "kept" keeps it$`)),
      '',
    ]);
    expect(asked.stderr).toContain('Nothing was written');
    expect(await list()).toHaveLength(1);
    expect(await purge('--older-than', '20d')).toMatchObject({ stderr: 'No preview is abandoned.\n' });
    expect(await purge('--yes')).toMatchObject({ exitCode: 0, stderr: '1 endpoints were removed.\n' });
    expect(await list()).toEqual([]);
    await run(['rules', 'remove', 'protection', 'kept', '--yes']);
  });

  test('says how to tell which stages are previews, and is what --stage is for', async () => {
    expect((await run(['stages', '--purge'], later)).stderr).toContain('discovery rules set previews');
    expect((await run(['stages', '--stage', 'x'])).exitCode).toBe(2);
    expect((await purge('--older-than', 'soon')).exitCode).toBe(2);
  });
});

test('doctor finds forgotten freezes, overrides that last, and abandoned previews', async () => {
  await deploy('users', 1);
  await run(['freeze', '--reason', 'release night', '--yes']);
  await asOperator('override', 'users', 'http://localhost:9', '--for', '30d', '--reason', 'outage', '--yes');
  await run(['rules', 'set', 'previews', 'p', '--stage', stage, '--seconds', '86400', '--yes']);
  const examine = async (days: number) => {
    const now = () => Date.now() + days * 86_400_000;
    const { stdout } = await run(['doctor', '--no-network', '--json'], { now, findStack: async () => 'present' });
    return (JSON.parse(stdout) as { findings: { check: string }[] }).findings.map(({ check }) => check).sort();
  };
  expect(await examine(0)).toEqual(['override-lasts']);
  expect(await examine(8)).toEqual(['abandoned-preview', 'frozen', 'override-lasts']);
  await run(['thaw', '--yes']);
  await run(['rules', 'remove', 'previews', 'p', '--yes']);
});
