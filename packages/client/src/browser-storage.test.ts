import { describe, expect, test } from '@jest/globals';
import { browserStorage, type TabScope } from './browser-storage.ts';
import { memoryStorage } from '../test/start-environment.ts';

const snapshot = { revision: '1', endpoints: [], loadedAt: 1 };

function makeTab(tabs: TabScope, heard: unknown[] = [], storage = memoryStorage()) {
  return browserStorage({ storage, scope: 'registry', tabs, onLoaded: (stage, stored) => heard.push([stage, stored]) });
}

/** Locks as one browser has them: one holder at a time, in order. */
function makeLocks(): TabScope['locks'] {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (_name: string, _options: unknown, task: () => Promise<unknown>) => {
      const turn = last.then(task);
      last = turn.catch(() => {});
      return turn;
    },
  } as never;
}

describe('browser storage', () => {
  test('gives back what it was given, by stage', async () => {
    const tab = makeTab({});
    await tab.write('Production', snapshot);
    expect(await tab.read('Production')).toEqual(snapshot);
    expect(await tab.read('staging')).toBeFalsy();
  });

  test('tells other tabs what it has loaded', async () => {
    const heard: unknown[] = [];
    const [one, other] = [makeTab({ BroadcastChannel }), makeTab({ BroadcastChannel }, heard)];
    await one.write('Production', snapshot);
    while (!heard.length) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([['Production', snapshot]]);
    one.close();
    other.close();
  });

  test('lets one tab at a time load', async () => {
    const locks = makeLocks();
    const [one, other] = [makeTab({ locks }), makeTab({ locks })];
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
    const tab = makeTab({ locks: makeLocks() });
    const failing = tab.runExclusive?.('Production', async () => {
      runs++;
      throw new Error('registry down');
    });
    await expect(failing).rejects.toThrow('registry down');
    expect(runs).toBe(1);
  });

  test('goes on without a lock that it is not given', async () => {
    const refused = { request: async () => Promise.reject(new DOMException('no', 'SecurityError')) } as never;
    expect(await makeTab({ locks: refused }).runExclusive?.('Production', async () => 'loaded')).toBe('loaded');
  });

  test('offers no turns where there are no locks', () => {
    expect(makeTab({}).runExclusive).toBeUndefined();
  });
});
