export interface FakeClock {
  /** Milliseconds since the epoch, for options such as `now`. */
  readonly now: () => number;
  /** For options such as `sleep`: resolves when the clock has been moved past it; never once the signal has aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** The sleeps that were asked for and have neither ended nor been aborted, in milliseconds from now. */
  readonly sleeping: () => readonly number[];
  /** Moves the clock, wakes whoever is due in order, and lets everything that follows from it run. */
  advance(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved, so that tests of time neither wait nor race. */
export function fakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];
  return {
    now: () => nowMs,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return;
        const forget = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
        };
        const wake = () => {
          signal?.removeEventListener('abort', forget);
          resolve();
        };
        const sleeper = { at: nowMs + milliseconds, wake };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', forget);
      }),
    sleeping: () => sleepers.map(({ at }) => at - nowMs),
    async advance(milliseconds) {
      const end = nowMs + milliseconds;
      for (;;) {
        await settle();
        const next = sleepers.filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)[0];
        if (!next) break;
        sleepers = sleepers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.at);
        next.wake();
      }
      nowMs = end;
      await settle();
    },
  };
}

/** One turn of the event loop: every promise that can settle without outside help has settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
