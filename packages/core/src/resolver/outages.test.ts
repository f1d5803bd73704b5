import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createOutages } from './outages.ts';

const target = 'https://users.example.com';
const start = Date.UTC(2026, 0, 1);

/** How long the target is left out from then on, in seconds. */
function measure(outages: ReturnType<typeof createOutages>, from: number): number {
  let seconds = 0;
  while (outages.has(target, from + seconds * 1000)) seconds += 0.5;
  return seconds;
}

describe('an outage', () => {
  test('lasts for recheckSeconds, and a second where that is less', () => {
    for (const [recheckSeconds, lasts] of [
      [5, 5],
      [0, 1],
    ] as const) {
      const outages = createOutages(recheckSeconds);
      expect(measure(outages, start)).toBe(0);
      outages.note(target, start);
      expect(measure(outages, start)).toBe(lasts);
      expect(outages.has('https://orders.example.com', start)).toBe(false);
    }
  });

  test('lasts twice as long each time, up to sixty times as long', () => {
    const outages = createOutages(5);
    let time = start;
    const lasted: number[] = [];
    for (let again = 0; again < 9; again++) {
      outages.note(target, time);
      lasted.push(measure(outages, time));
      time += (lasted.at(-1) as number) * 1000;
    }
    expect(lasted).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test('of calls that were under way together is one', () => {
    const outages = createOutages(5);
    for (let call = 0; call < 100; call++) outages.note(target, start + call);
    expect(measure(outages, start)).toBe(5);
  });

  test('is forgotten when the target has answered for five minutes', () => {
    const outages = createOutages(5);
    outages.note(target, start);
    outages.note(target, start + 304_000);
    expect(measure(outages, start + 304_000)).toBe(10);
    outages.note(target, start + 304_000 + 310_000);
    expect(measure(outages, start + 304_000 + 310_000)).toBe(5);
  });

  test('never lasts longer than it may, however clocks jump', () => {
    const jump = fc.integer({ min: -1e6, max: 1e6 });
    const step = fc.record({ jump, ahead: jump, fails: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const outages = createOutages(5);
        const noted: number[] = [];
        let time = start;
        for (const { jump, ahead, fails } of steps) {
          time += jump;
          if (fails) {
            outages.note(target, time);
            noted.push(time);
          }
          // By the clock: one that is set back may come to the same time again.
          const at = time + ahead;
          if (outages.has(target, at)) expect(noted.some((since) => Math.abs(at - since) < 300_000)).toBe(true);
        }
      }),
    );
  });
});
