import { DiscoveryError, type ReportEvent, type SnapshotStorage, type StoredSnapshot } from '@amplify-discovery/core';
import type { KeyValueStorage } from './bound-storage.ts';
import { joinTabs, type TabScope } from './join-tabs.ts';

export interface BrowserStorageOptions {
  readonly storage: KeyValueStorage;
  /** Distinguishes registries, and lists of services. */
  readonly scope: string;
  readonly tabs: TabScope;
  /** Receives what another tab has loaded. */
  readonly onLoaded: (stage: string, stored: unknown) => void;
  readonly report: ReportEvent;
  /** A snapshot that takes more is not kept. @default 1_000_000 */
  readonly maximumStoredBytes?: number | undefined;
}

/** A snapshot of about 100 endpoints. Compressing less is not worth the time. */
const compressFromLength = 50_000;

/**
 * Keeps snapshots in Amplify's key-value storage, under a key of registry, services and stage that also names the format,
 * so that an older format is simply not found. Large ones are compressed; what is too large then is left out, since others
 * need the storage too. Tabs of one browser take turns and share what one has loaded.
 */
export function createBrowserStorage(options: BrowserStorageOptions): SnapshotStorage & { close(): void } {
  const { storage, scope, tabs, onLoaded, report, maximumStoredBytes = 1_000_000 } = options;
  const keyOf = (stage: string) => `amplify-discovery/1/${scope}/${stage}`;
  const tooLarge = new Set<string>();
  const { announce, runExclusive, close } = joinTabs({
    scope: tabs,
    name: keyOf(''),
    onAnnounced: (stage, text) => onLoaded(stage, JSON.parse(text)),
  });

  return {
    async read(stage) {
      const text = await storage.getItem(keyOf(stage));
      if (!text) return undefined;
      const json = text.startsWith('{') ? text : await expand(text);
      return JSON.parse(json) as StoredSnapshot;
    },
    async write(stage, stored) {
      const text = JSON.stringify(stored);
      announce(stage, text);
      const kept = text.length > compressFromLength ? await compress(text) : text;
      if (kept.length <= maximumStoredBytes) return storage.setItem(keyOf(stage), kept);
      if (!tooLarge.has(stage)) {
        tooLarge.add(stage);
        const message = `The snapshot of "${stage}" takes ${kept.length} bytes in storage, maximumStoredBytes is ${maximumStoredBytes}: it is not kept`;
        report({ type: 'storage-failed', stage, error: new DiscoveryError('StorageFailed', message, { stage }) });
      }
      return storage.removeItem(keyOf(stage));
    },
    close,
    ...(runExclusive && { runExclusive }),
  };
}

/** Only large stages load what compresses; where that can't be loaded, the text itself may be small enough. */
function compress(text: string): Promise<string> {
  return import('./compress-text.ts').then(
    ({ compressText }) => compressText(text),
    () => text,
  );
}

async function expand(text: string): Promise<string> {
  const { expandText } = await import('./compress-text.ts');
  return expandText(text);
}
