import type { SnapshotStorage, StoredSnapshot } from '@amplify-discovery/core';
import type { KeyValueStorageInterface } from 'aws-amplify/utils';

/** What browsers have for tabs to agree; absent elsewhere. */
export interface TabScope {
  readonly locks?: Pick<LockManager, 'request'> | undefined;
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined;
}

export interface BrowserStorageOptions {
  readonly storage: KeyValueStorageInterface;
  /** Tells registries, and lists of services, apart. */
  readonly scope: string;
  readonly tabs: TabScope;
  /** Receives what another tab has loaded. */
  readonly onLoaded: (stage: string, stored: unknown) => void;
}

/** How long a tab waits for another one's refresh before it asks the registry itself. */
const patienceMs = 5000;

/**
 * Keeps snapshots in Amplify's key-value storage, under a key of registry, services and stage that also names the format,
 * so that an older format is simply not found. Where the browser has Web Locks, one tab at a time refreshes a stage;
 * where it has BroadcastChannel, the others hear of it.
 */
export function browserStorage({
  storage,
  scope,
  tabs,
  onLoaded,
}: BrowserStorageOptions): SnapshotStorage & { close(): void } {
  const keyOf = (stage: string) => `amplify-discovery/1/${scope}/${stage}`;
  const channel = tabs.BroadcastChannel && new tabs.BroadcastChannel(keyOf(''));
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<{ stage: string; stored: unknown } | undefined>) => {
      if (data) onLoaded(data.stage, data.stored);
    };
    // Node has BroadcastChannel too, and would not exit while one is open.
    (channel as { unref?: () => void }).unref?.();
  }
  const { locks } = tabs;

  return {
    async read(stage) {
      const text = await storage.getItem(keyOf(stage));
      return text && (JSON.parse(text) as StoredSnapshot);
    },
    async write(stage, stored) {
      channel?.postMessage({ stage, stored });
      await storage.setItem(keyOf(stage), JSON.stringify(stored));
    },
    close: () => channel?.close(),
    ...(locks && {
      async runExclusive<T>(stage: string, task: () => Promise<T>): Promise<T> {
        let started: Promise<T> | undefined;
        const start = () => (started = task());
        try {
          return await locks.request(keyOf(stage), { signal: AbortSignal.timeout(patienceMs) }, start);
        } catch {
          // Locks that are refused or that another tab doesn't give back must not stop this one.
          return started ?? start();
        }
      },
    }),
  };
}
