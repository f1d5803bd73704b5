import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { createResolverRuntime, type ResolverCaller } from '../src/appsync-runtime.ts';
import { openDynamoTable, type DynamoTable } from '../src/dynamo-table.ts';

/** The deployed resolvers with callers of several identities, one of which is the registrar. */
const role = (name: string, session = 'session') => `arn:aws:sts::111122223333:assumed-role/${name}/${session}`;
const iamRole = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const as = (userArn: string): ResolverCaller => ({ authType: 'IAM Authorization', identity: { userArn } });
const registrar = as(role('Registrar', 'Function'));
const alice = as(role('Alice', 'one'));
const bob = as(role('Bob'));
const admin = as('arn:aws:iam::111122223333:user/admin');
const stackOf = (account: string, name = 'app') =>
  `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/0b1c#Users`;

let table: DynamoTable;
let nowMs = Date.parse('2026-03-01T12:00:00Z');
let run: ReturnType<typeof createResolverRuntime>;
beforeAll(async () => {
  table = await openDynamoTable(registryDefinition.table, undefined);
  run = createResolverRuntime({
    definition: registryDefinition,
    call: table.call,
    env: { REGISTRARS: iamRole('Registrar') },
    now: () => nowMs,
  });
});
afterAll(() => table.close());

interface Change {
  readonly change: string;
  readonly endpoint: Record<string, unknown> | null;
}
const mutate = (fieldName: string, args: object, caller: ResolverCaller) =>
  run({ typeName: 'Mutation', fieldName, args: args as Record<string, unknown>, caller });
const register = (caller: ResolverCaller, more: object = {}) =>
  mutate(
    'registerEndpoint',
    { input: { stage, service: 'users', kind: 'rest', target: 'https://one.example.com', owner: 'ci:users', ...more } },
    caller,
  ) as Promise<Change>;
const deregister = (caller: ResolverCaller, more: object = {}) =>
  mutate(
    'deregisterEndpoint',
    { input: { stage, service: 'users', owner: 'ci:users', ...more } },
    caller,
  ) as Promise<Change>;
const override = (caller: ResolverCaller, more: object = {}) =>
  mutate('overrideEndpoint', { input: { stage, service: 'users', ...more } }, caller) as Promise<Change>;
const setRule = (input: object) => mutate('setRule', { input }, admin);
const readRules = async () =>
  (
    (await run({ typeName: 'Query', fieldName: 'rules', args: {}, caller: admin })) as {
      rules: { kind: string; name: string }[];
    }
  ).rules;
const readTargets = async (caller: ResolverCaller = admin) => {
  const args = { stage };
  const page = (await run({ typeName: 'Query', fieldName: 'snapshot', args, caller })) as {
    revision: string;
    endpoints: { target: string }[];
  };
  return { revision: page.revision, targets: page.endpoints.map(({ target }) => target) };
};
const inAnHour = () => new Date(nowMs + 3_600_000).toISOString();
const denied = expect.objectContaining({ errorType: 'RegistryDenied' });

let stage = '';
let stageNumber = 0;
beforeEach(async () => {
  stage = `stage-${++stageNumber}`;
  for (const { kind, name } of await readRules()) await mutate('removeRule', { kind, name }, admin);
});

describe('an owner', () => {
  test('named by a direct writer must be one that its own role has used before', async () => {
    await register(alice);
    await expect(register(bob)).rejects.toEqual(denied);
    await expect(deregister(bob)).rejects.toEqual(denied);
    expect((await register(as(role('Alice', 'another session')))).change).toBe('updated');
    expect((await register(bob, { takeover: true })).change).toBe('updated');
    expect((await deregister(bob)).change).toBe('deregistered');
  });

  test('that is a stack may be named only by the registrar, and its records removed by nobody else', async () => {
    const owner = stackOf('111122223333');
    await expect(register(alice, { owner })).rejects.toEqual(denied);
    await register(registrar, { owner });
    await expect(deregister(alice, { owner })).rejects.toEqual(denied);
    expect((await register(as(role('Registrar', 'next')), { owner })).change).toBe('updated');
    expect((await deregister(registrar, { owner })).change).toBe('deregistered');
  });
});

