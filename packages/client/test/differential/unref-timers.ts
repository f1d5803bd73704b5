/**
 * Keeps timers from holding the process, until the returned function is called: Amplify never clears
 * that of a call's timeout, nor that of a connection's acknowledgement.
 */
export function unrefTimers(): () => void {
  const schedule = globalThis.setTimeout;
  globalThis.setTimeout = ((...args: Parameters<typeof schedule>) => schedule(...args).unref()) as never;
  return () => {
    globalThis.setTimeout = schedule;
  };
}
