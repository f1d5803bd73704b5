import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import fc from 'fast-check';
import { createResolverRuntime, type ResolverCaller } from '../src/appsync-runtime.ts';
import { openDynamoTable, type DynamoTable } from '../src/dynamo-table.ts';
import type { DynamoItem } from '@amplify-discovery/registry/audit';
import { fromDynamoItem } from '../src/dynamo-values.ts';

/** Backups and restorations by the deployed resolvers, on a real table whose rows are looked at directly. */
type Row = Readonly<Record<string, unknown>> & { readonly stage: string; readonly key: string };

const operator: ResolverCaller = {
  authType: 'IAM Authorization',
  identity: { userArn: 'arn:aws:iam::111122223333:user/operator' },
};
const team = (name: string): ResolverCaller => ({
  authType: 'IAM Authorization',
  identity: { userArn: `arn:aws:sts::111122223333:assumed-role/${name}/session` },
});

let table: DynamoTable;
let nowMs: number;
let run: ReturnType<typeof createResolverRuntime>;

beforeAll(async () => {
  table = await openDynamoTable(registryDefinition.table, undefined);
  run = createResolverRuntime({ definition: registryDefinition, call: table.call, env: {}, now: () => nowMs });
});
afterAll(() => table.close());
beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  await wipe();
});

const mutate = (fieldName: string, args: Record<string, unknown>, caller = operator) =>
  run({ typeName: 'Mutation', fieldName, args, caller });
const restoreRow = async (row: unknown, dryRun = false) =>
  ((await mutate('restoreRow', { row, dryRun })) as { change: string }).change;
const restore = async (rows: readonly Row[]) => {
  const changes: string[] = [];
  for (const row of rows) changes.push(await restoreRow(row));
  return changes;
};
const register = (service: string, more: Record<string, unknown> = {}, owner = 'stack-1') =>
  mutate('registerEndpoint', {
    input: { stage: 'dev', service, kind: 'rest', target: `https://${service}.example.com`, owner, ...more },
  });
const deregister = (service: string, owner = 'stack-1') =>
  mutate('deregisterEndpoint', { input: { stage: 'dev', service, owner } });
const readSnapshot = async (knownRevision?: string) =>
  (await run({
    typeName: 'Query',
    fieldName: 'snapshot',
    args: { stage: 'dev', knownRevision },
    caller: operator,
  })) as { revision: string; unchanged: boolean; endpoints: readonly { service: string; target: string }[] };

/** The rows as a client gets them: JSON that comes and goes. */
async function backup(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let nextToken: string | null = null;
  do {
    const page = (await run({ typeName: 'Query', fieldName: 'rows', args: { nextToken }, caller: operator })) as {
      rows: Row[];
      nextToken: string | null;
    };
    rows.push(...page.rows);
    nextToken = page.nextToken;
  } while (nextToken !== null);
  return JSON.parse(JSON.stringify(rows)) as Row[];
}

async function scan(): Promise<readonly Row[]> {
  const { Items } = await table.call('Scan', { ConsistentRead: true });
  return (Items as DynamoItem[]).map((item) => fromDynamoItem(item) as Row);
}

async function wipe(): Promise<void> {
  for (const { stage, key } of await scan())
    await table.call('DeleteItem', { Key: { stage: { S: stage }, key: { S: key } } });
}

