import { idlePause } from '../resolver/pause.ts';

/**
 * Whether nothing comes back from an endpoint's host in that time, judged by a request of its own: HEAD of the origin, without
 * credentials. Any answer and any refusal says that something is there, however slow.
 */
export async function isSilent(
  target: string,
  milliseconds: number,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<boolean> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener('abort', stop);
  const init = {
    method: 'HEAD',
    credentials: 'omit',
    redirect: 'error',
    cache: 'no-store',
    signal: over.signal,
  } as const;
  const answered = fetch(new URL(target).origin, init).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([answered, idlePause(milliseconds, over.signal).then(() => true)]);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
