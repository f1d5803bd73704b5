import { describe, expect, test } from '@jest/globals';
import { memoryStorage, queueTasks, type MemoryStorage } from '../../test/memory-storage.ts';
import { flush, scriptedSource } from '../../test/scripted-source.ts';
import { DiscoveryError, isDiscoveryError } from '../discovery-error.ts';
import type { DiscoveryEvent } from './discovery-event.ts';
import type { SnapshotStorage } from './snapshot-storage.ts';
import { createStageCache } from './stage-cache.ts';
import { createTrust } from '../trust/trust.ts';

const start = Date.UTC(2026, 0, 1);
const bounds = { freshSeconds: 60, staleWhileRevalidateSeconds: 600, staleIfErrorSeconds: 3600, recheckSeconds: 5 };
const users = { service: 'users', target: 'https://users.example.com' };
const foreign = { service: 'orders', target: 'https://orders.evil.com' };
const down = new DiscoveryError('RegistryUnavailable', 'down');
const never = new Promise<never>(() => {});

const answer = (revision: string, endpoints: readonly unknown[] = [users]) => ({ revision, endpoints });
const stored = (revision: string, loadedAt: number, endpoints: readonly unknown[] = [users]) => ({
  ...answer(revision, endpoints),
  loadedAt,
});

function setUp(storage?: SnapshotStorage, trustedHosts = ['*.example.com'], registryUrl?: string) {
  const events: DiscoveryEvent[] = [];
  const source = scriptedSource();
  const clock = { now: start };
  const timers: { readonly milliseconds: number; readonly signal: AbortSignal; end(): void }[] = [];
  const cache = createStageCache({
    stage: 'dev',
    source,
    storage,
    registry: registryUrl === undefined ? undefined : { url: registryUrl },
    findTrust: createTrust({ trustedHosts }),
    bounds,
    now: () => clock.now,
    report: (event) => events.push(event),
    pause: (milliseconds, signal) =>
      new Promise((resolve) => timers.push({ milliseconds, signal, end: () => !signal.aborted && resolve() })),
  });
  return {
    cache,
    source,
    events,
    /** Lets every time limit that is running now expire. */
    async runOut() {
      for (const timer of timers.splice(0)) timer.end();
      await flush();
    },
    advance(seconds: number) {
      clock.now += seconds * 1000;
    },
    async loaded(revision = 'r1') {
      const got = cache.get();
      await flush();
      await source.last.answer(answer(revision));
      return got;
    },
  };
}

async function settled(promise: Promise<unknown>): Promise<'pending' | 'settled'> {
  const done = promise.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  return Promise.race([done, flush().then(() => 'pending' as const)]);
}

describe('a refresh since a time', () => {
  test('does not join a request from before, whose answer may not know what has happened since', async () => {
    const { cache, source, advance } = setUp();
    const got = cache.get();
    await flush();
    advance(1);
    const refreshed = cache.refresh(start + 1000);
    await flush();
    expect(source.requests).toHaveLength(1);
    await source.last.answer(answer('r1'));
    expect((await got).snapshot.revision).toBe('r1');
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r2'));
    expect((await refreshed).snapshot.revision).toBe('r2');
  });

  test('asks although the request from before fails', async () => {
    const { cache, source, advance } = setUp();
    const got = cache.get();
    await flush();
    advance(1);
    const refreshed = cache.refresh(start + 1000);
    await source.last.fail(down);
    await expect(got).rejects.toBe(down);
    await source.last.answer(answer('r2'));
    expect((await refreshed).snapshot.revision).toBe('r2');
  });

  test('asks once for several callers, and for none when the answer was asked for later', async () => {
    const { cache, source, loaded } = setUp();
    await loaded();
    const all = [cache.refresh(start), cache.refresh(start - 1), cache.refresh(start)];
    expect((await Promise.all(all)).map(({ snapshot }) => snapshot.revision)).toEqual(['r1', 'r1', 'r1']);
    const later = [cache.refresh(start + 1), cache.refresh(start + 1)];
    await flush();
    expect(source.requests).toHaveLength(2);
    void source.last.answer(answer('r2'));
    await flush();
    expect(source.requests).toHaveLength(3);
    await source.last.answer(answer('r2'));
    await Promise.all(later);
  });

  test('takes what another holder of the storage asked for since, and not what it asked for before', async () => {
    const { cache, source, loaded, advance } = setUp();
    await loaded();
    advance(10);
    cache.adopt({ ...stored('r2', start + 9000), askedAt: start + 8000 });
    expect((await cache.refresh(start + 7000)).snapshot.revision).toBe('r2');
    expect(source.requests).toHaveLength(1);
    // It arrived later, but was asked for before.
    const refreshed = cache.refresh(start + 8500);
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r3'));
    expect((await refreshed).snapshot.revision).toBe('r3');
  });

  test.each([
    ['from the future', start + 1e9],
    ['that is text', `${start}`],
    ['that is missing', undefined],
  ])('takes nothing with a time %s', async (_, askedAt) => {
    const { cache, source, loaded, advance } = setUp();
    await loaded();
    advance(10);
    cache.adopt({ ...stored('r2', start + 9000), askedAt });
    void cache.refresh(start + 10_000);
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r3'));
  });
});

