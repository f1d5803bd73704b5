/** Resolves after so many milliseconds, or never once the signal has aborted. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** The pause that the platform's timer makes. */
export const pause: Pause = (milliseconds, signal) => startTimer(milliseconds, signal, () => {});

/** The same, but it doesn't keep a Node process alive. */
export const idlePause: Pause = (milliseconds, signal) =>
  startTimer(milliseconds, signal, (timer) => (timer as { unref?: () => void }).unref?.());

function startTimer(milliseconds: number, signal: AbortSignal, prepare: (timer: unknown) => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return;
    const timer = setTimeout(() => {
      // A signal that lives on must not collect what is over.
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    const stop = () => clearTimeout(timer);
    prepare(timer);
    signal.addEventListener('abort', stop);
  });
}

/** What the operation gives, or a rejection when that takes longer. The operation goes on. */
export async function limitTime<T>(milliseconds: number, pauseFor: Pause, operation: () => T | Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = pauseFor(milliseconds, ended.signal).then(() => {
    throw new Error(`No answer in ${milliseconds} ms`);
  });
  try {
    return await Promise.race([operation(), late]);
  } finally {
    ended.abort();
  }
}

/**
 * Limits the time of operations on one thing: one that doesn't settle in time rejects, and so does every one after it, at once,
 * until it has settled.
 */
export function createTimeLimit(
  milliseconds: number,
  pauseFor: Pause = idlePause,
): <T>(operation: () => T | Promise<T>) => Promise<T> {
  let hanging = 0;
  return async (operation) => {
    if (hanging) throw new Error('Still busy with an earlier operation');
    const running = (async () => operation())();
    let isOver = false;
    const settle = () => void (isOver && hanging--);
    running.then(settle, settle);
    return limitTime(
      milliseconds,
      (limit, signal) =>
        pauseFor(limit, signal).then(() => {
          isOver = true;
          hanging++;
        }),
      () => running,
    );
  };
}
