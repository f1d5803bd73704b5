import {
  checkSourceUrl,
  DiscoveryError,
  isDiscoveryError,
  raceAbort,
  readBytes,
  throwIfAborted,
  type Source,
  type TrustedKey,
} from '@amplify-discovery/core';
import { checkExpiry, openSnapshot } from '../format/open-snapshot.ts';
import type { SnapshotDocument } from '../format/snapshot-document.ts';

/** Remembers the highest sequence of each stage beyond this process, so that an older snapshot is refused after a restart too. */
export interface SequenceStorage {
  /** Anything but a whole number counts as nothing. */
  read(stage: string): Promise<number | undefined>;
  write(stage: string, sequence: number): Promise<void>;
}

export interface SnapshotSourceOptions {
  /** Where the object of a stage is: `https://cdn.example.com/discovery/{stage}.public.json`, in a browser also `/discovery/…`. */
  readonly url: string | ((stage: string) => string);
  /** Only snapshots that one of these signed are accepted. @default signatures are not checked */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  /** Whether a partial snapshot counts as a whole one, because the reader may see no more elsewhere. @default false */
  readonly isPartEnough?: boolean | undefined;
  /** May fail or hang: it is then done without. @default sequences are remembered as long as this source lives */
  readonly sequences?: SequenceStorage | undefined;
  /** Shown in events and messages. @default 'snapshot' */
  readonly name?: string | undefined;
  /** For a whole load. @default 3000 */
  readonly timeoutMs?: number | undefined;
  /** Larger objects are refused. @default 16 MiB */
  readonly maximumBytes?: number | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

interface Held {
  readonly document: SnapshotDocument;
  readonly etag: string | null;
}

/** A load doesn't wait longer for the storage of sequences. */
const storageMs = 500;

/**
 * The source that reads published snapshots: one GET per load, answered by 304 while nothing has changed. Redirects are
 * refused. An object that isn't there is an error, not an empty stage, so that a source after this one is asked.
 *
 * `load` rejects with `SignatureInvalid` when the snapshot is unsigned although keys are configured, signed by another
 * key, changed, or older than one seen before; with `RegistryDenied` on 401 and 403; else with `RegistryUnavailable`.
 *
 * @example
 * ```ts
 * const source = createSnapshotSource({ url: 'https://cdn.example.com/discovery/{stage}.public.json', trustedKeys });
 * ```
 */
export function createSnapshotSource(options: SnapshotSourceOptions): Source {
  const { url, trustedKeys, sequences, name = 'snapshot', timeoutMs = 3000, maximumBytes = 2 ** 24 } = options;
  const { fetch = globalThis.fetch, now = Date.now, isPartEnough } = options;
  const held = new Map<string, Held>();
  /** A browser has an HTTP cache that outlives the page and asks with If-None-Match itself, without a CORS preflight. */
  const { location } = globalThis as { location?: { href: string } };
  if (trustedKeys && !trustedKeys.length) throw new DiscoveryError('InvalidOptions', 'trustedKeys: the list is empty');

  async function request(stage: string, signal: AbortSignal): Promise<Held> {
    const fail = (
      found: string,
      code: 'RegistryUnavailable' | 'RegistryDenied' | 'SignatureInvalid' = 'RegistryUnavailable',
    ) => new DiscoveryError(code, `Snapshot of "${stage}" from ${name}: ${found}`, { stage });
    const known = held.get(stage);
    const response = await fetch(findUrl(url, stage, location?.href), {
      redirect: 'error',
      signal,
      ...(location ? { cache: 'no-cache' } : known?.etag && { headers: { 'if-none-match': known.etag } }),
    });
    if (response.status === 304 && known) {
      checkExpiry(known.document, now());
      return known;
    }
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => {});
      throw fail(`HTTP ${response.status}`, /^40[13]$/.test(`${response.status}`) ? 'RegistryDenied' : undefined);
    }
    const bytes = await readBytes(response.body, maximumBytes);
    if (!bytes) throw fail(`it is larger than ${maximumBytes} bytes`);
    const document = await openSnapshot(bytes, { stage, trustedKeys, now });
    const stored = await settleInTime(() => sequences?.read(stage));
    // What storage holds may be anything, and must not turn the comparison off.
    const seen = Math.max(known?.document.sequence ?? 0, Number.isSafeInteger(stored) ? (stored as number) : 0);
    if (document.sequence < seen)
      throw fail(`sequence ${document.sequence} is older than ${seen}, which was seen`, 'SignatureInvalid');
    if (document.sequence > seen) await settleInTime(() => sequences?.write(stage, document.sequence));
    return { document, etag: response.headers.get('etag') };
  }

  return {
    name,
    async load({ stage, knownRevision, signal }) {
      throwIfAborted(signal);
      const own = new AbortController();
      const stop = () => own.abort(signal.reason);
      signal.addEventListener('abort', stop);
      const timer = setTimeout(() => own.abort(), timeoutMs);
      try {
        const before = held.get(stage)?.document;
        // A fetch that ignores its signal ends in time, too.
        const answer = await raceAbort(request(stage, own.signal), own.signal);
        if (answer.document.sequence >= (held.get(stage)?.document.sequence ?? 0)) held.set(stage, answer);
        const { revision, endpoints } = answer.document;
        const partial = isPartEnough ? undefined : answer.document.partial;
        // Only what this source itself has verified is confirmed. What is in a part has to be seen to be enough.
        return revision === knownRevision && before?.revision === revision && !partial
          ? { unchanged: true, revision }
          : { revision, endpoints, partial };
      } catch (cause) {
        throwIfAborted(signal);
        if (isDiscoveryError(cause)) throw cause;
        const found = own.signal.aborted ? `no answer in ${timeoutMs} ms` : 'no answer';
        throw new DiscoveryError('RegistryUnavailable', `Snapshot of "${stage}" from ${name}: ${found}`, {
          stage,
          cause,
        });
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

function findUrl(url: string | ((stage: string) => string), stage: string, base: string | undefined): string {
  const text = typeof url === 'string' ? url.replaceAll('{stage}', encodeURIComponent(stage)) : url(stage);
  return checkSourceUrl(URL.canParse(text, base) ? new URL(text, base).href : text, 'snapshot.url').href;
}

/** What an operation of a storage gives; undefined when it fails or has not settled in time. */
function settleInTime<T>(operation: () => Promise<T> | undefined): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, storageMs, undefined);
    Promise.resolve()
      .then(operation)
      .then(resolve, () => resolve(undefined))
      .finally(() => clearTimeout(timer));
  });
}
