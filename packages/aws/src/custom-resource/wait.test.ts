import { expect, test } from '@jest/globals';
import { wait } from './wait.ts';

test('ends with the pause, with the signal, or at once when the signal has aborted before', async () => {
  const controller = new AbortController();
  await wait(Promise.resolve(), controller.signal);
  const never = new Promise<void>(() => undefined);
  const waiting = wait(never, controller.signal);
  controller.abort();
  await waiting;
  await expect(wait(never, controller.signal)).resolves.toBeUndefined();
});