describe('createStageCache', () => {
  test('asks the source again though storage holds what it has itself, on a clock that moves with every reading', async () => {
    const source = scriptedSource();
    let time = start;
    const cache = createStageCache({
      stage: 'dev',
      source,
      storage: memoryStorage(),
      findTrust: createTrust({ trustedHosts: ['*.example.com'] }),
      bounds,
      now: () => (time += 0.1),
      report: () => {},
    });
    const first = cache.get();
    await flush();
    await source.last.answer(answer('r1'));
    await first;
    await flush();
    const refreshed = cache.refresh();
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r2'));
    await refreshed;
    expect(cache.peek()?.snapshot.revision).toBe('r2');
  });

  test('asks once for all callers of a cold stage', async () => {
    const { cache, source } = setUp();
    const callers = Array.from({ length: 100 }, () => cache.get());
    await flush();
    expect(source.requests).toMatchObject([{ stage: 'dev', knownRevision: undefined }]);
    await source.last.answer(answer('r1'));
    expect(new Set(await Promise.all(callers)).size).toBe(1);
    expect(source.requests).toHaveLength(1);
  });

  test('asks no source while the snapshot is fresh', async () => {
    const { cache, source, loaded, advance } = setUp();
    const entry = await loaded();
    advance(59.999);
    expect(await cache.get()).toBe(entry);
    expect(source.requests).toHaveLength(1);
    expect(cache.peek()).toMatchObject({ freshness: 'fresh', ageSeconds: 59.999, origin: 'script' });
  });

  test('serves a stale snapshot at once and refreshes it once behind the callers', async () => {
    const { cache, source, loaded, advance } = setUp();
    const entry = await loaded();
    advance(60);
    expect(await Promise.all([cache.get(), cache.get()])).toEqual([entry, entry]);
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r2'));
    expect((await cache.get()).snapshot.revision).toBe('r2');
  });

  test('leaves a stale snapshot as it is when asked not to revalidate', async () => {
    const { cache, source, loaded, advance } = setUp();
    await loaded();
    advance(60);
    await cache.get({ revalidate: false });
    await flush();
    expect(source.requests).toHaveLength(1);
  });

  test('asks before it serves an expired snapshot, and serves it when that fails', async () => {
    const { cache, source, loaded, advance, events } = setUp();
    const entry = await loaded();
    advance(660);
    const got = cache.get();
    expect(await settled(got)).toBe('pending');
    await source.last.fail(down);
    expect(await got).toBe(entry);
    expect(events.at(-1)).toEqual({ type: 'refresh-failed', stage: 'dev', error: down });
  });

  test('never serves a snapshot past its last bound', async () => {
    const { cache, source, loaded, advance } = setUp();
    await loaded();
    advance(3660);
    expect(cache.peek()).toBeUndefined();
    const got = cache.get();
    await flush();
    void source.last.fail(down);
    await expect(got).rejects.toBe(down);
  });

  test('fails alike without asking again until recheckSeconds after a failure', async () => {
    const { cache, source, advance } = setUp();
    const first = cache.get();
    await flush();
    void source.last.fail(down);
    await expect(first).rejects.toBe(down);
    advance(4.9);
    await expect(cache.get()).rejects.toBe(down);
    expect(source.requests).toHaveLength(1);
    advance(0.1);
    void cache.get().catch(() => {});
    await flush();
    expect(source.requests).toHaveLength(2);
  });

  test('takes the end of a rendering neither for a failure of the source nor for one of another rendering', async () => {
    const { cache, source, events } = setUp();
    const ended = Object.assign(new Error('the prerender is complete'), { digest: 'HANGING_PROMISE_REJECTION' });
    const first = expect(cache.get()).rejects.toMatchObject({ cause: ended });
    await flush();
    const joined = expect(cache.get()).rejects.toMatchObject({ code: 'RegistryUnavailable', cause: ended });
    await source.last.fail(new DiscoveryError('RegistryUnavailable', 'not reached', { cause: ended }));
    await first;
    expect(source.requests).toHaveLength(2);
    await source.last.fail(ended);
    await joined;

    const later = cache.get();
    await flush();
    await source.last.answer(answer('r1'));
    expect((await later).snapshot.revision).toBe('r1');
    expect(events.map(({ type }) => type)).toEqual(['refresh']);
  });

  test('wraps what a source throws, once, and keeps it as the cause', async () => {
    const { cache, source } = setUp();
    const cause = new TypeError('socket');
    const got = cache.get();
    await flush();
    void source.last.fail(cause);
    await expect(got).rejects.toMatchObject({ code: 'RegistryUnavailable', stage: 'dev', cause });
  });

  test.each([[null], ['text'], [{}], [{ revision: 'r2' }], [{ unchanged: true }]])(
    'keeps what it has when the answer is %j',
    async (malformed) => {
      const { cache, source, advance, events } = setUp();
      cache.adopt(stored('r1', start));
      const entry = await cache.get();
      advance(700);
      const got = cache.get();
      await flush();
      await source.last.answer(malformed);
      expect(await got).toBe(entry);
      expect(events.at(-1)).toMatchObject({ type: 'refresh-failed', error: { code: 'RegistryUnavailable' } });
    },
  );

  test('confirms by revision what a source gave: same snapshot, new age', async () => {
    const { cache, source, loaded, advance, events } = setUp();
    const { snapshot } = await loaded();
    advance(100);
    await cache.get();
    await flush();
    expect(source.last.knownRevision).toBe('r1');
    await source.last.answer({ unchanged: true, revision: 'r1' });
    expect(cache.peek()).toMatchObject({ freshness: 'fresh', ageSeconds: 0 });
    expect((await cache.get()).snapshot).toBe(snapshot);
    expect(events.at(-1)).toMatchObject({ type: 'refresh', revision: 'r1', changed: false });
  });

  test('says to the source whether there is a snapshot that may still be served', async () => {
    const { cache, source, loaded, advance } = setUp();
    await loaded();
    expect(source.last.hasFallback).toBe(false);
    for (const [seconds, held] of [
      [3000, true],
      [3700, false],
    ] as const) {
      advance(seconds);
      const got = cache.get();
      await flush();
      expect(source.last.hasFallback).toBe(held);
      await source.last.answer(answer('r2'));
      await got;
    }
  });

  test('does not go back to an older snapshot when a newer one was adopted while the source said "unchanged"', async () => {
    const { cache, source, loaded, advance } = setUp();
    await loaded('r1');
    advance(100);
    await cache.get();
    await flush();
    cache.adopt(stored('r2', start + 100_000));
    await source.last.answer({ unchanged: true, revision: 'r1' });
    expect(cache.peek()?.snapshot.revision).toBe('r2');
  });

  test('does not serve a snapshot past its bound that was adopted while the source took its time to say "unchanged"', async () => {
    const { cache, source, loaded, advance } = setUp();
    await loaded('r1');
    advance(3660);
    const got = cache.get();
    await flush();
    cache.adopt(stored('r2', start + 100_000));
    advance(100);
    void source.last.answer({ unchanged: true, revision: 'r1' });
    await expect(got).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  });

  test('reports a refresh with how long it took', async () => {
    const { cache, source, advance, events } = setUp();
    const got = cache.get();
    await flush();
    advance(2);
    await source.last.answer(answer('r1'));
    await got;
    expect(events).toMatchObject([
      { type: 'refresh', stage: 'dev', revision: 'r1', changed: true, origin: 'script', durationSeconds: 2 },
    ]);
  });

  test('reports a rejected record once, when its service is first asked for', async () => {
    const { cache, source, events } = setUp();
    const got = cache.get();
    await flush();
    await source.last.answer(answer('r1', [foreign, users, { service: 7 }]));
    const { snapshot } = await got;
    const rejected = () => events.flatMap((event) => (event.type === 'rejected' ? [event.error.code] : []));
    expect(rejected()).toEqual(['InvalidRecord']);
    expect([snapshot.find('users').endpoints.length, rejected().length]).toEqual([1, 1]);
    for (let time = 0; time < 2; time++) expect(snapshot.find('orders').endpoints).toEqual([]);
    expect(rejected()).toEqual(['InvalidRecord', 'UntrustedEndpoint']);
  });

  test('does not wait for ever for a source that never answers, and aborts it', async () => {
    const { cache, source, runOut } = setUp();
    const got = cache.get();
    const rejection = expect(got).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      cause: { message: 'No answer in 30000 ms' },
    });
    await flush();
    await runOut();
    await rejection;
    expect(source.last.signal.aborted).toBe(true);
    await source.last.fail(new Error('late'));
  });
});

