import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Discovery } from './discovery.ts';
import type * as module from './default-discovery.ts';

let { findDefaultDiscovery, forgetDefaultDiscovery, getDefaultDiscovery, setDefaultDiscovery } = {} as typeof module;
beforeEach(async () => {
  jest.resetModules();
  ({ findDefaultDiscovery, forgetDefaultDiscovery, getDefaultDiscovery, setDefaultDiscovery } =
    await import('./default-discovery.ts'));
});

interface Started {
  readonly discovery: Discovery;
  readonly closings: string[];
  succeed(): void;
  fail(error: Error): void;
}

/** A discovery under way, as after a call of `discover`. */
function start(name: string, closings: string[] = []): Started {
  const discovery = { name, close: () => void closings.push(name) } as never as Discovery;
  let [succeed, fail]: [() => void, (error: Error) => void] = [() => {}, () => {}];
  setDefaultDiscovery(
    new Promise((resolve, reject) => {
      [succeed, fail] = [() => resolve(discovery), reject];
    }),
  );
  return { discovery, closings, succeed, fail };
}

describe('the default discovery', () => {
  test('that is forgotten is closed, and a call before the next one fails at once, with what is given', async () => {
    const first = start('first');
    first.succeed();
    await getDefaultDiscovery();
    const late = start('late');
    const missing = new Error('call discover first');
    forgetDefaultDiscovery(() => missing);
    expect(first.closings).toEqual(['first']);
    expect(findDefaultDiscovery()).toBeUndefined();
    await expect(getDefaultDiscovery()).rejects.toBe(missing);
    late.succeed();
    await Promise.resolve();
    await expect(getDefaultDiscovery()).rejects.toBe(missing);
    const next = start('next');
    next.succeed();
    expect(await getDefaultDiscovery()).toBe(next.discovery);
  });

  test('that is forgotten while a call waits for it makes that call fail, not wait for ever', async () => {
    const slow = start('slow');
    const waiting = getDefaultDiscovery();
    forgetDefaultDiscovery(() => new Error('call discover first'));
    slow.succeed();
    await expect(waiting).rejects.toThrow('call discover first');
  });

  test('is awaited, also by callers that came before it was started', async () => {
    const waiting = getDefaultDiscovery();
    const { discovery, succeed } = start('first');
    succeed();
    expect(await waiting).toBe(discovery);
    expect(await getDefaultDiscovery()).toBe(discovery);
    expect(findDefaultDiscovery()).toBe(discovery);
  });

  test('passes its failure on to callers that wait, and to later ones', async () => {
    const waiting = getDefaultDiscovery();
    start('first').fail(new Error('registry down'));
    await expect(waiting).rejects.toThrow('registry down');
    await expect(getDefaultDiscovery()).rejects.toThrow('registry down');
  });

  test('goes on while its successor has no answer yet', async () => {
    const first = start('first');
    first.succeed();
    await getDefaultDiscovery();
    const second = start('second', first.closings);
    expect(await getDefaultDiscovery()).toBe(first.discovery);
    second.succeed();
    await Promise.resolve();
    expect(await getDefaultDiscovery()).toBe(second.discovery);
    expect(first.closings).toEqual(['first']);
  });

  test('goes on when its successor fails', async () => {
    const first = start('first');
    first.succeed();
    await getDefaultDiscovery();
    start('second', first.closings).fail(new Error('registry down'));
    await Promise.resolve();
    expect(await getDefaultDiscovery()).toBe(first.discovery);
    expect(first.closings).toEqual([]);
  });

  test('callers that wait for one that fails get the next', async () => {
    const first = start('first');
    const waiting = getDefaultDiscovery();
    const second = start('second');
    first.fail(new Error('registry down'));
    await Promise.resolve();
    second.succeed();
    expect(await waiting).toBe(second.discovery);
  });

  test('is not replaced by one that was started before it', async () => {
    const first = start('first');
    const second = start('second', first.closings);
    second.succeed();
    expect(await getDefaultDiscovery()).toBe(second.discovery);
    first.succeed();
    await Promise.resolve();
    expect(await getDefaultDiscovery()).toBe(second.discovery);
    expect(first.closings).toEqual(['first']);
  });

  test('is awaited for no longer than ten seconds', async () => {
    jest.useFakeTimers();
    try {
      const waiting = getDefaultDiscovery();
      const outcome = expect(waiting).rejects.toMatchObject({ code: 'InvalidOptions' });
      await jest.advanceTimersByTimeAsync(10_000);
      await outcome;
    } finally {
      jest.useRealTimers();
    }
  });
});
