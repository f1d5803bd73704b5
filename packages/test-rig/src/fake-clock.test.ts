import { expect, test } from '@jest/globals';
import { fakeClock } from './fake-clock.ts';

test('sleepers wake in the order of their times, each at its own time', async () => {
  const clock = fakeClock(1000);
  const woken: string[] = [];
  void clock.sleep(30).then(() => woken.push(`second at ${clock.now()}`));
  void clock.sleep(10).then(() => woken.push(`first at ${clock.now()}`));
  void clock.sleep(50).then(() => woken.push('never'));
  await clock.advance(40);
  expect(woken).toEqual(['first at 1010', 'second at 1030']);
  expect(clock.now()).toBe(1040);
  expect(clock.sleeping()).toEqual([10]);
});

test('an aborted sleeper never wakes', async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  let isAwake = false;
  void clock.sleep(10, controller.signal).then(() => (isAwake = true));
  controller.abort();
  await clock.advance(20);
  expect(isAwake).toBe(false);
  expect(clock.sleeping()).toEqual([]);
});

test('someone who sleeps again on waking is woken again within one move', async () => {
  const clock = fakeClock(0);
  const times: number[] = [];
  const tick = async (): Promise<void> => {
    await clock.sleep(10);
    times.push(clock.now());
    if (times.length < 3) await tick();
  };
  void tick();
  await clock.advance(100);
  expect(times).toEqual([10, 20, 30]);
});
