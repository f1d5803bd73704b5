import { expect, test } from '@jest/globals';
import { checkSilence } from './check-silence.ts';

const target = 'https://users.example.com/prod';
const { signal } = new AbortController();
type Fetch = typeof globalThis.fetch;

/** Never settles unless its signal aborts. */
const hanging: Fetch = (_input, init) =>
  new Promise((_resolve, reject) =>
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
  );

test('a host from which nothing comes in time is silent, and is asked no longer', async () => {
  let asked: RequestInit | undefined;
  const fetch: Fetch = (input, init) => {
    asked = init;
    return hanging(input, init);
  };
  await expect(checkSilence(target, 1, signal, fetch)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(asked?.signal?.aborted).toBe(true);
});

test('a host that answers or refuses is not, whatever it says', async () => {
  const outcomes: Fetch[] = [
    async () => new Response('', { status: 503 }),
    async () => {
      throw new TypeError('fetch failed');
    },
  ];
  for (const fetch of outcomes) await checkSilence(target, 1e9, signal, fetch);
});

test('it asks the origin alone, without credentials, and follows no redirect', async () => {
  const asked: unknown[] = [];
  const fetch: Fetch = async (input, init) => {
    asked.push(input, init?.method, init?.credentials, init?.redirect, init?.headers);
    return new Response();
  };
  await checkSilence(target, 1e9, signal, fetch);
  expect(asked).toEqual(['https://users.example.com', 'HEAD', 'omit', 'error', undefined]);
});

test('the end of the call ends it', async () => {
  const call = new AbortController();
  const asked = checkSilence(target, 1e9, call.signal, hanging);
  call.abort();
  await asked;
});

test('a call that has ended before asks nothing', async () => {
  let asked = 0;
  const fetch: Fetch = (...request) => {
    asked++;
    return hanging(...request);
  };
  await checkSilence(target, 1, AbortSignal.abort(), fetch);
  expect(asked).toBe(0);
});

test('a host that has answered while this thread was busy is not silent', async () => {
  // What has arrived meanwhile is read after the timers that are due.
  const fetch: Fetch = () => new Promise((resolve) => setImmediate(() => resolve(new Response())));
  await new Promise((resolve) => setImmediate(resolve));
  const asked = checkSilence(target, 20, signal, fetch);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
  await asked;
});
