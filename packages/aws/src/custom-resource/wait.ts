/** Resolves after the pause, or as soon as the signal aborts. Leaves no listener behind. */
export async function wait(pause: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let end: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    end = resolve;
    signal.addEventListener('abort', end, { once: true });
  });
  await Promise.race([pause, aborted]);
  signal.removeEventListener('abort', end);
}
