import { describe, expect, test } from '@jest/globals';
import { raceAbort } from './race-abort.ts';

const never = new Promise<never>(() => {});

describe('raceAbort', () => {
  test('gives the outcome of the promise', async () => {
    const { signal } = new AbortController();
    await expect(raceAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(raceAbort(Promise.reject(new Error('x')), signal)).rejects.toThrow('x');
    await expect(raceAbort(Promise.resolve(2), undefined)).resolves.toBe(2);
  });

  test('rejects with the reason as it is, however early the abort', async () => {
    const reason = { why: 'gone' };
    await expect(raceAbort(never, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const raced = raceAbort(never, controller.signal);
    controller.abort(reason);
    await expect(raced).rejects.toBe(reason);
  });

  test('lets go of the signal and swallows a rejection that comes after the abort', async () => {
    const listeners = new Set<unknown>();
    const controller = new AbortController();
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: never) => (listeners.add(listener), add(type, listener));
    signal.removeEventListener = (type: string, listener: never) => (
      listeners.delete(listener),
      remove(type, listener)
    );
    await raceAbort(Promise.resolve(), signal);
    await new Promise(setImmediate);
    expect(listeners.size).toBe(0);

    let fail: (error: unknown) => void = () => {};
    const raced = raceAbort(
      new Promise((_, reject) => {
        fail = reject;
      }),
      signal,
    );
    controller.abort('stop');
    await expect(raced).rejects.toBe('stop');
    fail(new Error('late'));
    await new Promise(setImmediate);
    expect(listeners.size).toBe(0);
  });
});
