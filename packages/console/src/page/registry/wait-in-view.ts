/** Waits so long, and then until the page can be seen: a hidden one reads nothing. Ends with the signal. */
export function waitInView(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (document.hidden && !signal.aborted) return;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', checkLater);
      signal.removeEventListener('abort', check);
      resolve();
    };
    let isDue = false;
    const checkLater = () => isDue && check();
    const timer = setTimeout(() => {
      isDue = true;
      check();
    }, milliseconds);
    document.addEventListener('visibilitychange', checkLater);
    signal.addEventListener('abort', check);
  });
}
