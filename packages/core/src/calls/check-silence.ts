import { idlePause } from '../resolver/pause.ts';

/**
 * Rejects as a connection that timed out does, when nothing comes back from an endpoint's host in that time; resolves when
 * something does, or the signal aborts. Asks by a request of its own: HEAD of the origin, without credentials. Any answer and any
 * refusal says that something is there, however slow.
 */
export async function checkSilence(
  target: string,
  milliseconds: number,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener('abort', stop, over);
  const init = {
    method: 'HEAD',
    credentials: 'omit',
    redirect: 'error',
    cache: 'no-store',
    signal: over.signal,
  } as const;
  const { origin } = new URL(target);
  async function expire(): Promise<never> {
    // While a thread is busy, or a machine sleeps, one half passes, and what has arrived meanwhile is read before the other.
    await idlePause(milliseconds / 2, over.signal);
    await idlePause(milliseconds / 2, over.signal);
    throw Object.assign(new Error(`${origin} is silent`), { code: 'ETIMEDOUT' });
  }
  const answered = fetch(origin, init).catch(() => {});
  await Promise.race([answered, expire()]).finally(stop);
}
