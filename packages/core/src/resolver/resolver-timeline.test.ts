import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryStorage } from '../../test/memory-storage.ts';
import { flush, scriptedSource, type OpenRequest } from '../../test/scripted-source.ts';
import { createResolver, type Resolution } from './create-resolver.ts';
import { DiscoveryError, isDiscoveryError } from '../discovery-error.ts';

const bounds = { freshSeconds: 20, staleWhileRevalidateSeconds: 40, staleIfErrorSeconds: 100, recheckSeconds: 5 };
const lastBoundSeconds = bounds.freshSeconds + bounds.staleIfErrorSeconds;

/** What can happen to a resolver. `pick` chooses among the open requests or the running calls. */
type Step =
  | { readonly do: 'move clock'; readonly seconds: number }
  | { readonly do: 'call'; readonly service: 'users' | 'unknown' }
  | { readonly do: 'abort call' | 'answer' | 'unchanged' | 'malformed' | 'failure'; readonly pick: number }
  | { readonly do: 'adopt'; readonly age: number; readonly content: 'good' | 'foreign' | 'garbage' }
  | { readonly do: 'storage'; readonly mode: StorageMode }
  | { readonly do: 'recheck' | 'refresh' | 'abort' | 'prefetch' };
type StorageMode = 'works' | 'fails' | 'gives garbage' | 'never writes' | 'refuses the lock';

const pick = fc.nat(5);
const seconds = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.constantFrom(5, 20, 25, 40, 60, 120),
  fc.integer({ min: -300, max: 300 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('move clock' as const), seconds }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      service: fc.constantFrom('users' as const, 'unknown' as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('answer' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('unchanged' as const, 'malformed' as const, 'failure' as const), pick }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort call' as const), pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('adopt' as const),
      age: fc.integer({ min: -150, max: 150 }),
      content: fc.constantFrom('good' as const, 'foreign' as const, 'garbage' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('storage' as const),
      mode: fc.constantFrom<StorageMode>('works', 'fails', 'gives garbage', 'never writes', 'refuses the lock'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('recheck' as const, 'refresh' as const, 'abort' as const, 'prefetch' as const),
    }),
  },
);

/**
 * Runs the steps and throws when one of the promises of a resolver is broken; returns what was seen on the way. Rejections
 * without a handler are looked for in test/failures.test.ts.
 */
