import { describe, expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { purgeStage, runBridge, syncStage, type SyncOptions, type SyncResult } from '../src/index.ts';
import { describeInMemory, memoryTarget, type MemoryTarget, type WriteFate } from './memory-target.ts';

const mark = 'blue';
const stage = 'dev';
const signal = new AbortController().signal;

function makePair() {
  const source = memorySource();
  const target = memoryTarget();
  const register = (service: string, more: object = {}) =>
    source.register({ stage, service, target: `https://${service}.example.com`, ...more });
  const sync = (more: Partial<SyncOptions> = {}): Promise<SyncResult> =>
    syncStage({ source, target, mark, stage, signal, sleep: async () => {}, ...more });
  const keys = (of = mark) => [...target.objects.values()].filter((object) => object.mark === of).map(({ key }) => key);
  return { source, target, register, sync, keys };
}

describe('a sync of one stage', () => {
  test('copies, updates and removes what carries its mark, and asks only once when nothing has changed', async () => {
    const { source, target, register, sync, keys } = makePair();
    register('users');
    register('orders');
    const first = await sync();
    expect([first.written, keys().sort()]).toEqual([2, ['orders/default', 'users/default']]);
    const reads = source.requests.length;
    expect(await sync({ knownRevision: first.revision })).toMatchObject({ written: 0, revision: first.revision });
    expect(source.requests.length).toBe(reads + 1);

    register('users', { target: 'https://moved.example.com' });
    source.deregister(stage, 'orders');
    expect(await sync()).toMatchObject({ written: 1, removed: 1, failed: 0 });
    expect([...target.objects.values()]).toEqual([
      { key: 'users/default', content: 'https://moved.example.com 100', mark },
    ]);
  });

  test('leaves other people’s objects alone and says once whose key it could not have', async () => {
    const { target, register, sync } = makePair();
    target.occupy(stage, 'users/default');
    target.occupy(stage, 'orders/default', 'green');
    target.occupy(stage, 'theirs/default');
    register('users');
    register('orders');
    expect((await sync()).skipped.map(({ reason }) => reason)).toEqual([
      'the key "users/default" is held by another owner',
      'the key "orders/default" is held by the bridge "green"',
    ]);
    expect(target.objects.size).toBe(3);
  });

  test('skips what the target cannot express, and the revision counts as done', async () => {
    const { register, sync } = makePair();
    register('unfit');
    expect(await sync()).toMatchObject({ skipped: [{ reason: 'it does not fit' }], revision: 'r1' });
  });

  test.each<[string, (pair: ReturnType<typeof makePair>) => Promise<SyncResult>]>([
    ['empty', ({ source, sync }) => (['a', 'b', 'c'].forEach((name) => source.deregister(stage, name)), sync())],
    ['smaller', ({ source, sync }) => (['a', 'b'].forEach((name) => source.deregister(stage, name)), sync())],
    [
      'incomplete',
      ({ source, register, sync }) => (
        source.deregister(stage, 'a'),
        register('broken', { target: 'ftp://x' }),
        sync()
      ),
    ],
    ['incomplete', ({ source, target, sync }) => ((target.keep = () => true), source.deregister(stage, 'a'), sync())],
  ])('removes nothing on an answer that is %s, and says so', async (reason, change) => {
    const pair = makePair();
    for (const name of ['a', 'b', 'c']) pair.register(name);
    await pair.sync();
    expect(await change(pair)).toMatchObject({ removed: 0, plan: { withheld: { reason } } });
    expect(pair.keys()).toEqual(['a/default', 'b/default', 'c/default']);
  });

  test('believes an empty answer where that is allowed', async () => {
    const { source, register, sync, keys } = makePair();
    register('users');
    await sync();
    source.deregister(stage, 'users');
    expect(await sync({ allowEmpty: true })).toMatchObject({ removed: 1 });
    expect(keys()).toEqual([]);
  });

  test('removes nothing after a write that failed, and does it all next time', async () => {
    const { source, target, register, sync, keys } = makePair();
    register('a');
    register('b');
    await sync();
    source.deregister(stage, 'a');
    register('c');
    target.fate = () => 'lost';
    expect(await sync()).toMatchObject({ failed: 1, removed: 0, revision: undefined });
    target.fate = () => 'done';
    await sync();
    expect(keys().sort()).toEqual(['b/default', 'c/default']);
  });

  test('ends between two writes', async () => {
    const { target, register } = makePair();
    const pair = makePair();
    register('unused');
    for (const name of ['a', 'b', 'c']) pair.register(name);
    const controller = new AbortController();
    const stopping = pair.sync({ signal: controller.signal, onWrite: () => controller.abort(new Error('SIGTERM')) });
    await expect(stopping).rejects.toThrow('SIGTERM');
    expect([pair.keys(), target.objects.size]).toEqual([['a/default'], 0]);
  });

  test('ends while it waits, with the timers of the platform', async () => {
    const { source, target, register } = makePair();
    for (const name of ['a', 'b']) register(name);
    const controller = new AbortController();
    const options = { source, target, mark, signal: controller.signal };
    const onWrite = () => setImmediate(() => controller.abort(new Error('SIGTERM')));
    await expect(syncStage({ ...options, stage, changesPerSecond: 0.01, onWrite })).rejects.toThrow('SIGTERM');
    const again = new AbortController();
    const onResult = () => setImmediate(() => again.abort());
    await runBridge({ ...options, stages: [stage], changesPerSecond: 1000, signal: again.signal, onResult });
    expect(target.objects.size).toBe(2);
  });

  test('plans without writing, and waits between writes', async () => {
    const { target, register, sync } = makePair();
    register('a');
    register('b');
    register('c');
    expect((await sync({ dryRun: true })).plan?.puts).toHaveLength(3);
    expect(target.objects.size).toBe(0);
    const waits: number[] = [];
    await sync({ changesPerSecond: 4, sleep: async (ms) => void waits.push(ms) });
    expect(waits).toEqual([250, 250]);
  });

  test('passes over what has expired, and says when the next one does', async () => {
    const { register, sync, keys } = makePair();
    register('past', { expiresAt: 1000 });
    register('soon', { expiresAt: 3000 });
    register('later', { expiresAt: 4000 });
    expect(await sync({ now: () => 2000 })).toMatchObject({ written: 2, expiresAt: 3000 });
    expect(keys()).toEqual(['soon/default', 'later/default']);
  });

  test('does not copy back what came from the target', async () => {
    const { register, sync } = makePair();
    register('theirs', { metadata: { 'discovery.origin': 'memory' } });
    expect(await sync()).toMatchObject({ written: 0 });
  });

  test('does not copy on what another bridge has copied into the source', async () => {
    const { register, sync } = makePair();
    register('copied', { metadata: { 'discovery.bridge': 'green' } });
    expect(await sync()).toMatchObject({ written: 0 });
  });

  test('refuses a mark that not every system could hold', async () => {
    const { sync } = makePair();
    await expect(sync({ mark: 'a b' })).rejects.toMatchObject({ code: 'InvalidOptions' });
  });

  test('a purge removes every copy with the mark and nothing else', async () => {
    const { target, register, sync } = makePair();
    register('users');
    await sync();
    target.occupy(stage, 'x/default');
    target.occupy(stage, 'y/default', 'green');
    expect(await purgeStage({ target, mark, stage, signal, dryRun: true })).toHaveLength(1);
    expect(target.objects.size).toBe(3);
    await purgeStage({ target, mark, stage, signal });
    expect([...target.objects.values()].map(({ key }) => key)).toEqual(['x/default', 'y/default']);
  });
});

/** One step of a history: what happens on either side, or a sync under faults. */
type Step =
  | { readonly do: 'register'; readonly service: string; readonly version: number }
  | { readonly do: 'deregister'; readonly service: string }
  | { readonly do: 'occupy'; readonly service: string; readonly by: string | undefined }
  | { readonly do: 'leave'; readonly service: string }
  | { readonly do: 'deliver late' }
  | {
      readonly do: 'sync';
      readonly fates: readonly WriteFate[];
      readonly trouble: 'none' | 'down' | 'partial' | 'stale';
    };

const service = fc.constantFrom('a', 'b', 'c', 'd', 'unfit');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('register' as const), service, version: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deregister' as const), service }) },
  fc.record({ do: fc.constant('occupy' as const), service, by: fc.constantFrom(undefined, 'green') }),
  fc.record({ do: fc.constant('leave' as const), service }),
  fc.record({ do: fc.constant('deliver late' as const) }),
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('sync' as const),
      fates: fc.array(fc.constantFrom<WriteFate>('done', 'done', 'lost', 'unanswered', 'doubled', 'late'), {
        minLength: 1,
        maxLength: 4,
      }),
      trouble: fc.constantFrom('none' as const, 'none' as const, 'down' as const, 'partial' as const, 'stale' as const),
    }),
  },
);

