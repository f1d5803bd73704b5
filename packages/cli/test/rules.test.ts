import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import type { Shell } from '../src/terminal/shell.ts';
import { createStage } from './create-stage.ts';
import { runCommand, type Outcome } from './test-shell.ts';

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

const run = (words: readonly string[], shell: Partial<Shell> = {}): Promise<Outcome> =>
  runCommand(words, { cwd, env: { DISCOVERY_STAGE: stage }, ...shell });

async function readJson(...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run([...words, '--json']);
  return JSON.parse(stdout) as Record<string, unknown>;
}
const writes = () => (registry.requests['setRule'] ?? 0) + (registry.requests['removeRule'] ?? 0);

describe('rules', () => {
  const set = ['rules', 'set', 'scope', 'team-users', '--service', 'user-*', '--verb', 'register'];

  test('are set, listed, replaced and removed', async () => {
    expect(await run([...set, '--yes'])).toEqual({
      exitCode: 0,
      stdout: 'set     scope team-users: services user-*; verbs register\n',
      stderr: '',
    });
    expect((await run(['rules'])).stdout).toMatch(
      /^KIND +NAME +SERVICES +VERBS +ACTOR +UPDATEDAT\nscope +team-users +user-\* +register +arn:aws:iam::\S+:user\/local +\S+Z\n$/,
    );
    const replaced = await run([...set, '--verb', 'deregister', '--stage', 'dev', '--yes']);
    expect(replaced.stdout).toBe(
      'replace scope team-users: services user-*; verbs register\n' +
        'set     scope team-users: stages dev; services user-*; verbs register, deregister\n',
    );
    expect(await readJson('rules')).toEqual({
      rules: [
        expect.objectContaining({
          kind: 'scope',
          name: 'team-users',
          stages: ['dev'],
          verbs: ['register', 'deregister'],
        }),
      ],
    });
    expect((await run(['rules', 'remove', 'scope', 'team-users', '--yes'])).exitCode).toBe(0);
    expect(await run(['rules', 'remove', 'scope', 'team-users', '--yes'])).toMatchObject({
      exitCode: 3,
      stderr: 'There is no scope "team-users".\n',
    });
    expect((await run(['rules'])).stderr).toContain('There are no rules');
  });

  test('are written when the user answers yes, or with --yes', async () => {
    const before = writes();
    expect((await run(set)).stderr).toBe('Nothing was written. Use --yes to write.\n');
    expect(await readJson(...set)).toMatchObject({ isDone: false });
    expect((await run(set, { findAnswer: async () => 'n' })).stderr).toContain('Nothing was written');
    expect(writes()).toBe(before);
    expect((await run(set, { findAnswer: async () => 'y' })).stderr).toBe('');
    expect(writes()).toBe(before + 1);
    expect(await readJson('rules', 'remove', 'scope', 'team-users', '--yes')).toMatchObject({ isDone: true });
  });

  test.each([
    [['rules', 'change', 'scope', 'x'], '"change" is not list, set or remove'],
    [['rules', 'set'], 'KIND must be scope, protection, freeze, names, previews: it is missing'],
    [['rules', 'set', 'law', 'x'], 'it is "law"'],
    [['rules', 'set', 'scope'], 'NAME is missing'],
    [['rules', 'set', 'scope', 'a/b', '--verb', 'register'], 'NAME'],
    [['rules', 'set', 'scope', 'x', '--verb', 'rule'], '--verb: "rule" is none of register'],
    [['rules', 'set', 'scope', 'x', '--yes'], 'verbs is missing'],
    [['rules', 'list', 'scope'], 'list takes no KIND'],
  ])('refuse %j', async (words, message) => {
    const before = (await readJson('rules'))['rules'];
    const { exitCode, stderr } = await run(words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
    expect((await readJson('rules'))['rules']).toEqual(before);
  });
});

describe('freeze and thaw', () => {
  test('a frozen service accepts no changes until it is thawed; other services and stages do', async () => {
    await run(['register', 'users', 'http://localhost:1']);
    const frozen = await run(['freeze', 'users', '--reason', 'incident 42', '--yes']);
    expect(frozen.stdout).toBe(
      `set     freeze ${stage}.users: stages ${stage}; services users; reason "incident 42"\n`,
    );
    const refused = await run(['register', 'users', 'http://localhost:2']);
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('incident 42') });
    expect(refused.stderr).toContain('discovery thaw');
    expect((await run(['register', 'orders', 'http://localhost:3'])).exitCode).toBe(0);
    expect((await run(['register', 'users', 'http://localhost:2', '--stage', `${stage}-b`])).exitCode).toBe(0);
    expect((await run(['thaw', 'users', '--yes'])).exitCode).toBe(0);
    expect((await run(['register', 'users', 'http://localhost:2'])).exitCode).toBe(0);
  });

  test('a stage is frozen whole, and thawing one service of it does not thaw it but names what freezes it', async () => {
    await run(['freeze', '--reason', 'release night', '--yes']);
    expect((await run(['register', 'users', 'http://localhost:2'])).exitCode).toBe(4);
    const other = await run(['thaw', 'users', '--yes']);
    expect(other).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`Another freeze: freeze ${stage}:`) });
    expect((await run(['thaw', '--yes'])).exitCode).toBe(0);
    expect((await run(['register', 'users', 'http://localhost:2'])).exitCode).toBe(0);
  });

  test('freezing again changes the reason, and colliding names stay two freezes', async () => {
    await run(['freeze', 'b', '--reason', 'one', '--yes']);
    await run(['freeze', 'b', '--reason', 'two', '--yes']);
    await run(['freeze', '--stage', `${stage}.b`, '--reason', 'three', '--yes']);
    const { rules } = (await readJson('rules')) as { rules: { name: string; reason: string }[] };
    expect(rules.map(({ name, reason }) => [name, reason]).sort()).toEqual([
      [`${stage}.b`, 'two'],
      [`${stage}.b-2`, 'three'],
    ]);
    await run(['thaw', '--stage', `${stage}.b`, '--yes']);
    await run(['thaw', 'b', '--yes']);
    expect(await readJson('rules')).toEqual({ rules: [] });
  });

  test('a freeze needs a reason', async () => {
    expect(await run(['freeze', '--yes'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--reason') });
  });
});

describe('override', () => {
  const override = (...words: string[]) =>
    run(['override', 'users', 'http://localhost:9', '--reason', 'region down', ...words]);

  test('another target serves for a time, even during a freeze, and list --owners says why', async () => {
    await run(['register', 'users', 'http://localhost:1']);
    await run(['freeze', 'users', '--reason', 'incident', '--yes']);
    const { exitCode, stdout } = await override('--for', '2h', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`override users/default in ${stage}: http://localhost:1 -> http://localhost:9 until 20`);
    expect(stdout).toContain('cli:ann still owns the record');
    expect((await run(['resolve', 'users'])).stdout).toBe('http://localhost:9\n');
    const listed = (await run(['list', '--owners'])).stdout;
    expect(listed).toMatch(/PRIORITY +PUBLIC +OWNER +ACTOR +TOKEN +UPDATEDAT +OVERRIDE/);
    expect(listed).toMatch(/until \S+Z: region down \(arn:aws:iam::\S+, instead of http:\/\/localhost:1\)/);
    expect((await run(['thaw', 'users', '--yes'])).exitCode).toBe(0);
    expect((await run(['override', 'users', '--end', '--yes'])).stdout).toContain(
      'Ended the override of users/default',
    );
    expect((await run(['resolve', 'users'])).stdout).toBe('http://localhost:1\n');
    expect((await run(['override', 'users', '--end', '--yes'])).stderr).toBe(
      `There is no override of users/default in ${stage}.\n`,
    );
  });

  test('that ends within a day is a finding of doctor', async () => {
    await run(['register', 'users', 'http://localhost:1']);
    await override('--for', '2h', '--yes');
    const examine = () => run(['doctor', '--no-network'], { findStack: async () => 'present' });
    expect((await examine()).stdout).toMatch(/warning override-ends stage-\d+\/users\/default\n.*region down/);
    await override('--for', '2d', '--yes');
    expect((await examine()).exitCode).toBe(0);
  });

  test('nothing is written without an answer', async () => {
    await run(['register', 'users', 'http://localhost:1']);
    expect((await override('--for', '2h')).stderr).toContain('Nothing was written');
    expect((await run(['resolve', 'users'])).stdout).toBe('http://localhost:1\n');
  });

  test.each([
    ['no time', ['http://localhost:9', '--reason', 'x'], 2, 'give --for or --until'],
    ['two times', ['http://localhost:9', '--reason', 'x', '--for', '2h', '--until', '2100-01-01T00:00:00Z'], 2, 'give'],
    ['a time that is over', ['http://localhost:9', '--reason', 'x', '--until', '2020-01-01T00:00:00Z'], 2, '--until'],
    ['no reason', ['http://localhost:9', '--for', '2h'], 2, '--reason is missing'],
    ['no target', ['--for', '2h', '--reason', 'x'], 2, 'TARGET is missing'],
    ['a target with --end', ['http://localhost:9', '--end'], 2, '--end takes no'],
    ['a target that could not be registered', ['http://evil.example.com', '--for', '2h', '--reason', 'x'], 2, 'TARGET'],
    ['an endpoint that is not there', ['http://localhost:9', '--for', '2h', '--reason', 'x', '--id', 'eu'], 3, 'eu'],
  ])('is refused with %s', async (_, words, exitCode, message) => {
    await run(['register', 'users', 'http://localhost:1']);
    const outcome = await run(['override', 'users', ...words, '--yes']);
    expect(outcome).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
  });
});

test.each([
  [['--public'], 'Public: readable with the API key'],
  [['--kind', 'function'], 'Not public: readable with IAM'],
])('register %j says who will be able to read the record', async (words, message) => {
  const target = words.includes('function') ? 'arn:aws:lambda:eu-west-1:111122223333:function:x' : 'http://localhost:1';
  expect((await run(['register', 'users', target, ...words])).stdout).toContain(message);
});
