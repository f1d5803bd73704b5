import { describe, expect, test } from '@jest/globals';
import { fakeClock, memorySource } from '@amplify-discovery/test-rig';
import { runBridge, type WatchedSource } from '../src/index.ts';
import { memoryTarget } from './memory-target.ts';

const stage = 'dev';

function startBridge() {
  const clock = fakeClock();
  const memory = memorySource();
  const target = memoryTarget();
  const stop = new AbortController();
  const waits: {
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
    readonly signal: AbortSignal;
  }[] = [];
  const source: WatchedSource = {
    ...memory,
    waitForChange: ({ signal }) => new Promise((resolve, reject) => waits.push({ resolve, reject, signal })),
  };
  const done = runBridge({
    source,
    target,
    mark: 'blue',
    stages: [stage],
    intervalSeconds: 600,
    signal: stop.signal,
    now: clock.now,
    sleep: clock.sleep,
  });
  return {
    clock,
    waits,
    register: (service: string) => memory.register({ stage, service, target: `https://${service}.example.com` }),
    loads: () => memory.requests.length,
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

describe('a bridge whose source tells of changes', () => {
  test('copies a second after one, so that what is deployed together is copied together', async () => {
    const { clock, waits, register, loads, stop } = startBridge();
    await clock.advance(0);
    expect(loads()).toBe(1);
    register('users');
    waits[0]?.resolve();
    await clock.advance(999);
    expect(loads()).toBe(1);
    await clock.advance(1);
    expect(loads()).toBe(2);
    await stop();
    expect(waits.every(({ signal }) => signal.aborted)).toBe(true);
    expect(clock.sleeping()).toEqual([]);
  });

  test('asks at its interval all the same, also when the source can no longer tell', async () => {
    const { clock, waits, loads, stop } = startBridge();
    await clock.advance(0);
    waits[0]?.reject(new Error('it is down'));
    await clock.advance(599_999);
    expect(loads()).toBe(1);
    await clock.advance(1);
    expect(loads()).toBe(2);
    await clock.advance(600_000);
    expect([loads(), waits.length]).toEqual([3, 3]);
    expect(waits[1]?.signal.aborted).toBe(true);
    await stop();
    expect(clock.sleeping()).toEqual([]);
  });
});