test('over any history of both sides, nothing foreign is touched and the end is right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { source, target, register, sync } = makePair();
      const foreign = new Map<string, string>();
      let known: string | undefined;
      let before: Awaited<ReturnType<typeof source.load>> | undefined;
      for (const one of steps) {
        if (one.do === 'register') register(one.service, { target: `https://v${one.version}.example.com` });
        if (one.do === 'deregister') source.deregister(stage, one.service);
        if (one.do === 'deliver late') target.deliverLate();
        if (one.do === 'occupy') occupy(target, foreign, one.service, one.by);
        if (one.do === 'leave') leave(target, foreign, one.service);
        if (one.do === 'sync') {
          let count = 0;
          target.fate = () => one.fates[count++ % one.fates.length] ?? 'done';
          if (one.trouble === 'down') source.failWith(new Error('down'));
          const now = await source.load({ stage, signal }).catch(() => undefined);
          const answers = {
            none: now,
            down: now,
            partial: now && !now.unchanged ? { ...now, endpoints: now.endpoints.slice(1), partial: true } : now,
            stale: before ?? now,
          };
          const answer = answers[one.trouble];
          before = now;
          const flaky = {
            name: 'flaky',
            load: () => (answer ? Promise.resolve(answer) : source.load({ stage, signal })),
          };
          const result = await sync({ source: flaky, knownRevision: known }).catch(() => undefined);
          known = result?.revision;
          source.failWith(undefined);
        }
        expectUntouched(target, foreign);
      }
      target.deliverLate();
      target.fate = () => 'done';
      await sync({ allowEmpty: true, minimumShare: 0 });
      expectUntouched(target, foreign);
      const answer = await source.load({ stage, signal });
      const wanted = (answer.unchanged ? [] : (answer.endpoints as { service: string; id: string; target: string }[]))
        .map((endpoint) => describeInMemory({ weight: 100, ...endpoint } as never))
        .flatMap((form) => ('fault' in form || foreign.has(form.key) ? [] : `${form.key} ${form.content}`));
      const own = [...target.objects.values()].filter((object) => object.mark === mark);
      expect(own.map(({ key, content }) => `${key} ${content}`).sort()).toEqual(wanted.sort());
    }),
    { numRuns: scaleRuns(500) },
  );
}, 3_600_000);

/** Another owner takes a key, if it is free. */
function occupy(target: MemoryTarget, foreign: Map<string, string>, name: string, by: string | undefined): void {
  const key = `${name}/default`;
  if ([...target.objects.values()].some((object) => object.key === key)) return;
  target.occupy(stage, key, by);
  foreign.set(key, String(by));
}

function leave(target: MemoryTarget, foreign: Map<string, string>, name: string): void {
  const key = `${name}/default`;
  if (!foreign.delete(key)) return;
  (target.objects as Map<string, unknown>).delete(`${stage}|${key}`);
}

function expectUntouched(target: MemoryTarget, foreign: ReadonlyMap<string, string>): void {
  for (const [key, by] of foreign) {
    const object = target.objects.get(`${stage}|${key}`);
    if (object?.content !== 'theirs' || String(object.mark) !== by) throw new Error(`${key} was touched`);
  }
}
