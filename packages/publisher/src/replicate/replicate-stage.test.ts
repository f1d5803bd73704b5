import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ObjectStore, StoredObject } from '../store/object-store.ts';
import { replicateStage } from './replicate-stage.ts';

/** A bucket in memory. Each call first waits for its turn, if there are turns. */
function makeBucket(takeTurn: () => Promise<void> = async () => undefined) {
  const objects = new Map<string, StoredObject>();
  let writes = 0;
  const write = (key: string, bytes: Uint8Array) => objects.set(key, { bytes, etag: `${(writes += 1)}` });
  const store: ObjectStore = {
    async get(key) {
      await takeTurn();
      return objects.get(key);
    },
    async put(key, bytes, ifMatch) {
      await takeTurn();
      if (objects.get(key)?.etag !== ifMatch) return 'conflict';
      write(key, bytes);
      return 'written';
    },
  };
  const read = (key: string) => objects.get(key)?.bytes.toString();
  return { store, write, read };
}

const bytes = (text: string) => Buffer.from(text);

test('both objects of a stage become those that are published, and are written only when they differ', async () => {
  const [home, away] = [makeBucket(), makeBucket()];
  home.write('live/prod.json', bytes('all'));
  home.write('live/prod.public.json', bytes('public'));
  const options = { store: home.store, replica: away.store, prefix: 'live/' };
  expect(await replicateStage('prod', options)).toBe('written');
  expect([away.read('live/prod.json'), away.read('live/prod.public.json')]).toEqual(['all', 'public']);
  expect(await replicateStage('prod', options)).toBe('unchanged');
  home.write('live/prod.public.json', bytes('more'));
  expect(await replicateStage('prod', options)).toBe('written');
  expect(away.read('live/prod.public.json')).toBe('more');
});

test('what was never published leaves the replica as it is', async () => {
  const away = makeBucket();
  away.write('prod.json', bytes('older'));
  expect(await replicateStage('prod', { store: makeBucket().store, replica: away.store })).toBe('unchanged');
  expect(away.read('prod.json')).toBe('older');
});

test('one that others change all the time ends with an error', async () => {
  const home = makeBucket();
  home.write('prod.json', bytes('1'));
  const replica: ObjectStore = { get: async () => undefined, put: async () => 'conflict' };
  await expect(replicateStage('prod', { store: home.store, replica })).rejects.toMatchObject({
    code: 'ConcurrentChange',
    message: 'Replica of "prod": others wrote first 5 times',
  });
});

describe('publishers that run at once', () => {
  test('leave the newest, in whatever order their requests arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, publishers) => {
        const turn = () => scheduler.schedule(Promise.resolve());
        const [home, away] = [makeBucket(turn), makeBucket(turn)];
        let sequence = 0;
        const seen: number[] = [];
        const { put } = away.store;
        const replica: ObjectStore = {
          ...away.store,
          async put(key, content, ifMatch) {
            const outcome = await put(key, content, ifMatch);
            if (outcome === 'written') seen.push(Number(content.toString()));
            return outcome;
          },
        };
        const publish = async () => {
          home.write('prod.json', bytes(String((sequence += 1))));
          await replicateStage('prod', { store: home.store, replica, attempts: 20 });
        };
        const all = Promise.all(Array.from({ length: publishers }, publish));
        await scheduler.waitFor(all);
        expect(away.read('prod.json')).toBe(String(sequence));
        expect(seen).toEqual([...seen].sort((one, other) => one - other));
      }),
    );
  });
});
