import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { idlePause, limitTime, pause } from './pause.ts';

test.each([
  ['pause', pause],
  ['idlePause', idlePause],
])('%s leaves nothing on a signal that lives on', async (_, wait) => {
  const { signal } = new AbortController();
  await wait(0, signal);
  await limitTime(1000, wait, () => {});
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a pause whose signal aborts leaves no timer', () => {
  const controller = new AbortController();
  void pause(60_000, controller.signal);
  controller.abort();
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
});
