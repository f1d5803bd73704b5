import { DiscoveryError } from '@amplify-discovery/core';
import { parseAuditEntry, type AuditEntry, type AuditSubject } from './audit-entry.ts';
import { createFirstKey, findAuditKey } from './audit-key.ts';
import type { AuditStore } from './audit-store.ts';

export interface AuditReading {
  /** Milliseconds since the epoch: the first moment that is read. */
  readonly since: number;
  /** The first moment that is not read any more. */
  readonly until: number;
  /** Tells by its subject whether an entry is read at all. @default every one is */
  readonly includes?: ((subject: AuditSubject) => boolean) | undefined;
  /** Called after each page of keys, with how many entries were read, and up to which moment. */
  readonly onPage?: ((progress: { readonly read: number; readonly time: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How many objects are read at a time. */
const atOnce = 16;

/**
 * The entries of the time, in the order in which the changes were made.
 *
 * @throws DiscoveryError `InvalidRecord`, with the key, for an object that is not an entry; what the store throws.
 */
export async function* readAudit(
  store: Pick<AuditStore, 'list' | 'get'>,
  { since, until, includes = () => true, onPage = () => {}, signal }: AuditReading,
): AsyncGenerator<AuditEntry> {
  let read = 0;
  // A key of the last second may still be within the time.
  for await (const page of store.list({ from: createFirstKey(since), until: createFirstKey(until + 999) })) {
    const keys = page.filter((key) => {
      const found = findAuditKey(key);
      return found !== undefined && found.time >= since && found.time < until && includes(found.subject);
    });
    for (let start = 0; start < keys.length; start += atOnce) {
      signal?.throwIfAborted();
      const entries = await Promise.all(keys.slice(start, start + atOnce).map((key) => readEntry(store, key)));
      for (const entry of entries) if (entry) yield entry;
      read += entries.length;
    }
    const last = findAuditKey(page.at(-1) ?? '');
    if (last) onPage({ read, time: last.time });
  }
}

/** Undefined for what has left the log since it was listed, as everything does at the end of its time. */
async function readEntry(store: Pick<AuditStore, 'get'>, key: string): Promise<AuditEntry | undefined> {
  const text = await store.get(key);
  if (text === undefined) return undefined;
  try {
    return parseAuditEntry(text);
  } catch (cause) {
    throw new DiscoveryError('InvalidRecord', `${key}: ${(cause as Error).message}`, { cause });
  }
}
