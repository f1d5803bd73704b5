import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { createResolverRuntime, type ResolverCaller } from '../src/appsync-runtime.ts';
import { openDynamoTable, type DynamoTable } from '../src/dynamo-table.ts';
import type { DynamoItem } from '@amplify-discovery/registry/audit';
import { fromDynamoItem, toDynamoItem } from '../src/dynamo-values.ts';
import type { DynamoCall } from '../src/embedded-dynamo.ts';

/**
 * The resolvers on the real table, with every call to the table held back until the schedule releases it: all interleavings of
 * writers and readers. Whatever the interleaving, a stage's head is empty or correct at rest.
 */
const runs = scaleRuns(10);
const iam: ResolverCaller = { authType: 'IAM Authorization', identity: { userArn: 'arn:aws:iam::1:user/test' } };
const anybody: ResolverCaller = { authType: 'API Key Authorization', identity: null };

let table: DynamoTable;
let stageNumber = 0;
beforeAll(async () => {
  table = await openDynamoTable(registryDefinition.table);
});
afterAll(() => table.close());

/** Runs a field of the registry over a table whose calls go through `call`. A page of the stage has two records. */
const makeRegistry = (call: DynamoCall) => {
  const run = createResolverRuntime({
    definition: registryDefinition,
    call: (action, input) => call(action, action === 'Query' ? { ...input, Limit: 2 } : input),
    env: {},
    now: Date.now,
  });
  return (typeName: 'Query' | 'Mutation', fieldName: string, args: Record<string, unknown>, caller = iam) =>
    run({ typeName, fieldName, args, caller });
};
type Registry = ReturnType<typeof makeRegistry>;

interface Page {
  readonly revision: string | null;
  readonly unchanged: boolean;
  readonly nextToken: string | null;
}

async function read(registry: Registry, stage: string, caller: ResolverCaller, knownRevision?: string | null) {
  let nextToken: string | null = null;
  for (;;) {
    const page = (await registry('Query', 'snapshot', { stage, knownRevision, nextToken }, caller)) as Page;
    if (!page.nextToken) return page;
    nextToken = page.nextToken;
  }
}

