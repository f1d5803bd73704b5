import { DiscoveryError, type Source } from '@amplify-discovery/core';
import type { GraphqlTransport } from './graphql-transport.ts';

export interface RegistrySourceOptions {
  readonly transport: GraphqlTransport;
  /** Shown in events and messages. @default 'registry' */
  readonly name?: string;
  /** Bound of a whole load: all pages, and the repetition of one that failed. @default 5000 */
  readonly timeoutMs?: number;
  /** @default Math.random */
  readonly random?: () => number;
  /** Resolves after so many milliseconds, or never once the signal has aborted. @default setTimeout */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

interface SnapshotPage {
  readonly revision: unknown;
  readonly unchanged: unknown;
  readonly endpoints: unknown;
  readonly nextToken: unknown;
}

const query =
  'query($stage:String!$services:[String!]$knownRevision:String$nextToken:String){' +
  'snapshot(stage:$stage services:$services knownRevision:$knownRevision nextToken:$nextToken){' +
  'revision unchanged nextToken endpoints{' +
  'stage service id kind target region signingService authMode version tenant weight metadata expiresAt}}}';

const maximumPages = 999;
const backoffMs = 500;

/**
 * The source that reads a registry: follows its pages, sends the known revision, and asks once more,
 * after a jittered pause (or what `Retry-After` says), when a page is throttled, fails with 5xx or has no answer.
 *
 * `load` rejects with `RegistryDenied` when the credentials were refused, with `signal.reason` when the
 * caller aborted, and with `RegistryUnavailable` for everything else.
 *
 * @example
 * ```ts
 * const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
 * ```
 */
export function registrySource(options: RegistrySourceOptions): Source {
  const { transport, name = 'registry', timeoutMs = 5000, random = Math.random, sleep = pause } = options;
  return {
    name,
    async load({ stage, services, knownRevision, signal }) {
      signal.throwIfAborted();
      const fail = (found: unknown, code: 'RegistryUnavailable' | 'RegistryDenied' = 'RegistryUnavailable') =>
        new DiscoveryError(code, `Snapshot of "${stage}" from ${name}: ${found}`, { stage, cause: found });

      const own = new AbortController();
      const forward = () => own.abort(signal.reason);
      signal.addEventListener('abort', forward);
      const stopped = new Promise<never>((_, reject) => {
        own.signal.onabort = () => reject(own.signal.reason);
      });
      void sleep(timeoutMs, own.signal).then(() => own.abort(fail(`no answer in ${timeoutMs} ms`)));

      const readPage = async (nextToken: unknown, isRepeated?: boolean): Promise<SnapshotPage> => {
        const answer = await transport({
          query,
          variables: { stage, services, knownRevision, nextToken },
          signal: own.signal,
        }).catch((error: unknown) => ({ status: 599, body: { errors: [error] }, retryAfter: null }));
        const { status, retryAfter } = answer;
        const body = answer.body as { data?: { snapshot?: SnapshotPage }; errors?: { errorType?: string; message?: string }[] } | null | undefined;
        const error = body?.errors?.[0];
        const found = error?.message ?? `HTTP ${status}`;
        const page = body?.data?.snapshot;
        if (status === 401 || status === 403 || /^Unauthorized/.test(error?.errorType as string)) throw fail(found, 'RegistryDenied');
        if (status === 429 || status > 499 || /Thrott|Throughput|TooMany/.test(error?.errorType as string)) {
          if (isRepeated) throw fail(found);
          await sleep(Number(retryAfter) * 1000 || random() * backoffMs, own.signal);
          return readPage(nextToken, true);
        }
        if (error || !Array.isArray(page?.endpoints)) throw fail(found);
        return page;
      };

      const readPages = async () => {
        let endpoints: unknown[] = [];
        let nextToken: unknown;
        for (let pages = 0; pages < maximumPages; pages++) {
          const page = await readPage(nextToken);
          const revision = page.revision;
          endpoints = endpoints.concat(page.endpoints);
          if (!page.nextToken && revision && typeof revision === 'string') {
            if (!page.unchanged) return { revision, endpoints };
            if (revision === knownRevision) return { unchanged: true as const, revision };
          }
          if (!page.nextToken || page.nextToken === nextToken) break;
          nextToken = page.nextToken;
        }
        throw fail('malformed answer');
      };

      try {
        return await Promise.race([readPages(), stopped]);
      } finally {
        signal.removeEventListener('abort', forward);
        own.abort();
      }
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return;
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
