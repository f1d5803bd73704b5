import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createDiscovery, type Discovery } from '../src/index.ts';
import { memoryStorage } from './start-environment.ts';

const endpoints = [{ service: 'users', kind: 'http', target: 'https://users.example.com' }];
const source = { name: 'registry', load: async () => ({ revision: '1', endpoints }) };

const open = (storage: object, more: object = {}): Discovery =>
  createDiscovery({ source, stage: 'Production', trustedHosts: ['*.example.com'], storage: storage as never, ...more });

describe('storage that never settles', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const never = () => new Promise<never>(() => {});
  const operations = fc.subarray(['getItem', 'setItem', 'removeItem'] as const, { minLength: 1 });

  test('delays the first call by a second and no other, whichever operations hang', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (hanging) => {
        const storage = { ...memoryStorage(), ...Object.fromEntries(hanging.map((name) => [name, never])) };
        const discovery = open(storage);
        const first = discovery.resolve('users');
        await jest.advanceTimersByTimeAsync(1000);
        expect((await first).endpoint.target).toBe('https://users.example.com');
        expect((await discovery.resolve('users')).endpoint.target).toBe('https://users.example.com');
      }),
      { numRuns: 20 },
    );
  });
});

describe('what is stored', () => {
  test('is what the source has answered, so that another list of trusted hosts reads it too', async () => {
    const storage = memoryStorage();
    const strict = open(storage, { trustedHosts: ['orders.example.com'] });
    await expect(strict.resolve('users')).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    await strict.resolver.settle();
    const down = { name: 'registry', load: () => Promise.reject(new Error('down')) };
    const { endpoint } = await open(storage, { source: down }).resolve('users');
    expect(endpoint.target).toBe('https://users.example.com');
  });

  test('is judged by the reader when it comes from another tab', async () => {
    const [strict, generous] = [{ trustedHosts: ['orders.example.com'] }, {}].map((more) =>
      open(memoryStorage(), { tabs: { BroadcastChannel }, ...more }),
    ) as [Discovery, Discovery];
    await strict.refresh();
    while (!generous.resolver.inspect()[0]?.revision) await new Promise((resolve) => setImmediate(resolve));
    expect(generous.resolver.find('users')?.target).toBe('https://users.example.com');
    expect(strict.resolver.find('users')).toBeUndefined();
    strict.close();
    generous.close();
  });
});
