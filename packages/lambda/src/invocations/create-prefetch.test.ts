import { expect, test } from '@jest/globals';
import { fakeClock } from '@amplify-discovery/test-rig';
import { createPrefetch } from './create-prefetch.ts';

/** A resolver whose loading lasts until it is aborted. */
function setUp() {
  const clock = fakeClock();
  let runs = 0;
  let abort: (reason: unknown) => void = () => {};
  const resolver = {
    prefetch() {
      runs++;
      return new Promise<void>((_, reject) => {
        abort = reject;
      });
    },
    abort: (reason?: unknown) => abort(reason),
  };
  return { clock, prefetch: createPrefetch({ resolver, timeoutMs: 60_000, now: clock.now }), countRuns: () => runs };
}

test('a run that was frozen is ended at the thaw, and the next one starts anew', async () => {
  const { clock, prefetch, countRuns } = setUp();
  const first = prefetch.run();
  expect(prefetch.run()).toBe(first);
  await clock.advance(59_000);
  prefetch.abortIfOverdue();
  expect(prefetch.run()).toBe(first);
  await clock.advance(2_000);
  prefetch.abortIfOverdue();
  await first;
  void prefetch.run();
  expect(countRuns()).toBe(2);
  await clock.advance(61_000);
  prefetch.abortIfOverdue();
});

test('a storage or a source that never settles is given up in time', async () => {
  const resolver = { prefetch: () => new Promise<never>(() => {}), abort: () => {} };
  await expect(createPrefetch({ resolver, timeoutMs: 1, now: Date.now }).run()).resolves.toBeUndefined();
});
