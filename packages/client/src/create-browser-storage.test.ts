import { describe, expect, test } from '@jest/globals';
import type { DiscoveryEvent } from '@amplify-discovery/core';
import { memoryStorage } from '../test/start-environment.ts';
import { createBrowserStorage } from './create-browser-storage.ts';
import type { TabScope } from './join-tabs.ts';

const snapshot = { revision: '1', endpoints: [], loadedAt: 1 };

function openTab(tabs: TabScope = {}, more: { maximumStoredBytes?: number } = {}) {
  const storage = memoryStorage();
  const events: DiscoveryEvent[] = [];
  const loaded: unknown[] = [];
  const kept = createBrowserStorage({
    storage,
    scope: 'registry',
    tabs,
    onLoaded: (stage, stored) => loaded.push([stage, stored]),
    report: (event) => events.push(event),
    ...more,
  });
  return { ...kept, items: storage.items, events, loaded };
}

/** Locks as one browser has them: one holder at a time, in order. */
function makeLocks(): NonNullable<TabScope['locks']> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (_name: string, task: () => Promise<unknown>) => {
      const turn = last.then(task);
      last = turn.catch(() => {});
      return turn;
    },
    query: async () => ({ held: [], pending: [] }),
  } as never;
}

/** A snapshot that takes this many characters, and a tenth of them when compressed. */
const makeLarge = (length: number) => ({ ...snapshot, endpoints: [{ service: '01234567'.repeat(length / 8) }] });

describe('browser storage', () => {
  test('gives back what it was given, by stage', async () => {
    const { read, write } = openTab();
    await write('Production', snapshot);
    expect(await read('Production')).toEqual(snapshot);
    expect(await read('staging')).toBeFalsy();
  });

  test('compresses what is large', async () => {
    const { read, write, items } = openTab();
    const large = makeLarge(60_000);
    await write('Production', large);
    expect([...items.values()].map(({ length }) => length)).toEqual([expect.any(Number)]);
    expect([...items.values()][0]?.length).toBeLessThan(6000);
    expect(await read('Production')).toEqual(large);
  });

  test('does not keep what is too large even compressed, removes what was there before, and reports it once', async () => {
    const { read, write, items, events } = openTab({}, { maximumStoredBytes: 100 });
    await write('Production', snapshot);
    await write('Production', makeLarge(800));
    await write('Production', makeLarge(1600));
    expect(items.size).toBe(0);
    expect(await read('Production')).toBeFalsy();
    expect(events).toEqual([
      expect.objectContaining({
        type: 'storage-failed',
        stage: 'Production',
        error: expect.objectContaining({
          code: 'StorageFailed',
          message: expect.stringContaining('maximumStoredBytes is 100'),
        }),
      }),
    ]);
  });

  test('keeps it again when it fits', async () => {
    const { read, write } = openTab({}, { maximumStoredBytes: 100 });
    await write('Production', makeLarge(800));
    await write('Production', snapshot);
    expect(await read('Production')).toEqual(snapshot);
  });

  test('passes on to other tabs what it has loaded, whatever its size', async () => {
    const [one, other] = [openTab({ BroadcastChannel }, { maximumStoredBytes: 0 }), openTab({ BroadcastChannel })];
    await one.write('Production', snapshot);
    while (!other.loaded.length) await new Promise((resolve) => setImmediate(resolve));
    expect(other.loaded).toEqual([['Production', snapshot]]);
    expect(one.loaded).toEqual([]);
    one.close();
    other.close();
  });

  test('still keeps snapshots after close, without passing them on', async () => {
    const { close, read, write } = openTab({ BroadcastChannel });
    close();
    await write('Production', snapshot);
    expect(await read('Production')).toEqual(snapshot);
  });

  test('lets one tab at a time load', async () => {
    const locks = makeLocks();
    const [one, other] = [openTab({ locks }), openTab({ locks })];
    let running = 0;
    const task = async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all([one.runExclusive?.('Production', task), other.runExclusive?.('Production', task)]);
  });

  test('passes on what the task rejects with, and runs it once', async () => {
    let runs = 0;
    const { runExclusive } = openTab({ locks: makeLocks() });
    const failing = runExclusive?.('Production', async () => {
      runs++;
      throw new Error('registry down');
    });
    await expect(failing).rejects.toThrow('registry down');
    expect(runs).toBe(1);
  });

  test('goes on without a lock that is refused', async () => {
    const refuse = async () => Promise.reject(new DOMException('no', 'SecurityError'));
    const { runExclusive } = openTab({ locks: { request: refuse, query: refuse } });
    expect(await runExclusive?.('Production', async () => 'loaded')).toBe('loaded');
  });

  test('offers no turns where there are no locks', () => {
    expect(openTab().runExclusive).toBeUndefined();
  });
});