/** Everything but heads, and but who restored it. */
async function readTable(): Promise<ReadonlyMap<string, object>> {
  const rows = (await scan()).filter(({ stage }) => !stage.endsWith('#head'));
  return new Map(
    rows
      .map((row) => [`${row.stage} ${row.key}`, { ...row, restoredBy: undefined }] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** A registry with some of everything. */
async function fill(): Promise<void> {
  await register('users', {
    id: 'canary',
    region: 'eu-west-1',
    authMode: 'iam',
    version: '1.2.3',
    tenant: 'acme',
    weight: 5,
    priority: 1,
    public: true,
    metadata: { team: 'users', constructor: 'x' },
    requestId: 'request-1',
    requestedAt: '2026-03-01T11:59:00Z',
    expiresAt: '2026-03-09T12:00:00+02:00',
  });
  await register('orders', { requestId: 'request-2' }, 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1#A');
  await register('jobs', { kind: 'function', target: 'arn:aws:lambda:eu-west-1:111122223333:function:jobs' });
  await register('gone');
  nowMs += 1000;
  await deregister('gone');
  await mutate('registerEndpoint', {
    input: { stage: 'prod', service: 'users', kind: 'rest', target: 'https://a.example.com', owner: 'stack-1' },
  });
  await mutate('overrideEndpoint', {
    input: {
      stage: 'prod',
      service: 'users',
      target: 'https://standby.example.com',
      until: '2026-03-02T12:00:00Z',
      reason: 'incident',
    },
  });
  await mutate('setRule', {
    input: { kind: 'scope', name: 'team', principals: ['a*'], services: ['user-*'], verbs: ['register'] },
  });
  await mutate('setRule', { input: { kind: 'freeze', name: 'night', stages: ['prod'], reason: 'release' } });
  await mutate('setRule', { input: { kind: 'previews', name: 'old', stages: ['pr-*'], seconds: 7200 } });
  await mutate('removeRule', { kind: 'previews', name: 'old' });
}

describe('a table that was lost', () => {
  test('comes back from its backup: records, owners, tokens, what is remembered, removals, rules, freezes, overrides', async () => {
    await fill();
    const before = await readTable();
    const rows = await backup();
    expect(rows).toHaveLength(before.size);
    await wipe();
    expect(new Set(await restore(rows))).toEqual(new Set(['restored']));
    expect(await readTable()).toEqual(before);
    expect(new Set(await restore(rows))).toEqual(new Set(['unchanged']));
    expect(await readTable()).toEqual(before);
  });

  test('says of each restored row who brought it back', async () => {
    await register('users');
    const rows = await backup();
    await wipe();
    nowMs += 5000;
    await restore(rows);
    expect((await scan()).find(({ key }) => key === 'users#default')).toMatchObject({
      owner: 'stack-1',
      restoredBy: { actor: 'arn:aws:iam::111122223333:user/operator', at: '2026-03-01T12:00:05.000Z' },
    });
  });

  test('is served on with its rules: a late duplicate does nothing, another owner and a frozen stage are refused', async () => {
    await fill();
    const rows = await backup();
    await wipe();
    await restore(rows);
    const again = { requestId: 'request-2' };
    const owner = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1#A';
    expect(await register('orders', again, owner)).toMatchObject({ change: 'unchanged' });
    await expect(register('orders', {}, 'stack-9')).rejects.toMatchObject({ errorType: 'RegistrationConflict' });
    await expect(register('other', { stage: 'prod' })).rejects.toMatchObject({ errorType: 'ServiceFrozen' });
    expect(await register('orders', { version: '2.0.0' }, owner)).toMatchObject({ change: 'updated' });
  });

  test('comes back whole when a restoration is interrupted anywhere and run again', async () => {
    await fill();
    const before = await readTable();
    const rows = await backup();
    for (let done = 0; done <= rows.length; done++) {
      await wipe();
      await restore(rows.slice(0, done));
      const changes = await restore(rows);
      expect(changes.filter((change) => change === 'restored')).toHaveLength(rows.length - done);
      expect(await readTable()).toEqual(before);
    }
  });

  test('tells no reader "unchanged" of what it has changed', async () => {
    await register('users');
    const rows = await backup();
    const { revision: full } = await readSnapshot();
    await wipe();
    await register('orders');
    const { revision: after } = await readSnapshot();
    expect((await readSnapshot(after)).unchanged).toBe(true);
    await restore(rows);
    const last = await readSnapshot(after);
    expect(last.unchanged).toBe(false);
    expect(last.endpoints.map(({ service }) => service)).toEqual(['orders', 'users']);
    await deregister('orders');
    expect((await readSnapshot(full)).unchanged).toBe(true);
  });

  test('does not get back what has expired meanwhile, nor removals that are no longer remembered', async () => {
    await register('preview', { expiresAt: '2026-03-02T12:00:00Z' });
    await register('gone');
    await deregister('gone');
    const rows = await backup();
    await wipe();
    nowMs += 3 * 86_400_000;
    expect(await restore(rows)).toEqual(['expired', 'expired']);
    expect(await readTable()).toEqual(new Map());
  });
});

describe('what was written since the backup stays', () => {
  test.each([
    ['an update', () => register('users', { version: '2.0.0' })],
    ['a takeover', () => register('users', { takeover: true }, 'stack-2')],
    ['a removal', () => deregister('users')],
    [
      'an override',
      () =>
        mutate('overrideEndpoint', {
          input: {
            stage: 'dev',
            service: 'users',
            target: 'https://b.example.com',
            until: '2026-03-02T12:00:00Z',
            reason: 'x',
          },
        }),
    ],
  ])('%s', async (_, write) => {
    await register('users');
    const rows = await backup();
    nowMs += 1;
    await write();
    const now = await readTable();
    expect(await restore(rows)).toEqual(['kept']);
    expect(await readTable()).toEqual(now);
  });

  test('a rule that was changed, one that was removed; and a backup that is newer than the table replaces', async () => {
    await register('users');
    await mutate('setRule', { input: { kind: 'freeze', name: 'night', reason: 'one' } });
    await mutate('setRule', { input: { kind: 'freeze', name: 'day', reason: 'one' } });
    const older = await backup();
    nowMs += 1;
    await mutate('setRule', { input: { kind: 'freeze', name: 'night', reason: 'two' } });
    await mutate('removeRule', { kind: 'freeze', name: 'day' });
    await mutate('removeRule', { kind: 'freeze', name: 'none' });
    const newer = await backup();
    const now = await readTable();
    expect((await restore(older)).sort()).toEqual(['kept', 'kept', 'unchanged']);
    expect(await readTable()).toEqual(now);
    await wipe();
    await restore(older);
    expect((await restore(newer)).sort()).toEqual(['replaced', 'replaced', 'unchanged']);
    expect(await readTable()).toEqual(now);
  });

  test('a stack that deploys or is deleted in the emptied registry before the restoration', async () => {
    const requestedAt = '2026-03-01T12:00:00Z';
    await register('users', { requestedAt: '2026-03-01T11:00:00Z' });
    await register('orders', { requestedAt: '2026-03-01T11:00:00Z' });
    const rows = await backup();
    await wipe();
    nowMs += 60_000;
    await register('users', { version: '2.0.0', requestedAt });
    await mutate('deregisterEndpoint', { input: { stage: 'dev', service: 'orders', owner: 'stack-1', requestedAt } });
    expect(await restore(rows)).toEqual(['kept', 'kept']);
    expect((await readSnapshot()).endpoints).toMatchObject([{ service: 'users', version: '2.0.0' }]);
  });
});

test('writers during a restoration lose nothing, and the rest is as in the backup', async () => {
  const services = ['a', 'b', 'c', 'd'];
  const step = fc.record({
    service: fc.constantFrom(...services),
    action: fc.constantFrom('register', 'register', 'deregister', 'override'),
  });
  let collisions = 0;
  const isCollision = (error: unknown) => (error as { errorType?: string }).errorType === 'ConcurrentChange';
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.boolean(), async (steps, isWiped) => {
      await wipe();
      for (const service of services) await register(service);
      const rows = await backup();
      if (isWiped) await wipe();
      nowMs += 1000;
      const written = new Set<string>();
      const perform = async ({ service, action }: (typeof steps)[number]) => {
        const until = new Date(nowMs + 3_600_000).toISOString();
        const target = `https://${service}-2.example.com`;
        const input = { stage: 'dev', service, target, until, reason: 'x' };
        const write = () => {
          if (action === 'register') return register(service, { target });
          return action === 'deregister' ? deregister(service) : mutate('overrideEndpoint', { input });
        };
        const { change } = await (write() as Promise<{ change: string }>).catch((error: unknown) => {
          if (isCollision(error)) collisions++;
          return { change: 'unchanged' };
        });
        if (change !== 'unchanged') written.add(service);
      };
      const restoreUntilDone = async (row: Row): Promise<void> => {
        try {
          await restoreRow(row);
        } catch (error) {
          if (!isCollision(error)) throw error;
          collisions++;
          await restoreUntilDone(row);
        }
      };
      await Promise.all([...steps.map(perform), ...rows.map(restoreUntilDone)]);

      const known = await readSnapshot();
      const present = new Map(known.endpoints.map((endpoint) => [endpoint.service, endpoint.target]));
      for (const service of services) {
        // A write never gives way to the backup, and what nobody has written is as in it.
        if (written.has(service)) expect(present.get(service)).not.toBe(`https://${service}.example.com`);
        else expect(present.get(service)).toBe(`https://${service}.example.com`);
      }
      // Restoring once more finds nothing to do: nothing older than the backup is left, nothing newer was overwritten.
      const settled = await readTable();
      expect(new Set(await restore(rows)).has('restored')).toBe(false);
      expect(await readTable()).toEqual(settled);
      expect((await readSnapshot(known.revision)).unchanged).toBe(true);
    }),
    { numRuns: 40 },
  );
  expect(collisions).toBeGreaterThan(0);
}, 60_000);

describe('a row that the registry could not have written is refused, and nothing is written', () => {
  const refused = async (row: unknown, message: string) => {
    const before = await readTable();
    for (const dryRun of [true, false]) {
      await expect(restoreRow(row, dryRun)).rejects.toMatchObject({
        message: expect.stringContaining(message),
        errorType: expect.stringMatching(/^Invalid(Record|Options)$/),
      });
    }
    expect(await readTable()).toEqual(before);
  };

  test.each([
    ['no object', () => 'text', 'row must be a JSON object'],
    ['a list', () => [], 'row must be a JSON object'],
    ['an attribute of a later contract', (row: Row) => ({ ...row, shard: 1 }), 'upgrade it first'],
    ['a member that every object has', (row: Row) => ({ ...row, constructor: 'x' }), '"constructor"'],
    ['a stage that cannot be one', (row: Row) => ({ ...row, stage: 'dev#head' }), 'stage must be'],
    ['the key of another service', (row: Row) => ({ ...row, key: 'orders#default' }), 'key must be'],
    ['a target that is not https', (row: Row) => ({ ...row, target: 'http://evil.example.com' }), 'target must be'],
    ['an unknown kind', (row: Row) => ({ ...row, kind: 'soap' }), 'kind must be'],
    ['a token that is not its numbers', (row: Row) => ({ ...row, limbA: 7 }), 'token must be'],
    ['numbers as text', (row: Row) => ({ ...row, weight: '5' }), 'weight must be a whole number'],
    ['no owner', (row: Row) => ({ ...row, owner: null }), 'owner must be given'],
    ['an owner of nothing', (row: Row) => ({ ...row, owner: '' }), 'owner must be'],
    ['an override without an end', (row: Row) => ({ ...row, override: { target: 'https://a.b' } }), 'override must be'],
    ['metadata that are not texts', (row: Row) => ({ ...row, metadata: { a: 1 } }), 'metadata must be'],
    ['a time in the far future', (row: Row) => ({ ...row, writtenAt: 4e12 }), 'writtenAt must be in the past'],
    ['an end without its seconds', (row: Row) => ({ ...row, expiresAt: '2026-04-01T00:00:00Z' }), 'expiresAt must be'],
    [
      'a public ARN',
      (row: Row) => ({ ...row, public: true, kind: 'function', target: 'arn:aws:lambda:a:1:f' }),
      'public',
    ],
    [
      'a removal that never ends',
      ({ stage, key, token, limbA, limbB }: Row) => ({ stage, key, token, limbA, limbB, removed: true }),
      'ttl must be given',
    ],
  ])('%s', async (_, change, message) => {
    await register('users');
    const [row] = (await backup()) as [Row];
    await wipe();
    await refused(change(row), message);
    expect(await restoreRow(row)).toBe('restored');
  });

  test.each([
    ['another kind', { kind: 'law' }, 'rule.kind must be'],
    ['no reason', { reason: undefined }, 'reason is missing'],
    ['a list that is text', { stages: 'dev' }, 'rule.stages must be a list'],
    ['another name', { name: 'day' }, 'key must be'],
    ['a field of a later contract', { weekdays: ['monday'] }, 'upgrade it first'],
  ])('a rule with %s', async (_, change, message) => {
    await mutate('setRule', { input: { kind: 'freeze', name: 'night', reason: 'release' } });
    const [row] = (await backup()) as [Row];
    await wipe();
    await refused({ ...row, rule: { ...(row['rule'] as object), ...change } }, message);
  });

  test('any JSON whatever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (row) => {
        await expect(restoreRow(row)).rejects.toMatchObject({ errorType: expect.stringMatching(/^Invalid/) });
      }),
      { numRuns: 200 },
    );
    expect(await readTable()).toEqual(new Map());
  });

  test('any field of a real row with any JSON in its place never harms a reader', async () => {
    await register('users', { metadata: { a: 'b' }, requestId: 'r' });
    const [row] = (await backup()) as [Row];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(row)), fc.jsonValue(), async (field, value) => {
        await wipe();
        await restoreRow({ ...row, [field]: value }).catch((error: { errorType?: string }) => {
          expect(error.errorType).toMatch(/^Invalid/);
        });
        expect((await readSnapshot()).revision).toMatch(/^\d+\.\d+$/);
      }),
      { numRuns: 300 },
    );
  });
});