describe('a removal by takeover', () => {
  const reason = 'its stack is gone';
  const owner = stackOf('111122223333');

  test('clears what a stack holds that is gone, exactly as it was seen, and the late stack finds nothing', async () => {
    const { endpoint } = await register(registrar, { owner });
    const token = endpoint?.['token'];
    const input = { owner: 'cli:admin', takeover: true, reason };
    expect((await deregister(admin, { ...input, token: '1.1' })).change).toBe('unchanged');
    expect((await deregister(admin, { owner: 'cli:admin', token })).change).toBe('unchanged');
    await expect(deregister(admin, { ...input, owner, token })).rejects.toEqual(denied);
    expect(await deregister(admin, { ...input, token })).toMatchObject({ change: 'deregistered', endpoint: null });
    expect((await deregister(registrar, { owner })).change).toBe('unchanged');
    expect((await register(registrar, { owner })).change).toBe('registered');
  });

  test.each([
    ['without the token that was seen', { token: null }, 'token must be given'],
    ['without a reason', { reason: null }, 'reason must be given'],
  ])('is refused %s', async (_, more, message) => {
    const { endpoint } = await register(registrar, { owner });
    const input = { owner: 'cli:admin', takeover: true, token: endpoint?.['token'], reason, ...more };
    await expect(deregister(admin, input)).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  test('takes the verb takeover, also of whoever names the holder as its own owner', async () => {
    const { endpoint } = await register(alice);
    const verbs = ['register', 'deregister'];
    const scope = { kind: 'scope', name: 'bob', principals: [iamRole('Bob')], stages: ['*'] };
    await setRule({ ...scope, verbs });
    const takeover = { takeover: true, token: endpoint?.['token'], reason };
    for (const named of ['ci:users', 'ci:bob']) {
      await expect(deregister(bob, { ...takeover, owner: named })).rejects.toEqual(denied);
      await expect(register(bob, { takeover: true, owner: named })).rejects.toEqual(denied);
    }
    await setRule({ ...scope, verbs: [...verbs, 'takeover'] });
    expect((await deregister(bob, takeover)).change).toBe('deregistered');
  });

  test('is refused in a freeze and in a protected stage', async () => {
    const { endpoint } = await register(registrar, { owner });
    const input = { owner: 'cli:admin', takeover: true, reason, token: endpoint?.['token'] };
    await setRule({ kind: 'freeze', name: 'f', stages: [stage], reason: 'incident' });
    await expect(deregister(admin, input)).rejects.toMatchObject({ errorType: 'ServiceFrozen' });
    await mutate('removeRule', { kind: 'freeze', name: 'f' }, admin);
    await setRule({ kind: 'protection', name: 'p', stages: [stage], principals: [iamRole('Release')] });
    await expect(deregister(admin, input)).rejects.toEqual(denied);
  });
});

describe('a scope', () => {
  const scope = (more: object = {}) =>
    setRule({
      kind: 'scope',
      name: 'team-a',
      principals: [iamRole('Alice')],
      services: ['users', 'users-*'],
      stages: ['stage-*'],
      verbs: ['register', 'deregister'],
      ...more,
    });

  test('lets its principals use its verbs on its services in its stages, and nothing else', async () => {
    await scope();
    expect((await register(alice)).change).toBe('registered');
    expect((await register(alice, { service: 'users-eu' })).change).toBe('registered');
    await expect(register(alice, { service: 'orders' })).rejects.toEqual(denied);
    await expect(register(alice, { stage: 'Production' })).rejects.toEqual(denied);
    await expect(override(alice, { target: null })).rejects.toEqual(denied);
    await expect(register(bob, { service: 'orders' })).rejects.toEqual(denied);
    expect((await deregister(alice)).change).toBe('deregistered');
  });

  test('without the verb takeover does not let it replace another owner\u2019s record', async () => {
    await register(bob, { owner: 'ci:other' });
    await scope();
    await expect(register(alice, { takeover: true })).rejects.toEqual(denied);
    await scope({ verbs: ['register', 'takeover'] });
    expect((await register(alice, { takeover: true })).change).toBe('updated');
  });

  test('named by a registrar limits it, and an unknown one permits nothing', async () => {
    await scope({ principals: null });
    const owner = stackOf('111122223333');
    expect((await register(registrar, { owner, scope: 'team-a' })).change).toBe('registered');
    await expect(register(registrar, { owner, scope: 'team-a', service: 'orders' })).rejects.toEqual(denied);
    await expect(register(registrar, { owner, scope: 'team-b', weight: 5 })).rejects.toEqual(denied);
    expect((await register(registrar, { owner, service: 'orders' })).change).toBe('registered');
  });

  test('that refuses a registration lets its removal succeed, which finds nothing and remembers nothing', async () => {
    await scope({ principals: null });
    const owner = stackOf('111122223333');
    const given = { owner, scope: 'team-a', service: 'orders', requestedAt: '2026-03-01T11:00:00Z' };
    await expect(register(registrar, given)).rejects.toEqual(denied);
    const later = { ...given, requestedAt: '2026-03-01T11:30:00Z' };
    expect((await deregister(registrar, later)).change).toBe('unchanged');
    expect((await register(registrar, { ...given, scope: undefined })).change).toBe('registered');
    await expect(deregister(registrar, later)).rejects.toEqual(denied);
    await expect(deregister(registrar, { ...later, scope: 'team-b' })).rejects.toMatchObject({
      message: expect.stringContaining('There is no scope "team-b"'),
    });
  });

  test('may be named by registrars only', async () => {
    await scope();
    await expect(register(alice, { scope: 'team-a' })).rejects.toEqual(denied);
  });
});

describe('a protected stage', () => {
  test('may be written to by the principals of its rule: roles, stacks of an account, scopes of a registrar', async () => {
    await setRule({
      kind: 'protection',
      name: 'production',
      stages: [stage],
      principals: [iamRole('Alice'), 'arn:aws:cloudformation:*:111122223333:*', 'scope:platform'],
    });
    await setRule({ kind: 'scope', name: 'platform', verbs: ['register'] });
    await setRule({ kind: 'scope', name: 'preview', verbs: ['register'] });
    expect((await register(alice, { service: 'a' })).change).toBe('registered');
    await expect(register(bob, { service: 'b' })).rejects.toEqual(denied);
    expect((await register(registrar, { service: 'c', owner: stackOf('111122223333') })).change).toBe('registered');
    const foreign = stackOf('444455556666');
    await expect(register(registrar, { service: 'd', owner: foreign, scope: 'preview' })).rejects.toEqual(denied);
    expect((await register(registrar, { service: 'e', owner: foreign, scope: 'platform' })).change).toBe('registered');
    stage = `free-${stageNumber}`;
    expect((await register(bob)).change).toBe('registered');
  });

  test('may be overridden by the principals of its rule only, even by a registrar, for which there is no owner then', async () => {
    await register(registrar, { owner: stackOf('111122223333') });
    const input = { target: 'https://two.example.com', until: inAnHour(), reason: 'incident 42' };
    const protect = (principal: string) =>
      setRule({ kind: 'protection', name: 'production', stages: [stage], principals: [principal] });
    await protect(iamRole('Reg*'));
    expect((await override(registrar, input)).change).toBe('overridden');
    await protect('arn:aws:cloudformation:*');
    await expect(override(registrar, input)).rejects.toEqual(denied);
  });
});

describe('a freeze', () => {
  test('blocks every change until it is thawed, except overrides', async () => {
    await register(alice);
    await setRule({ kind: 'freeze', name: 'incident', stages: [stage], services: ['users'], reason: 'incident 42' });
    const frozen = expect.objectContaining({
      errorType: 'ServiceFrozen',
      message: expect.stringContaining('incident 42'),
    });
    await expect(register(alice, { target: 'https://two.example.com' })).rejects.toEqual(frozen);
    await expect(deregister(alice)).rejects.toEqual(frozen);
    expect((await register(alice, { service: 'orders' })).change).toBe('registered');
    const until = new Date(nowMs + 3_600_000).toISOString();
    const target = 'https://standby.example.com';
    expect((await override(admin, { target, until, reason: 'incident 42' })).change).toBe('overridden');
    expect(await mutate('removeRule', { kind: 'freeze', name: 'incident' }, admin)).toBe(true);
    expect((await deregister(alice)).change).toBe('deregistered');
  });
});

describe('a freeze', () => {
  test.each([
    ['target', 'https://two.example.com'],
    ['kind', 'http'],
    ['priority', 1],
    ['weight', 50],
    ['public', true],
    ['version', '2.0.0'],
    ['tenant', 'acme'],
    ['region', 'eu-west-1'],
    ['metadata', { team: 'red' }],
    ['metadata', { team: 'blue', more: 'x' }],
    ['metadata', null],
    ['expiresAt', '2100-01-01T00:00:00Z'],
  ])('is another %s: %j; what the record says already does nothing and succeeds', async (field, value) => {
    const given = {
      metadata: { team: 'blue', kind: 'x' },
      ...(field === 'metadata' && { metadata: { team: 'blue' } }),
    };
    const token = (await register(alice, given)).endpoint?.['token'];
    await setRule({ kind: 'freeze', name: 'incident', reason: 'incident 42' });
    await expect(register(alice, { ...given, [field]: value })).rejects.toMatchObject({ errorType: 'ServiceFrozen' });
    expect(await register(alice, given)).toMatchObject({ change: 'unchanged', endpoint: { token } });
    await expect(register(bob, { ...given, owner: 'ci:other' })).rejects.toMatchObject({ errorType: 'ServiceFrozen' });
  });
});

describe('an override', () => {
  const target = 'https://standby.example.com';
  test('serves until its end, leaves the record to its owner, and is followed by what was deployed in the meantime', async () => {
    await register(alice, { public: true });
    const before = await readTargets();
    const changed = await override(admin, { target, until: inAnHour(), reason: 'region down' });
    expect(changed.endpoint).toMatchObject({
      target,
      owner: 'ci:users',
      override: {
        registered: { target: 'https://one.example.com', weight: 100, priority: 0 },
        reason: 'region down',
        actor: 'arn:aws:iam::111122223333:user/admin',
      },
    });
    const during = await readTargets();
    expect(during.targets).toEqual([target]);
    expect(during.revision).not.toBe(before.revision);
    expect((await readTargets({ authType: 'API Key Authorization', identity: null })).targets).toEqual([target]);

    expect((await register(alice, { target: 'https://two.example.com', public: true })).endpoint).toMatchObject({
      target,
    });
    const deployed = await readTargets();
    expect(deployed.targets).toEqual([target]);
    nowMs += 3_601_000;
    const after = await readTargets();
    expect(after.targets).toEqual(['https://two.example.com']);
    expect(after.revision).not.toBe(deployed.revision);
  });

  test('of a weight or a version leaves the rest as it is registered, and one of a region goes with its target', async () => {
    await register(registrar, { owner: stackOf('111122223333'), version: '1.0.0', region: 'eu-west-1' });
    const time = { until: inAnHour(), reason: 'too slow' };
    expect((await override(admin, { weight: 0, ...time })).endpoint).toMatchObject({
      target: 'https://one.example.com',
      weight: 0,
      version: '1.0.0',
      owner: stackOf('111122223333'),
      override: { registered: { weight: 100, version: '1.0.0', region: 'eu-west-1' } },
    });
    const elsewhere = { target, region: 'us-east-1', version: '0.9.0' };
    expect((await override(admin, { ...elsewhere, ...time })).endpoint).toMatchObject({ ...elsewhere, weight: 100 });
    expect((await override(admin, {})).endpoint).toMatchObject({ version: '1.0.0', region: 'eu-west-1', weight: 100 });
    for (const wrong of [{ weight: 1001 }, { priority: -1 }, { version: 'one' }, { region: 'EU' }])
      await expect(override(admin, { ...wrong, ...time })).rejects.toMatchObject({ errorType: 'InvalidRecord' });
  });

  test('ends early when it is given no target', async () => {
    await register(alice);
    await override(admin, { target, until: inAnHour(), reason: 'by mistake' });
    expect((await override(admin, {})).endpoint).toMatchObject({ target: 'https://one.example.com' });
    expect((await readTargets()).targets).toEqual(['https://one.example.com']);
  });

  test.each([
    ['nothing that is not registered', { service: 'nobody' }, 'not registered'],
    ['no target that could not be registered', { target: 'http://evil.example.com' }, 'https://'],
    ['no time that is over', { until: '2020-01-01T00:00:00Z' }, 'later than now'],
    ['no time without an end', { until: null }, 'lasts for a time'],
    ['nothing without a reason', { reason: null }, 'reason'],
  ])('takes %s', async (_, more, words) => {
    await register(alice);
    const input = { target, until: inAnHour(), reason: 'test', ...more };
    await expect(override(admin, input)).rejects.toMatchObject({
      errorType: 'InvalidRecord',
      message: expect.stringContaining(words),
    });
  });
});

describe('the names', () => {
  test('that a registry allows and reserves apply to new services', async () => {
    await register(alice, { service: 'Legacy' });
    await setRule({ kind: 'names', name: 'style', services: ['team-*'], reserved: ['team-admin'] });
    expect((await register(alice, { service: 'team-users' })).change).toBe('registered');
    const invalid = expect.objectContaining({ errorType: 'InvalidRecord' });
    await expect(register(alice, { service: 'users' })).rejects.toEqual(invalid);
    await expect(register(alice, { service: 'team-admin' })).rejects.toEqual(invalid);
    expect((await register(alice, { service: 'Legacy' })).change).toBe('updated');
  });
});

describe('previews', () => {
  test('expire unless they are deployed again, or say when themselves', async () => {
    await setRule({ kind: 'previews', name: 'branches', stages: [stage], seconds: 86_400 });
    expect((await register(alice)).endpoint).toMatchObject({ expiresAt: new Date(nowMs + 86_400_000).toISOString() });
    nowMs += 80_000_000;
    await register(alice);
    nowMs += 80_000_000;
    expect((await readTargets()).targets).toHaveLength(1);
    nowMs += 10_000_000;
    expect((await readTargets()).targets).toEqual([]);
    const expiresAt = new Date(nowMs + 1000).toISOString();
    expect((await register(alice, { expiresAt })).endpoint).toMatchObject({ expiresAt });
  });
});

describe('rules', () => {
  test('say who wrote them, are replaced by name, and are not listed as a stage', async () => {
    await setRule({ kind: 'freeze', name: 'all', reason: 'one' });
    expect(await setRule({ kind: 'freeze', name: 'all', reason: 'two' })).toMatchObject({ reason: 'two' });
    expect(await readRules()).toMatchObject([
      { kind: 'freeze', name: 'all', reason: 'two', actor: 'arn:aws:iam::111122223333:user/admin' },
    ]);
    const { stages } = (await run({ typeName: 'Query', fieldName: 'stages', args: {}, caller: admin })) as {
      stages: string[];
    };
    expect(stages.filter((name) => name.includes('#'))).toEqual([]);
    expect(await mutate('removeRule', { kind: 'freeze', name: 'all' }, admin)).toBe(true);
    expect(await mutate('removeRule', { kind: 'freeze', name: 'all' }, admin)).toBe(false);
  });

  test.each([
    ['a scope without verbs', { kind: 'scope', name: 'x' }],
    ['a protection of nothing', { kind: 'protection', name: 'x', principals: ['*'] }],
    ['a freeze without a reason', { kind: 'freeze', name: 'x' }],
    ['previews of a minute', { kind: 'previews', name: 'x', stages: ['*'], seconds: 60 }],
    ['a name that is none', { kind: 'freeze', name: 'a b', reason: 'x' }],
    ['a pattern with a line break', { kind: 'freeze', name: 'x', reason: 'x', services: ['a\n'] }],
  ])('cannot be %s', async (_, input) => {
    await expect(setRule(input)).rejects.toMatchObject({ errorType: 'InvalidOptions' });
    expect(await readRules()).toEqual([]);
  });
});