/** What one participant does with the registry. */
const action = fc.oneof(
  fc.record({
    does: fc.constantFrom('register', 'register', 'deregister' as const),
    service: fc.constantFrom('a', 'b', 'c', 'd'),
    isPublic: fc.boolean(),
  }),
  fc.record({ does: fc.constantFrom('read', 'readWithKey', 'forge' as const) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

async function act(registry: Registry, stage: string, what: Action): Promise<void> {
  if ('service' in what) {
    const { does, service, isPublic } = what;
    const key = { stage, service, owner: 'stack' };
    const record = { ...key, kind: 'rest', target: 'https://api.example.com', public: isPublic };
    const input = does === 'register' ? record : key;
    // Of two writers of one key one gets ConcurrentChange, which doesn't matter here.
    await registry('Mutation', `${does}Endpoint`, { input }).catch(() => {});
  } else if (what.does === 'forge') {
    // A caller without credentials continues real pages with forged sums.
    let nextToken: string | null = null;
    do {
      const page = (await registry('Query', 'snapshot', { stage, nextToken }, anybody)) as Page;
      nextToken =
        page.nextToken && JSON.stringify({ ...JSON.parse(page.nextToken), a: 1, b: 2, publicA: 3, publicB: 4 });
    } while (nextToken);
  } else await read(registry, stage, what.does === 'read' ? iam : anybody);
}

/** What the head should hold: the sums over the visible records, read from the table directly. */
async function readTruth(stage: string): Promise<{ revision: string; publicRevision: string }> {
  const { Items } = await table.call('Query', {
    KeyConditionExpression: '#stage = :stage',
    ExpressionAttributeNames: { '#stage': 'stage' },
    ExpressionAttributeValues: toDynamoItem({ ':stage': stage }),
    ConsistentRead: true,
  });
  const records = (Items as DynamoItem[]).map(fromDynamoItem).filter(({ removed }) => !removed);
  const sum = (limb: string, only: boolean) =>
    records
      .filter((record) => !only || record.public)
      .reduce((total, record) => (total + Number(record[limb])) % 2 ** 48, 0);
  const revisionOf = (only: boolean) => `${sum('limbA', only)}.${sum('limbB', only)}`;
  return { revision: revisionOf(false), publicRevision: revisionOf(true) };
}

async function readHead(stage: string): Promise<Record<string, unknown>> {
  const { Item } = await table.call('GetItem', {
    Key: toDynamoItem({ stage: `${stage}#head`, key: 'head' }),
    ConsistentRead: true,
  });
  return Item ? fromDynamoItem(Item as DynamoItem) : {};
}

async function expectHeadToBeRight(stage: string): Promise<void> {
  const { revision, publicRevision } = await readHead(stage);
  if (revision === undefined) return;
  expect({ revision, publicRevision }).toEqual(await readTruth(stage));
}

interface Participant {
  /** Releases the call that is held back. */
  go: (() => Promise<void>) | undefined;
  isDone: boolean;
}

/** Starts a participant whose calls to the table wait for `go`. One that dies doesn't get to make its last call. */
function start(stage: string, what: Action, diesAfter: number): Participant {
  const participant: Participant = { go: undefined, isDone: false };
  let calls = 0;
  const held: DynamoCall = (name, input) =>
    new Promise((resolve, reject) => {
      if (calls++ >= diesAfter) {
        participant.isDone = true;
        return;
      }
      participant.go = async () => {
        participant.go = undefined;
        await table.call(name, input).then(resolve, reject);
      };
    });
  void act(makeRegistry(held), stage, what).finally(() => (participant.isDone = true));
  return participant;
}

async function play(participants: readonly Participant[], schedule: readonly number[]): Promise<void> {
  for (let step = 0; ; step++) {
    while (participants.some(({ go, isDone }) => !go && !isDone)) await turn();
    const waiting = participants.filter(({ go, isDone }) => go && !isDone);
    if (!waiting.length) return;
    await waiting[(schedule[step % schedule.length] as number) % waiting.length]?.go?.();
    await turn();
  }
}

async function prepare(): Promise<string> {
  const stage = `head-${++stageNumber}`;
  const registry = makeRegistry(table.call);
  for (const service of ['a', 'b', 'c'] as const) {
    await act(registry, stage, { does: 'register', service, isPublic: service !== 'b' });
  }
  await read(registry, stage, iam);
  await expectHeadToBeRight(stage);
  return stage;
}

const schedule = fc.array(fc.nat(11), { minLength: 40, maxLength: 80 });

test('whatever writers and readers do concurrently, the head is empty or correct afterwards', async () => {
  const actions = fc.array(action, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(actions, schedule, async (whats, order) => {
      const stage = await prepare();
      await play(
        whats.map((what) => start(stage, what, Infinity)),
        order,
      );
      await expectHeadToBeRight(stage);
      const { revision } = await read(makeRegistry(table.call), stage, iam);
      expect(revision).toBe((await readTruth(stage)).revision);
    }),
    { numRuns: runs },
  );
}, 600_000);

test('after a writer died half-way, the next write to the stage corrects the head', async () => {
  const write = action.filter((what) => 'service' in what);
  const others = fc.array(action, { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(write, fc.nat(3), others, schedule, async (dying, diesAfter, whats, order) => {
      const stage = await prepare();
      await play([start(stage, dying, diesAfter), ...whats.map((what) => start(stage, what, Infinity))], order);
      await act(makeRegistry(table.call), stage, dying);
      await expectHeadToBeRight(stage);
      await read(makeRegistry(table.call), stage, iam);
      await expectHeadToBeRight(stage);
    }),
    { numRuns: runs },
  );
}, 600_000);

test('a writer that dies while nobody reads leaves the head empty or correct', async () => {
  const write = action.filter((what) => 'service' in what);
  await fc.assert(
    fc.asyncProperty(write, fc.nat(3), async (dying, diesAfter) => {
      const stage = await prepare();
      await play([start(stage, dying, diesAfter)], [0]);
      await expectHeadToBeRight(stage);
    }),
    { numRuns: runs },
  );
}, 600_000);

test('"unchanged" is answered from the head alone: one row, by key', async () => {
  const stage = await prepare();
  const calls: string[] = [];
  const counted = makeRegistry((name, input) => {
    calls.push(name);
    return table.call(name, input);
  });
  const { revision, publicRevision } = await readTruth(stage);
  for (const [caller, known] of [
    [iam, revision],
    [anybody, publicRevision],
  ] as const) {
    expect(await read(counted, stage, caller, known)).toMatchObject({ unchanged: true, revision: known });
  }
  expect(calls).toEqual(['GetItem', 'GetItem']);
});

test('reading a stage that was never written to creates no row', async () => {
  const registry = makeRegistry(table.call);
  for (const caller of [iam, anybody]) await read(registry, 'nobody', caller);
  expect(await readHead('nobody')).toEqual({});
});