test('an API key and a user pool have no field that backs up or restores', () => {
  const line = (field: string) => new RegExp(`^  ${field}\\(.*@aws_iam$`, 'm').test(registryDefinition.schema);
  expect([line('rows'), line('restoreRow')]).toEqual([true, true]);
  expect(registryDefinition.readFields).not.toContain('Query/fields/rows');
});

test('a dry run says what a restoration would do, and writes nothing', async () => {
  await register('users');
  const [row] = (await backup()) as [Row];
  await wipe();
  expect(await restoreRow(row, true)).toBe('restored');
  expect(await scan()).toEqual([]);
});

test('a writer of another role keeps what is its own after a restoration', async () => {
  const writing = createResolverRuntime({
    definition: registryDefinition,
    call: table.call,
    env: { REGISTRARS: 'arn:aws:iam::111122223333:role/Registrar' },
    now: () => nowMs,
  });
  const write = (caller: ResolverCaller, target: string) =>
    writing({
      typeName: 'Mutation',
      fieldName: 'registerEndpoint',
      args: { input: { stage: 'dev', service: 'users', kind: 'rest', target, owner: 'ci' } },
      caller,
    });
  await write(team('Alice'), 'https://a.example.com');
  const rows = await backup();
  await wipe();
  await restore(rows);
  await expect(write(team('Bob'), 'https://b.example.com')).rejects.toMatchObject({ errorType: 'RegistryDenied' });
  expect(await write(team('Alice'), 'https://c.example.com')).toMatchObject({ change: 'updated' });
});