describe('recheck', () => {
  test('asks again for an entry that is still the newest and not recent, and joins a request under way', async () => {
    const { cache, source, loaded, advance } = setUp();
    const seen = await loaded();
    advance(5);
    const rechecks = Promise.all([cache.recheck(seen), cache.recheck(seen), cache.recheck(seen)]);
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r2'));
    await rechecks;
    expect(cache.peek()?.snapshot.revision).toBe('r2');
  });

  test.each<[why: string, seconds: number, newer: boolean]>([
    ['the source was asked a moment ago', 4.9, false],
    ['something newer is there already', 20, true],
  ])('asks no source when %s', async (_, seconds, newer) => {
    const { cache, source, loaded, advance } = setUp();
    const seen = await loaded();
    advance(seconds);
    if (newer) cache.adopt(stored('r2', start + 10_000));
    await cache.recheck(seen);
    await cache.recheck(undefined);
    expect(source.requests).toHaveLength(1);
  });

  test('does not reject, and asks a source that fails no more often than every recheckSeconds', async () => {
    const { cache, source, loaded, advance } = setUp();
    const seen = await loaded();
    for (let step = 0; step < 40; step += 1) {
      advance(1);
      const rechecked = cache.recheck(seen);
      await flush();
      await source.last.fail(down);
      await rechecked;
    }
    expect(source.requests).toHaveLength(1 + 8);
  });

  test('does not take the older snapshot of another holder for an answer', async () => {
    const storage = memoryStorage({ runExclusive: queueTasks() });
    const { cache, source, loaded, advance } = setUp(storage);
    const seen = await loaded();
    storage.kept.set('dev', stored('r1', start + 10_000));
    advance(30);
    void cache.recheck(seen);
    await flush();
    expect(source.requests).toHaveLength(2);
  });
});

