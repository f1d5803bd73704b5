import type { Resolver } from '@amplify-discovery/core';

export interface PrefetchOptions {
  readonly resolver: Pick<Resolver, 'prefetch' | 'abort'>;
  readonly timeoutMs: number;
  readonly now: () => number;
}

export interface Prefetch {
  /** Loads every stage, or gives up in time. Never rejects, and joins a run under way. */
  readonly run: () => Promise<void>;
  /** Ends a run that was frozen: its connection is dead, and its timer may not have noticed how late it is. */
  abortIfOverdue(): void;
}

/** Makes the loading that a function does while it initialises. */
export function createPrefetch({ resolver, timeoutMs, now }: PrefetchOptions): Prefetch {
  let running: { readonly done: Promise<void>; readonly startedAt: number } | undefined;
  const giveUp = () => resolver.abort(new DOMException(`Nothing was prefetched in ${timeoutMs} ms`, 'TimeoutError'));

  async function load(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        giveUp();
        resolve();
      }, timeoutMs);
    });
    try {
      // A storage or a source that never settles is not waited for, either.
      await Promise.race([resolver.prefetch(), isLate]);
    } catch {
      // The resolver has reported it, and the first call will try again.
    } finally {
      clearTimeout(timer);
      running = undefined;
    }
  }

  return {
    run: () => (running ??= { done: load(), startedAt: now() }).done,
    abortIfOverdue() {
      if (running && now() - running.startedAt > timeoutMs) giveUp();
    },
  };
}
