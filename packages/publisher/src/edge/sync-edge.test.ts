import { expect, test } from '@jest/globals';
import { DiscoveryError } from '@amplify-discovery/core';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import type { EdgeEntries } from './plan-edge-entries.ts';
import { syncEdge, type EdgeStore } from './sync-edge.ts';

/** A key value store with CloudFront's limits; in `pause` others may write. */
function fakeStore(initial: Record<string, string> = {}, pause: (what: string) => Promise<void> = async () => {}) {
  const keys = new Map(Object.entries(initial));
  const calls: number[] = [];
  let version = 0;
  const store: EdgeStore = {
    async describeKeyValueStore() {
      await pause('describe');
      return { ETag: `v${version}` };
    },
    async listKeys({ NextToken = '0' }) {
      await pause('list');
      const all = [...keys].map(([Key, Value]) => ({ Key, Value }));
      const next = Number(NextToken) + 50;
      return { Items: all.slice(Number(NextToken), next), ...(next < all.length && { NextToken: `${next}` }) };
    },
    async updateKeys({ IfMatch, Puts, Deletes }) {
      await pause('update');
      if (IfMatch !== `v${version}`) throw Object.assign(new Error('changed'), { name: 'ConflictException' });
      if (Puts.length + Deletes.length > 50) throw new Error('too many');
      calls.push(Puts.length + Deletes.length);
      for (const { Key, Value } of Puts) keys.set(Key, Value);
      for (const { Key } of Deletes) keys.delete(Key);
      return { ETag: `v${++version}` };
    },
  };
  return { store, keys, calls, touch: () => void version++ };
}

const entriesOf = (values: Record<string, string>): EdgeEntries => ({
  entries: new Map(Object.entries(values).map(([service, value]) => [`dev/${service}`, value])),
  skipped: [],
});
const common = { arn: 'arn', stage: 'dev' };

test('only differences are written, and other stages are left alone', async () => {
  const { store, keys, calls } = fakeStore({ 'dev/gone': '[]', 'dev/same': '[1]', 'prod/x': '[]', _settings: '{}' });
  const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`s${index}`, '[2]']));
  const readEntries = async () => entriesOf({ same: '[1]', ...many });
  expect(await syncEdge({ store, ...common, readEntries })).toEqual({ put: 120, removed: 1, skipped: [] });
  expect(calls).toEqual([50, 50, 21]);
  expect(keys.has('dev/gone')).toBe(false);
  expect([keys.get('dev/s119'), keys.get('prod/x'), keys.get('_settings')]).toEqual(['[2]', '[]', '{}']);
  expect(await syncEdge({ store, ...common, readEntries })).toEqual({ put: 0, removed: 0, skipped: [] });
  expect(calls).toHaveLength(3);
});

test('the table is read after the store, and again after every conflict', async () => {
  const order: string[] = [];
  const { store, keys, touch } = fakeStore({}, async (what) => void order.push(what));
  let reads = 0;
  const readEntries = async () => {
    order.push('read');
    if (++reads === 1) touch();
    return entriesOf({ users: `[${Math.min(reads, 2)}]` });
  };
  await syncEdge({ store, ...common, readEntries });
  const once = ['describe', 'list', 'read', 'update'];
  expect(order).toEqual([...once, ...once, 'read']);
  expect(keys.get('dev/users')).toBe('[2]');
});

test('a change during the write is written too', async () => {
  const { store, keys } = fakeStore();
  let reads = 0;
  const readEntries = async () => entriesOf({ users: ++reads === 1 ? '[1]' : '[2]' });
  expect(await syncEdge({ store, ...common, readEntries })).toEqual({ put: 2, removed: 0, skipped: [] });
  expect(keys.get('dev/users')).toBe('[2]');
});

test('a publisher that loses every race gives up with ConcurrentChange', async () => {
  const { store, touch } = fakeStore();
  const readEntries = async () => {
    touch();
    return entriesOf({ users: '[1]' });
  };
  await expect(syncEdge({ store, ...common, readEntries })).rejects.toMatchObject({ code: 'ConcurrentChange' });
});

test('a failure of the store or the table is not taken for a conflict', async () => {
  const failure = new DiscoveryError('RegistryDenied', 'No');
  const { store } = fakeStore();
  await expect(syncEdge({ store, ...common, readEntries: () => Promise.reject(failure) })).rejects.toBe(failure);
  const broken = { ...store, updateKeys: () => Promise.reject(failure) };
  const readEntries = async () => entriesOf({ users: '[1]' });
  await expect(syncEdge({ store: broken, ...common, readEntries })).rejects.toBe(failure);
});

test('however publishers interleave, no write is older than the one before, and the newest state wins', async () => {
  // States that return, one of them large enough to be written in two batches.
  const large = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`s${index}`, '[1]']));
  const states = [{}, { s0: '[1]' }, { s0: '[2]', s1: '[1]' }, large];
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat({ max: states.length - 1 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
      async (scheduler, moves, ticks) => {
        const pause = (what: string) => scheduler.schedule(Promise.resolve(), what);
        const { store, keys } = fakeStore({}, pause);
        const running: Promise<void>[] = [];
        const written: number[] = [];
        let now = -1;

        // As the stream does, restarts a publisher that gave up or failed.
        async function publish(): Promise<void> {
          let read = -1;
          const own: EdgeStore = {
            ...store,
            async updateKeys(input) {
              const from = read;
              const answer = await store.updateKeys(input);
              written.push(from);
              return answer;
            },
          };
          const readEntries = async () => {
            await pause('read');
            read = now;
            return entriesOf(states[moves[now] ?? 0] ?? {});
          };
          await syncEdge({ store: own, ...common, readEntries, attempts: 3 }).catch((error: unknown) => {
            if ((error as DiscoveryError).code !== 'ConcurrentChange') throw error;
            return publish();
          });
        }

        async function move(): Promise<void> {
          for (const index of moves.keys()) {
            await pause('move');
            now = index;
            running.push(publish());
            for (const tick of ticks) if (tick === index) running.push(publish());
          }
        }
        await scheduler.waitFor(move());
        await scheduler.waitFor(Promise.all(running));
        expect(written).toEqual([...written].sort((one, other) => one - other));
        expect(keys).toEqual(entriesOf(states[moves.at(-1) ?? 0] ?? {}).entries);
      },
    ),
    { numRuns: scaleRuns(60) },
  );
});