describe('storage', () => {
  test('makes a warm start without any request', async () => {
    const storage = memoryStorage();
    storage.kept.set('dev', stored('r1', start - 1000));
    const { cache, source } = setUp(storage);
    expect(await cache.get()).toMatchObject({
      origin: 'storage',
      loadedAt: start - 1000,
      snapshot: { revision: 'r1' },
    });
    expect(source.requests).toHaveLength(0);
  });

  const localUrls = ['http://127.0.0.1:4440/graphql', 'http://localhost:4440/graphql', 'https://[::1]:4440/graphql'];

  async function storageOf(revision: string, loadedAt: number) {
    const storage = memoryStorage();
    await storage.write('dev', stored(revision, loadedAt));
    return storage;
  }

  test.each(localUrls)('gives nothing from before this start where the registry is %s', async (url) => {
    const { cache, source } = setUp(await storageOf('before', start - 1), ['*.example.com'], url);
    const got = cache.get();
    await flush();
    await source.last.answer(answer('after'));
    expect((await got).snapshot.revision).toBe('after');
    expect(source.last.knownRevision).toBeUndefined();
  });

  test.each(localUrls)('gives no old answer where the registry is %s and does not answer', async (url) => {
    const { cache, source } = setUp(await storageOf('before', start - 1), ['*.example.com'], url);
    const got = expect(cache.get()).rejects.toBe(down);
    await flush();
    await source.last.fail(down);
    await got;
    cache.adopt(stored('before', start - 1));
    expect(cache.peek()).toBeUndefined();
  });

  test.each(localUrls)('gives what was loaded since, by another holder, where the registry is %s', async (url) => {
    const { cache, source, advance } = setUp(await storageOf('since', start), ['*.example.com'], url);
    advance(1);
    expect((await cache.get()).snapshot.revision).toBe('since');
    expect(source.requests).toHaveLength(0);
  });

  test('is read once, however many callers come while it is slow', async () => {
    let reads = 0;
    let give: (value: unknown) => void = () => {};
    const storage = memoryStorage({
      read: () => {
        reads += 1;
        return new Promise((resolve) => {
          give = resolve;
        });
      },
    });
    const { cache, source } = setUp(storage);
    const callers = [cache.get(), cache.get(), cache.get()];
    await flush();
    give(stored('r1', start));
    expect(new Set(await Promise.all(callers)).size).toBe(1);
    expect([reads, source.requests.length]).toEqual([1, 0]);
  });

  test('does not replace what a source gave while storage was being read', async () => {
    let give: (value: unknown) => void = () => {};
    const storage = memoryStorage({ read: () => new Promise((resolve) => (give = resolve)) });
    const { cache, source } = setUp(storage);
    const slow = cache.get();
    const refreshed = cache.refresh();
    const giveFirst = give;
    await flush();
    give(undefined);
    await flush();
    await source.last.answer(answer('r2'));
    await refreshed;
    giveFirst(stored('r1', start - 1000));
    expect((await slow).snapshot.revision).toBe('r2');
  });

  test('gets what the source answered, and restores to the same', async () => {
    const storage = memoryStorage();
    const { source, cache } = setUp(storage);
    const got = cache.get();
    await flush();
    const records = [foreign, { ...users, metadata: '{"a":"b"}', expiresAt: '2030-01-01T00:00:00Z', junk: 1 }];
    await source.last.answer(answer('r1', records));
    const { snapshot } = await got;
    await cache.settle();
    expect(storage.kept.get('dev')).toEqual({ ...stored('r1', start, records), askedAt: start });
    const restored = setUp(storage);
    expect((await restored.cache.get()).snapshot.services).toEqual(snapshot.services);
  });

  test('is the same whoever wrote it: each reader applies its own trust, also when it only confirms the revision', async () => {
    const storage = memoryStorage();
    const narrow = setUp(storage);
    const got = narrow.cache.get();
    await flush();
    await narrow.source.last.answer(answer('r1', [users, foreign]));
    expect([...(await got).snapshot.services.keys()]).toEqual(['users']);
    narrow.advance(100);
    await narrow.cache.get();
    await flush();
    await narrow.source.last.answer({ unchanged: true, revision: 'r1' });
    await narrow.cache.settle();
    const wide = setUp(storage, ['*.example.com', '*.evil.com']);
    wide.advance(100);
    expect([...(await wide.cache.get()).snapshot.services.keys()]).toEqual(['users', 'orders']);
    expect(wide.source.requests).toHaveLength(0);
    const adopting = setUp(undefined, ['*.evil.com']);
    adopting.cache.adopt(storage.kept.get('dev'));
    expect([...(await adopting.cache.get()).snapshot.services.keys()]).toEqual(['orders']);
  });

  test.each<[what: string, value: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'garbage'],
    ['a number', 5],
    ['an older format', { version: 0, items: [] }],
    ['no time', { revision: 'r1', endpoints: [users] }],
    ['a time that is text', { ...answer('r1'), loadedAt: `${start}` }],
    ['a time that is not a number', stored('r1', Number.NaN)],
    ['an infinite time', stored('r1', Infinity)],
    ['a time far in the future', stored('r1', start + 3660_000)],
    ['a time past the bound', stored('r1', start - 3660_000)],
    ['no endpoints', { revision: 'r1', loadedAt: start }],
    ['no revision', { endpoints: [users], loadedAt: start }],
  ])('that holds %s counts as empty', async (_, value) => {
    const { cache, source } = setUp(memoryStorage({ read: async () => value }));
    const got = cache.get();
    await flush();
    expect(source.requests).toMatchObject([{ knownRevision: undefined }]);
    await source.last.answer(answer('r9'));
    expect((await got).snapshot.revision).toBe('r9');
  });

  test('from the future counts as old, not as fresh for longer', async () => {
    const storage = memoryStorage();
    storage.kept.set('dev', stored('r1', start + 700_000));
    const { cache, source } = setUp(storage);
    void cache.get();
    await flush();
    expect(cache.peek()).toMatchObject({ freshness: 'expired', ageSeconds: 700 });
    expect(source.requests).toHaveLength(1);
  });

  test('that was poisoned with a foreign host serves the rest only', async () => {
    const storage = memoryStorage();
    storage.kept.set('dev', stored('r1', start, [foreign, users]));
    const { cache, events } = setUp(storage);
    const { snapshot } = await cache.get();
    expect([...snapshot.services.keys()]).toEqual(['users']);
    expect(events).toMatchObject([{ type: 'rejected', error: { code: 'UntrustedEndpoint' } }]);
  });

  test('is not confirmed by its revision: another program may have written it', async () => {
    const storage = memoryStorage();
    const before = setUp(storage);
    const got = before.cache.get();
    await flush();
    await before.source.last.answer(answer('r1', [users, foreign]));
    await got;
    await before.cache.settle();

    const { cache, source, advance } = setUp(storage);
    advance(100);
    await cache.get();
    await flush();
    expect(source.last.knownRevision).toBeUndefined();
  });

  const refuse = () => Promise.reject(new Error('quota'));
  const breakOff = () => {
    throw new Error('SecurityError');
  };
  test.each<[what: string, replaced: Partial<MemoryStorage>]>([
    ['reading is refused', { read: refuse }],
    ['reading throws', { read: breakOff }],
    ['writing is refused', { write: refuse }],
    ['writing throws', { write: breakOff }],
    ['the lock is refused', { runExclusive: refuse }],
    ['the lock throws', { runExclusive: breakOff }],
    [
      'the lock breaks after the task',
      {
        runExclusive: async (_, task) => {
          await task();
          throw new Error('stolen');
        },
      },
    ],
  ])('breaks no call when %s, and the event says so', async (_, replaced) => {
    const { cache, source, events } = setUp(memoryStorage(replaced));
    const got = cache.get();
    await flush();
    await source.last.answer(answer('r1'));
    expect((await got).snapshot.revision).toBe('r1');
    await cache.settle();
    expect(source.requests).toHaveLength(1);
    const failures = events.flatMap((event) => (event.type === 'storage-failed' ? [event.error] : []));
    expect(failures.every(({ code }) => code === 'StorageFailed')).toBe(true);
    expect(failures.length).toBeGreaterThan(0);
    for (const error of failures) expect(error).toMatchObject({ stage: 'dev', cause: expect.any(Error) });
    expect(failures.every(isDiscoveryError)).toBe(true);
  });

  test('that never finishes writing blocks no caller and no later refresh', async () => {
    const { cache, source, loaded, advance, events, runOut } = setUp(memoryStorage({ write: () => never }));
    expect((await loaded()).snapshot.revision).toBe('r1');
    advance(100);
    await cache.get();
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r2'));
    const done = cache.settle();
    expect(await settled(done)).toBe('pending');
    await runOut();
    await done;
    expect(events).toContainEqual(expect.objectContaining({ type: 'storage-failed' }));
  });

  test('that never finishes reading is awaited once, and then not used', async () => {
    const { cache, source, events, runOut } = setUp(memoryStorage({ read: () => never }));
    const got = cache.get();
    await flush();
    expect(source.requests).toHaveLength(0);
    await runOut();
    // In its turn it is not waited for again.
    await source.last.answer(answer('r1'));
    expect((await got).snapshot.revision).toBe('r1');
    expect(events).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ cause: new Error('No answer in 1000 ms') }) }),
    );
  });

  test('that never grants a turn does not stop the source from being asked: once, also when the turn comes late', async () => {
    let start: () => Promise<unknown> = () => never;
    const storage = memoryStorage({
      runExclusive: (_, task) => {
        start = task;
        return never;
      },
    });
    const { cache, source, runOut } = setUp(storage);
    const got = cache.get();
    await flush();
    expect(source.requests).toHaveLength(0);
    await runOut();
    expect(source.requests).toHaveLength(1);
    void start();
    await source.last.answer(answer('r1'));
    expect((await got).snapshot.revision).toBe('r1');
    await cache.settle();
    expect(source.requests).toHaveLength(1);
  });
});

