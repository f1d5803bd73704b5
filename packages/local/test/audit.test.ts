import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createAuditHandler,
  findGaps,
  readAudit,
  type AuditEntry,
  type AuditStore,
  type DynamoItem,
  type StreamRecord,
} from '@amplify-discovery/registry/audit';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { deregisterEndpoint, registerEndpoint, setRule } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import fc from 'fast-check';
import { createResolverRuntime, type ResolverCaller } from '../src/appsync-runtime.ts';
import { createAuditFolder } from '../src/audit-folder.ts';
import { createStreamRecorder } from '../src/create-stream-recorder.ts';
import { openDynamoTable } from '../src/dynamo-table.ts';
import { startLocalRegistry } from '../src/start-local-registry.ts';

const start = Date.parse('2026-03-01T23:59:50Z');
const { partitionKey, sortKey, bookkeeping } = registryDefinition.table;

describe('the log of a random history', () => {
  const stage = fc.constantFrom('dev', 'prod');
  const service = fc.constantFrom('users', 'orders');
  const owner = fc.constantFrom('one', 'two');
  const target = fc.integer({ min: 1, max: 3 }).map((number) => `https://a${number}.example.com`);
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        op: fc.constant('registerEndpoint' as const),
        stage,
        service,
        owner,
        target,
        takeover: fc.boolean(),
        requestId: fc.constantFrom('r1', 'r2', undefined),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constant('deregisterEndpoint' as const),
        stage,
        service,
        owner,
        requestId: fc.constantFrom('r3', undefined),
        requestedAt: fc.constantFrom('2026-03-01T00:00:00Z', undefined),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('overrideEndpoint' as const),
        stage,
        service,
        target: fc.option(target, { nil: null }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('setRule' as const), name: fc.constantFrom('a', 'b'), service }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('removeRule' as const), name: fc.constantFrom('a', 'b') }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('expire' as const), stage, service }) },
  );
  const steps = fc.array(fc.tuple(step, fc.constantFrom('ann', 'bob'), fc.integer({ min: 0, max: 4000 })), {
    minLength: 1,
    maxLength: 25,
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  /** Every change of the table, as its stream has it, and the rows at the end. */
  async function record(history: readonly (readonly [Step, string, number])[]) {
    const records: StreamRecord[] = [];
    let nowMs = start;
    const write = createStreamRecorder({ last: 0n, now: () => nowMs });
    const store = { items: [], write: async () => {}, close: async () => {} };
    const table = await openDynamoTable(registryDefinition.table, {
      store,
      log: async (change) => {
        records.push(write(change));
        return async () => {};
      },
    });
    const run = createResolverRuntime({ definition: registryDefinition, call: table.call, env: {}, now: () => nowMs });
    for (const [{ op, ...input }, actor, pauseMs] of history) {
      nowMs += pauseMs;
      const caller = makeCaller(actor);
      await run({ typeName: 'Mutation', fieldName: op, args: makeArguments(op, input, nowMs), caller }).catch(() => {});
      if (op === 'expire') await expire(input as { stage: string; service: string });
    }
    const { Items } = await table.call('Scan', {});
    await table.close();
    return { records, rows: Items as readonly DynamoItem[] };

    /** What DynamoDB's TTL does: nothing else deletes rows. */
    async function expire(given: { stage: string; service: string }): Promise<void> {
      const key: DynamoItem = { [partitionKey]: { S: given.stage }, [sortKey]: { S: `${given.service}#default` } };
      const { Item } = await table.call('GetItem', { Key: key });
      if (!Item) return;
      await table.call('DeleteItem', { Key: key });
      const last = records.pop() as StreamRecord;
      records.push({ ...last, userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } });
    }
  }

  const makeCaller = (name: string): ResolverCaller => ({
    authType: 'IAM Authorization',
    identity: { userArn: `arn:aws:iam::111122223333:user/${name}` },
  });
  function makeArguments(op: Step['op'], input: object, nowMs: number): Record<string, unknown> {
    const until = new Date(nowMs + 3_600_000).toISOString();
    if (op === 'removeRule') return { kind: 'names', ...input };
    if (op === 'setRule') {
      const { name, service: reserved } = input as { name: string; service: string };
      return { input: { kind: 'names', name, reserved: [`${reserved}-x`] } };
    }
    return { input: { kind: 'rest', until, reason: 'a test', ...input } };
  }

  test('replays to what the table has, however often and late batches are delivered, and lacks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(2)),
        async (history, size, luck) => {
          const { records, rows } = await record(history);
          const log = createMemoryLog();
          const batches = cut(records, size);
          // Late, and again: the log doesn't depend on order or number of deliveries.
          const deliveries = [...batches].reverse().concat(batches.filter(() => luck.next().value === 0));
          for (const batch of deliveries) await deliver(batch, log, luck);
          const entries = await read(log);
          expect(findGaps(entries)).toEqual([]);
          expect(replay(entries)).toEqual(describeRows(rows));
          expect(JSON.stringify(entries)).not.toMatch(/"token"|"limb[AB]"|"requestIds"|"mark"/);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('shows the gap that a lost entry leaves between two others of its subject', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (history, choice) => {
        const { records } = await record(history);
        const log = createMemoryLog();
        await deliver(records, log);
        const entries = await read(log);
        fc.pre(entries.length > 0);
        const lost = entries[choice % entries.length] as AuditEntry;
        const subject = nameSubject(lost);
        const own = entries.filter((entry) => nameSubject(entry) === subject);
        const at = own.indexOf(lost);
        const gaps = findGaps(entries.filter((entry) => entry !== lost));
        const isBetween = at > 0 && at < own.length - 1;
        expect(gaps).toHaveLength(isBetween ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the local registry', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'audit-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const users = { stage: 'dev', service: 'users', owner: 'ann' };
  const makeUsers = (target: string) => ({ ...users, kind: 'rest' as const, target });
  const readAll = async () => read(createAuditFolder(join(folder, 'audit')));

  test('keeps the log beside its data and goes on with it, also when the clock was set back', async () => {
    let now = Date.now();
    const first = await startLocalRegistry({ dataFolder: folder, now: () => now });
    await registerEndpoint(sigv4Transport(first), makeUsers('https://one.example.com'));
    await setRule(sigv4Transport(first), { kind: 'freeze', name: 'f', services: ['orders'], reason: 'incident' });
    await first.stop();
    now -= 1;
    const second = await startLocalRegistry({ dataFolder: folder, now: () => now });
    await registerEndpoint(sigv4Transport(second), makeUsers('https://two.example.com'));
    await deregisterEndpoint(sigv4Transport(second), users);
    // A removal that finds nothing changes nothing.
    await deregisterEndpoint(sigv4Transport(second), users);
    await second.stop();
    const entries = await readAll();
    const actor = 'arn:aws:iam::000000000000:user/local';
    expect(entries).toMatchObject([
      { change: 'registered', service: 'users', owner: 'ann', actor, before: null },
      { change: 'rule-set', rule: { kind: 'freeze', name: 'f' }, actor, after: { reason: 'incident' } },
      {
        change: 'updated',
        before: { target: 'https://one.example.com' },
        after: { target: 'https://two.example.com' },
      },
      { change: 'deregistered', owner: 'ann', actor, after: null },
    ]);
    expect(findGaps(entries)).toEqual([]);
  });
});

function createMemoryLog(): AuditStore & { readonly objects: Map<string, string> } {
  const objects = new Map<string, string>();
  return {
    objects,
    async put(key, text) {
      if (objects.has(key)) {
        // What is delivered again is the same entry.
        expect(objects.get(key)).toBe(text);
        return 'present';
      }
      objects.set(key, text);
      return 'written';
    },
    async *list({ from, until }) {
      yield [...objects.keys()].filter((key) => key >= from && key < until).sort();
    },
    get: async (key) => objects.get(key),
  };
}

/** As Lambda's poller does: a batch that comes back is delivered again from the record that is named. */
async function deliver(batch: readonly StreamRecord[], log: AuditStore, luck?: Iterator<number>): Promise<void> {
  const put: AuditStore['put'] = async (key, text) => {
    if (luck?.next().value === 1) throw new Error('the bucket is away');
    return log.put(key, text);
  };
  const handle = createAuditHandler({ store: { put } });
  for (let rest = batch; rest.length > 0;) {
    const isSame = (error: unknown) => error instanceof Error && error.message === 'the bucket is away';
    const { batchItemFailures } = await handle({ Records: rest }).catch((error: unknown) => {
      if (!isSame(error)) throw error;
      return { batchItemFailures: [{ itemIdentifier: rest[0]?.dynamodb?.SequenceNumber ?? '' }] };
    });
    const [failure] = batchItemFailures;
    if (!failure) return;
    const at = rest.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failure.itemIdentifier);
    expect(at).toBeGreaterThanOrEqual(0);
    rest = rest.slice(at);
  }
}

function cut<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...cut(items.slice(size), size)];
}

async function read(log: AuditStore): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of readAudit(log, { since: start - 86_400_000, until: Date.parse('2100-01-01T00:00:00Z') }))
    entries.push(entry);
  return entries;
}

