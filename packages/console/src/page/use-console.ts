import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Overview, StageChange } from '../overview.ts';
import { ConsoleError, type ConsoleClient, type ConsoleWatcher } from './console-client.ts';
import { openConsoleClient } from './open-console-client.ts';

export interface ConsoleState {
  readonly client?: ConsoleClient | undefined;
  readonly overview?: Overview | undefined;
  /** The last failure to read; what was read before it stays. */
  readonly error?: ConsoleError | undefined;
  /** How soon changes are seen, in words; undefined while nothing is connected. */
  readonly freshness?: string | undefined;
  /** The latest first. */
  readonly changes: readonly StageChange[];
  /** Reads everything again; where there is no session, opens one. */
  readonly refresh: () => void;
}

const keptChanges = 50;
/** Several changes of one deployment are read once. */
const settleMs = 300;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;

/** Opens the session, reads the overview, and reads it again after each change. */
export function useConsole(): ConsoleState {
  const [client, setClient] = useState<ConsoleClient>();
  const [overview, setOverview] = useState<Overview>();
  const [error, setError] = useState<ConsoleError>();
  const [freshness, setFreshness] = useState<string>();
  const [changes, setChanges] = useState<readonly StageChange[]>([]);
  const reading = useRef<AbortController>(undefined);

  const read = useCallback(async (from: ConsoleClient) => {
    reading.current?.abort();
    const { signal } = (reading.current = new AbortController());
    try {
      const answer = await from.readOverview(signal);
      if (signal.aborted) return;
      setOverview(answer);
      setError(undefined);
    } catch (failure) {
      if (!signal.aborted) setError(toConsoleError(failure));
    }
  }, []);

  const open = useCallback(() => {
    openConsoleClient().then(setClient, (failure: unknown) => setError(toConsoleError(failure)));
  }, []);
  useEffect(open, [open]);

  useEffect(() => {
    if (!client) return;
    const closing = new AbortController();
    let settling: ReturnType<typeof setTimeout> | undefined;
    const readSoon = () => {
      clearTimeout(settling);
      settling = setTimeout(() => void read(client), settleMs);
    };
    const watcher: FollowWatcher = {
      // What happened while nothing was connected.
      onOpen: () => void read(client),
      onFreshness: setFreshness,
      onChange(change) {
        setChanges((known) => [change, ...known].slice(0, keptChanges));
        readSoon();
      },
      onClosed: () => setFreshness(undefined),
    };
    void follow(client, watcher, closing.signal);
    return () => {
      closing.abort();
      clearTimeout(settling);
    };
  }, [client, read]);

  const refresh = useCallback(() => {
    if (client && error?.code !== 'SignedOut') void read(client);
    else open();
  }, [client, error, open, read]);
  return { client, overview, error, freshness, changes, refresh };
}

interface FollowWatcher extends ConsoleWatcher {
  onOpen(): void;
  onClosed(): void;
}

/** Connects again for as long as the page is open, ever more rarely. */
async function follow(client: ConsoleClient, watcher: FollowWatcher, signal: AbortSignal): Promise<void> {
  let retryMs = firstRetryMs;
  while (!signal.aborted) {
    let isOpen = false;
    const onFreshness = (freshness: string) => {
      watcher.onFreshness(freshness);
      if (isOpen) return;
      isOpen = true;
      retryMs = firstRetryMs;
      watcher.onOpen();
    };
    await client.watch({ onFreshness, onChange: watcher.onChange }, signal).catch(() => {});
    if (signal.aborted) return;
    watcher.onClosed();
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  }
}

export function toConsoleError(failure: unknown): ConsoleError {
  return failure instanceof ConsoleError ? failure : new ConsoleError('Unexpected', String(failure));
}