describe('several holders of one storage', () => {
  test('ask the source once: those that wait take what the first has loaded', async () => {
    const storage = memoryStorage({ runExclusive: queueTasks() });
    const [first, second] = [setUp(storage), setUp(storage)];
    const got = Promise.all([first.cache.get(), second.cache.get()]);
    await flush();
    expect([first.source.requests.length, second.source.requests.length]).toEqual([1, 0]);
    await first.source.last.answer(answer('r1'));
    const [, other] = await got;
    expect(other).toMatchObject({ origin: 'storage', snapshot: { revision: 'r1' } });
    expect(second.source.requests).toHaveLength(0);
  });

  test('each go on by themselves when the first fails', async () => {
    const storage = memoryStorage({ runExclusive: queueTasks() });
    const [first, second] = [setUp(storage), setUp(storage)];
    const failed = first.cache.get();
    const got = second.cache.get();
    await flush();
    void first.source.last.fail(down);
    await expect(failed).rejects.toBe(down);
    await flush();
    await second.source.last.answer(answer('r1'));
    expect((await got).origin).toBe('script');
  });

  test('hold the lock until storage is written', async () => {
    const order: string[] = [];
    const kept = memoryStorage();
    const storage = memoryStorage({
      read: kept.read,
      async write(stage, value) {
        await flush();
        await kept.write(stage, value);
        order.push('written');
      },
      async runExclusive(_, task) {
        const result = await task();
        order.push('released');
        return result;
      },
    });
    const { cache, loaded } = setUp(storage);
    await loaded();
    await cache.settle();
    expect(order).toEqual(['written', 'released']);
  });
});