async function run(steps: readonly Step[]) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const open: OpenRequest[] = [];
  const calls: { readonly controller: AbortController; readonly outcome: Promise<void>; isDone: boolean }[] = [];
  const background: Promise<unknown>[] = [];
  /** When a source gave or confirmed a revision, or a holder of the storage said that it had. */
  const loadedAt = new Map<string, Set<number>>();
  const seen = { served: 0, requests: 0, stale: 0, failed: 0 };
  const closing = new Error('closing');
  const violations: string[] = [];
  let mode: StorageMode = 'works';
  let revision = 0;
  let mayAsk = false;
  let failedAt = Number.NaN;
  let last: Resolution | undefined;

  const note = (tag: string, time: number) => loadedAt.set(tag, (loadedAt.get(tag) ?? new Set()).add(time));
  const content = (service: string) => [{ service, target: `https://${service}.example.com` }];
  const foreign = [{ service: 'users', target: 'https://users.evil.com' }];

  const source = scriptedSource((request) => {
    seen.requests += 1;
    if (open.some(({ signal }) => !signal.aborted)) violations.push('two requests at once');
    if (!mayAsk) {
      const sinceFailure = Math.abs(clock.now - failedAt) / 1000;
      const [known] = resolver.inspect();
      if (sinceFailure < bounds.recheckSeconds) violations.push('asked again right after a failure');
      if ((known?.ageSeconds ?? Infinity) < bounds.recheckSeconds) violations.push('asked again right after an answer');
    }
    open.push(request);
  });
  const storage = memoryStorage();
  const { read, write } = storage;
  const resolver = createResolver({
    source,
    stage: 'dev',
    trustedHosts: ['*.example.com'],
    ...bounds,
    now: () => clock.now,
    storage: {
      async read(stage) {
        if (mode === 'fails') throw new Error('blocked');
        return mode === 'gives garbage' ? { loadedAt: 'x', endpoints: 5 } : read(stage);
      },
      async write(stage, stored) {
        if (mode === 'fails') throw new Error('full');
        if (mode === 'never writes') return new Promise(() => {});
        return write(stage, stored);
      },
      async runExclusive(_, task) {
        if (mode === 'refuses the lock') throw new Error('refused');
        // Two tabs can't be in it at once; this one is alone, and one that hangs in a write doesn't keep it for ever.
        return task();
      },
    },
    report: (event) => {
      if (event.type === 'refresh-failed') failedAt = clock.now;
      if (event.type === 'refresh') failedAt = Number.NaN;
      throw new Error('a listener that fails');
    },
  });

  function check(resolution: Resolution): void {
    const { entry, ageSeconds, stale, endpoint } = resolution;
    last = resolution;
    seen.served += 1;
    if (stale) seen.stale += 1;
    expect(endpoint.target).toBe('https://users.example.com');
    expect(ageSeconds).toBe(Math.abs(clock.now - entry.loadedAt) / 1000);
    expect(ageSeconds).toBeLessThan(lastBoundSeconds);
    expect(stale).toBe(ageSeconds >= bounds.freshSeconds);
    expect(loadedAt.get(entry.snapshot.revision)).toContain(entry.loadedAt);
  }

  async function call(service: string): Promise<void> {
    const controller = new AbortController();
    const known = resolver.inspect()[0];
    const own = { controller, isDone: false, outcome: Promise.resolve() };
    own.outcome = resolver
      .resolve(service, {}, { signal: controller.signal })
      .then(check, (error: unknown) => {
        seen.failed += 1;
        if (!isDiscoveryError(error) && error !== closing && error !== controller.signal.reason) throw error;
      })
      .finally(() => (own.isDone = true));
    calls.push(own);
    await flush();
    const isAtHand = known?.freshness === 'fresh' || known?.freshness === 'stale';
    if (isAtHand && known.endpoints?.some((endpoint) => endpoint.service === service)) expect(own.isDone).toBe(true);
  }

  async function settle(request: OpenRequest, how: 'answer' | 'unchanged' | 'malformed' | 'failure'): Promise<void> {
    open.splice(open.indexOf(request), 1);
    if (how === 'malformed') await request.answer({ revision: 5 });
    if (how === 'failure') await request.fail(new DiscoveryError('RegistryUnavailable', 'down'));
    if (how === 'answer') {
      const tag = `r${(revision += 1)}`;
      note(tag, clock.now);
      await request.answer({ revision: tag, endpoints: content('users') });
    }
    if (how === 'unchanged') {
      if (request.knownRevision !== undefined) note(request.knownRevision, clock.now);
      await request.answer({ unchanged: true, revision: request.knownRevision ?? 'none' });
    }
  }

  async function take(next: Step): Promise<void> {
    switch (next.do) {
      case 'move clock':
        clock.now += next.seconds * 1000;
        break;
      case 'call':
        await call(next.service);
        break;
      case 'abort call':
        calls.filter(({ isDone }) => !isDone)[next.pick]?.controller.abort(new RangeError('caller left'));
        break;
      case 'adopt': {
        const stored = { revision: `adopted-${(revision += 1)}`, loadedAt: clock.now - next.age * 1000 };
        if (next.content === 'good') note(stored.revision, stored.loadedAt);
        const endpoints = { good: content('users'), foreign, garbage: 'garbage' }[next.content];
        resolver.adopt('dev', { ...stored, endpoints });
        break;
      }
      case 'storage':
        mode = next.mode;
        break;
      case 'recheck':
        if (last) background.push(resolver.recheck(last));
        break;
      case 'refresh':
        mayAsk = true;
        background.push(resolver.refresh().catch(() => {}));
        break;
      case 'prefetch':
        background.push(resolver.prefetch().catch(() => {}));
        break;
      case 'abort':
        resolver.abort(closing);
        break;
      case 'answer':
      case 'unchanged':
      case 'malformed':
      case 'failure': {
        const request = open[next.pick % open.length];
        if (request) await settle(request, next.do);
      }
    }
    await flush();
    mayAsk = false;
  }

  for (const next of steps) await take(next);
  for (let rest = open[0]; rest; rest = open[0]) await settle(rest, 'answer');
  await Promise.all([...calls.map(({ outcome }) => outcome), ...background]);
  expect(violations).toEqual([]);
  return seen;
}

test('no sequence of events breaks the promises of a resolver', async () => {
  const total = { served: 0, requests: 0, stale: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const seen = await run(steps);
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += seen[key];
    }),
    { numRuns: 300 },
  );
  // Sequences in which nothing happens would prove nothing.
  for (const count of Object.values(total)) expect(count).toBeGreaterThan(10);
}, 60_000);
