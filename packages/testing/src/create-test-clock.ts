/** A clock that stands still until it is moved. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  advanceSeconds(seconds: number): void;
}

/** The clock, and what waits for it. */
interface WaitingClock extends TestClock {
  /** Resolves once it is that time, in milliseconds since the epoch. Rejects with the signal's reason. */
  waitUntil(at: number, signal: AbortSignal): Promise<void>;
}

export function createTestClock(startMs: number): WaitingClock {
  let nowMs = startMs;
  let waiting: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => nowMs,
    advanceSeconds(seconds) {
      nowMs += seconds * 1000;
      const due = waiting.filter(({ at }) => at <= nowMs);
      waiting = waiting.filter(({ at }) => at > nowMs);
      for (const { wake } of due) wake();
    },
    waitUntil: (at, signal) =>
      new Promise((wake, reject) => {
        if (at <= nowMs) return wake();
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        return void waiting.push({ at, wake });
      }),
  };
}