describe('adopt', () => {
  test('takes what is younger and ignores what is not', async () => {
    const { cache, loaded } = setUp();
    await loaded('r1');
    for (const old of [stored('r0', start), stored('r0', start - 1), stored('r0', start + 1), stored('r0', Number.NaN)])
      cache.adopt(old);
    expect(cache.peek()?.snapshot.revision).toBe('r1');
  });

  test('takes a younger one also when the clock was set back in between', async () => {
    const { cache, loaded, advance } = setUp();
    await loaded('r1');
    advance(-30);
    cache.adopt(stored('r2', start - 30_000));
    expect(cache.peek()).toMatchObject({ snapshot: { revision: 'r2' }, ageSeconds: 0 });
  });

  test('throws nothing, whatever it is given', () => {
    const { cache, events } = setUp();
    const trap = {
      get loadedAt(): number {
        throw new Error('trap');
      },
    };
    for (const value of [undefined, null, 'text', trap, { loadedAt: start }]) cache.adopt(value);
    expect(cache.peek()).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['storage-failed', 'storage-failed']);
  });
});

describe('abort', () => {
  const reason = new Error('closing');

  test('ends the request: callers that wait get what is at hand, otherwise the reason', async () => {
    const cold = setUp();
    const got = cold.cache.get();
    await flush();
    cold.cache.abort(reason);
    await expect(got).rejects.toBe(reason);
    expect(cold.source.last.signal.aborted).toBe(true);
    expect(cold.events).toEqual([]);

    const expired = setUp();
    const entry = await expired.loaded();
    expired.advance(700);
    const again = expired.cache.get();
    await flush();
    expired.cache.abort(reason);
    expect(await again).toBe(entry);
  });

  test('leaves the cache usable: the next caller starts a new request, and the late answer of the old one is dropped', async () => {
    const { cache, source } = setUp();
    const first = cache.get();
    await flush();
    cache.abort(reason);
    const second = cache.get();
    await flush();
    expect(source.requests).toHaveLength(2);
    await expect(first).rejects.toBe(reason);
    await source.requests[0]?.answer(answer('late'));
    expect(cache.peek()).toBeUndefined();
    const third = cache.get();
    await flush();
    expect(source.requests).toHaveLength(2);
    await source.last.answer(answer('r2'));
    expect([await second, await third].map(({ snapshot }) => snapshot.revision)).toEqual(['r2', 'r2']);
  });

  test('asks no source any more when it comes while the turn is being waited for', async () => {
    let begin = () => {};
    const gate = new Promise<void>((resolve) => (begin = resolve));
    const { cache, source } = setUp(memoryStorage({ runExclusive: (_, task) => gate.then(task) }));
    const got = cache.get();
    await flush();
    cache.abort(reason);
    await expect(got).rejects.toBe(reason);
    begin();
    await cache.settle();
    expect(source.requests).toHaveLength(0);
  });

  test('does nothing when nothing is under way', async () => {
    const { cache, loaded } = setUp();
    cache.abort(reason);
    const entry = await loaded();
    cache.abort(reason);
    expect(await cache.get()).toBe(entry);
    expect(await settled(cache.settle())).toBe('settled');
  });
});