const nameSubject = (entry: AuditEntry) =>
  'rule' in entry ? `${entry.rule.kind}#${entry.rule.name}` : `${entry.stage}/${entry.service}#${entry.id}`;

function replay(entries: readonly AuditEntry[]): Readonly<Record<string, unknown>> {
  const state = new Map<string, unknown>();
  for (const entry of entries) {
    if (entry.after) state.set(nameSubject(entry), pick(entry.after));
    else state.delete(nameSubject(entry));
  }
  return Object.fromEntries(state);
}

/** What the rows say, found without the code that writes the log. */
function describeRows(rows: readonly DynamoItem[]): Readonly<Record<string, unknown>> {
  const text = (row: DynamoItem, name: string) => (row[name] as { S: string } | undefined)?.S ?? '';
  return Object.fromEntries(
    rows.flatMap((row): [string, unknown][] => {
      const [stage, key] = [text(row, partitionKey), text(row, sortKey)];
      if (key === bookkeeping.headKey) return [];
      if (stage === bookkeeping.rulesStage) {
        const rule = row['rule'] as { M: DynamoItem } | undefined;
        return rule ? [[key, { updatedAt: text(rule.M, 'updatedAt') }]] : [];
      }
      if (row['removed']) return [];
      const override = row['override'] as { M: DynamoItem } | undefined;
      const fields = ['target', 'owner', 'actor', 'updatedAt'].map((name) => [name, text(row, name)]);
      const known = Object.fromEntries(fields) as object;
      return [[`${stage}/${key}`, { ...known, ...(override && { override: text(override.M, 'target') }) }]];
    }),
  );
}

function pick(state: Readonly<Record<string, unknown>>): object {
  const { target, owner, actor, updatedAt } = state;
  if (target === undefined) return { updatedAt };
  const override = state['override'] as { readonly target?: unknown } | undefined;
  return { target, owner, actor, updatedAt, ...(override && { override: override.target }) };
}
