import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createResolver } from '@amplify-discovery/core';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { createBrowserStorage } from '../src/create-browser-storage.ts';
import { simulateBrowser } from './simulate-browser.ts';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] }));
afterEach(() => void jest.useRealTimers());

const stage = 'Production';
const endpoints = [{ stage, service: 'users', kind: 'http', target: 'https://users.example.com' }];
const staleSnapshot = () => JSON.stringify({ revision: '1', endpoints, loadedAt: Date.now() - 400_000 });

/** A browser with a registry, in which events happen in the order that is chosen. */
async function startBrowser(choose: (pipes: readonly string[]) => number, stored?: string) {
  const { openTab, plan, step } = simulateBrowser(choose);
  const startedAt = Date.now();
  const seen = { requests: 0, answers: 0, waitedMs: 0 };

  /** A tab that calls a service; it has ended when the refresh that this may cause is over. */
  function callFromTab(load = answer): void {
    const { storage, scope } = openTab();
    const kept = createBrowserStorage({
      storage,
      scope: 'registry',
      tabs: scope,
      onLoaded: (name, loaded) => resolver.adopt(name, loaded),
      report: () => {},
    });
    const source = { name: 'registry', load };
    const resolver = createResolver({ source, stage, storage: kept, trustedHosts: ['*.example.com'] });
    void resolver.resolve('users').then(async () => {
      await resolver.settle();
      seen.answers++;
      seen.waitedMs = Date.now() - startedAt;
    });
  }

  async function answer(): Promise<{ revision: string; endpoints: object[] }> {
    seen.requests++;
    await new Promise<void>((resolve) => plan('registry', resolve));
    return { revision: '2', endpoints };
  }

  /** Lets everything arrive that is under way; the clock stands still. */
  async function settle(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (step());
  }

  if (stored) await openTab().storage.setItem(`amplify-discovery/1/registry/${stage}`, stored);
  await settle();
  return {
    seen,
    settle,
    callFromTab,
    plan,
    /** The same, and moves the clock on whenever nothing else is left to happen. */
    async finish() {
      await settle();
      while (jest.getTimerCount()) {
        jest.advanceTimersToNextTimer();
        await settle();
      }
    },
  };
}

const inOrder = () => 0;

/** Any order; some kinds of events may come after all others. */
const orders = fc
  .tuple(
    fc.array(fc.nat(1000), { minLength: 40, maxLength: 120 }),
    fc.subarray(['opening', 'message', 'request', 'grant', 'release', 'answer', 'write', 'registry']),
  )
  .map(([choices, late]) => {
    const remaining = [...choices];
    return (pipes: readonly string[]) => {
      const early = pipes.filter((name) => !late.some((kind) => name.startsWith(kind)));
      const open = early.length ? early : pipes;
      return pipes.indexOf(open[(remaining.shift() ?? 0) % open.length] ?? '');
    };
  });

describe('tabs of one browser', () => {
  test.each(['stale', 'missing'])(
    'make one request when the snapshot is %s, whatever overtakes what',
    async (state) => {
      const stored = state === 'stale' ? staleSnapshot() : undefined;
      await fc.assert(
        fc.asyncProperty(orders, fc.integer({ min: 2, max: 4 }), async (order, count) => {
          const { seen, plan, callFromTab, finish } = await startBrowser(order, stored);
          for (let tab = 0; tab < count; tab++) plan(`opening of ${tab}`, () => callFromTab());
          await finish();
          expect(seen).toMatchObject({ requests: 1, answers: count });
        }),
        { numRuns: scaleRuns(60) },
      );
    },
  );

  test('wait for each other, not for a clock', async () => {
    const { seen, callFromTab, settle } = await startBrowser(inOrder, staleSnapshot());
    callFromTab();
    callFromTab();
    await settle();
    expect(seen).toEqual({ requests: 1, answers: 2, waitedMs: 0 });
  });

  test('receive by message what they can’t read yet', async () => {
    const withoutWrites = (pipes: readonly string[]) => pipes.findIndex((name) => !name.startsWith('write'));
    const { seen, callFromTab, settle } = await startBrowser(withoutWrites, staleSnapshot());
    callFromTab();
    await settle();
    callFromTab();
    await settle();
    expect(seen).toEqual({ requests: 1, answers: 2, waitedMs: 0 });
  });

  test('see what was sent before their turn, even where that arrives after it', async () => {
    const isLate = (name: string) => name.startsWith('message to 2') || name.startsWith('write');
    const lateMessages = (pipes: readonly string[]) =>
      Math.max(
        0,
        pipes.findIndex((name) => !isLate(name)),
      );
    const { seen, callFromTab, settle } = await startBrowser(lateMessages, staleSnapshot());
    callFromTab();
    callFromTab();
    await settle();
    expect(seen).toEqual({ requests: 1, answers: 2, waitedMs: 0 });
  });

  test('wait for one that is slow as long as any source may take', async () => {
    const { seen, callFromTab, settle, finish } = await startBrowser(inOrder);
    let answer: (() => void) | undefined;
    callFromTab(async () => {
      seen.requests++;
      await new Promise<void>((resolve) => (answer = resolve));
      return { revision: '2', endpoints };
    });
    await settle();
    callFromTab();
    await settle();
    jest.advanceTimersByTime(9000);
    await settle();
    expect(seen).toMatchObject({ requests: 1, answers: 0 });
    answer?.();
    await finish();
    expect(seen).toMatchObject({ requests: 1, answers: 2 });
  });

  test('go on without one that never comes to an end', async () => {
    const { seen, callFromTab, settle } = await startBrowser(inOrder);
    callFromTab(() => new Promise(() => {}));
    await settle();
    callFromTab();
    await settle();
    jest.advanceTimersByTime(15_000);
    await settle();
    expect(seen).toMatchObject({ requests: 1, answers: 1 });
  });
});
