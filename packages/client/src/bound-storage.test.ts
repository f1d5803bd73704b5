import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { memoryStorage } from '../test/start-environment.ts';
import { boundStorage } from './bound-storage.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('bounded storage', () => {
  test('gives what the storage gives, and leaves no timer behind', async () => {
    const storage = boundStorage(memoryStorage());
    await storage.setItem('key', 'value');
    expect(await storage.getItem('key')).toBe('value');
    await storage.removeItem('key');
    expect(await storage.getItem('key')).toBeNull();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('fails where the storage fails, also at once', async () => {
    const refuse = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const storage = boundStorage({ ...memoryStorage(), getItem: refuse, setItem: async () => refuse() });
    await expect(storage.getItem('key')).rejects.toThrow('denied');
    await expect(storage.setItem('key', 'value')).rejects.toThrow('denied');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('waits no longer than a second for storage that hangs, and once only', async () => {
    let answer: (() => void) | undefined;
    const hanging = new Promise<null>((resolve) => (answer = () => resolve(null)));
    const storage = boundStorage({ ...memoryStorage(), getItem: () => hanging }, 1000);
    const first = expect(storage.getItem('key')).rejects.toThrow('No answer in 1000 ms');
    await jest.advanceTimersByTimeAsync(1000);
    await first;
    await expect(storage.setItem('key', 'value')).rejects.toThrow('Still busy');
    answer?.();
    await jest.advanceTimersByTimeAsync(0);
    await storage.setItem('key', 'value');
  });
});
