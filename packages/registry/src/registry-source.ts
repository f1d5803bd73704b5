import {
  DiscoveryError,
  isDiscoveryError,
  raceAbort,
  throwIfAborted,
  pause,
  type Pause,
  type Source,
  type SourceAnswer,
} from '@amplify-discovery/core';
import type { GraphqlTransport } from './graphql-transport.ts';
import { isUnknownField } from './is-unknown-field.ts';
import { nameDenial } from './name-denial.ts';

export interface RegistrySourceOptions {
  readonly transport: GraphqlTransport;
  /** Shown in events and messages. @default 'registry' */
  readonly name?: string;
  /** Bound of a whole load: all pages, and the repetition of one that failed. @default 5000 */
  readonly timeoutMs?: number;
  /** @default Math.random */
  readonly random?: () => number;
  /** Resolves after so many milliseconds, or never once the signal has aborted. @default setTimeout */
  readonly sleep?: Pause;
}

/** The answer as far as it is read: any part of it may be missing. */
interface Answer {
  readonly errors?: readonly ({ readonly errorType?: unknown; readonly message?: unknown } | undefined)[];
  readonly data?: { readonly snapshot?: Record<'revision' | 'unchanged' | 'endpoints' | 'nextToken', unknown> };
}

// Short, because it is in every web page's bundle.
const makeQuery = (added: string): string =>
  'query($s:String!$v:[String!]$k:String$n:String){snapshot(stage:$s services:$v knownRevision:$k nextToken:$n){' +
  'revision unchanged nextToken endpoints{' +
  `stage service id kind target region signingService authMode version tenant weight metadata expiresAt${added}}}}`;

/** What the contract has had since version 1. */
const addedFields = ' priority public overriddenUntil';
const maximumRequests = 999;
const backoffMs = 500;

/**
 * The source that reads a registry: follows its pages, sends the known revision, and asks once more,
 * after a jittered pause (or what `Retry-After` says), when it is throttled, fails with 5xx or does not answer.
 *
 * `load` rejects with `RegistryDenied` when the credentials were refused, with `ClockSkewed` when that was for the time, with `signal.reason` when the
 * caller aborted, with a DiscoveryError of the transport as it is, and with `RegistryUnavailable` for everything else.
 *
 * @example
 * ```ts
 * const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
 * ```
 */
export function registrySource(options: RegistrySourceOptions): Source {
  const { transport, name = 'registry', timeoutMs = 5000, random = Math.random, sleep = pause } = options;
  let isOlder = false;
  return {
    name,
    async load({ stage, services, knownRevision, signal }) {
      const own = new AbortController();
      const fail = (
        found: unknown,
        cause?: unknown,
        code: 'RegistryUnavailable' | ReturnType<typeof nameDenial> = 'RegistryUnavailable',
      ) => new DiscoveryError(code, `Snapshot of "${stage}" from ${name}: ${found}`, { stage, cause });

      const known = knownRevision?.replace(/!0$/, '');
      const wasOlder = known !== knownRevision;

      const read = async (): Promise<SourceAnswer> => {
        let asksOlder = isOlder || wasOlder;
        let endpoints: unknown[] = [];
        let nextToken: unknown;
        let isRepeated = false;
        let found: unknown;
        let error: unknown;
        for (let requests = 0; requests < maximumRequests; requests++) {
          const { status, body, retryAfter } = await transport({
            query: makeQuery(asksOlder ? '' : addedFields),
            variables: { s: stage, v: services, k: known, n: nextToken },
            signal: own.signal,
          }).catch((cause: unknown) => {
            // The transport knows better: it has no credentials to send, for one.
            if (isDiscoveryError(cause)) throw cause;
            return { status: 599, body: { errors: [cause] }, retryAfter: 0 };
          });
          const { errors, data } = (body ?? {}) as Answer;
          const problem = errors?.[0];
          const page = data?.snapshot;
          const kind = `${status} ${problem?.errorType}`;
          error = problem;
          found = problem?.message ?? `unexpected answer, HTTP ${status}`;
          if (!asksOlder && isUnknownField(found)) {
            isOlder = asksOlder = true;
            continue;
          }
          if (/^40[13]| Unauthorized/.test(kind)) throw fail(found, error, nameDenial(found));
          if (!isRepeated && /^(429|5)|Thrott|Throughput|TooMany/.test(kind)) {
            isRepeated = true;
            await sleep(Number(retryAfter) * 1000 || random() * backoffMs, own.signal);
            continue;
          }
          if (errors || !Array.isArray(page?.endpoints)) break;
          const { revision, unchanged, nextToken: next } = page;
          // It was older at the last visit. What has changed since may be the registry itself.
          if (!unchanged && asksOlder && !isOlder) {
            asksOlder = false;
            continue;
          }
          endpoints = endpoints.concat(page.endpoints);
          if (!next) {
            if (typeof revision !== 'string') break;
            if (!unchanged) {
              // Marks what was read without the added fields, so that the next visit asks that way at once.
              return { revision: asksOlder ? `${revision}!0` : revision, endpoints };
            }
            if (knownRevision === undefined || revision !== known) break;
            return { unchanged: true, revision: knownRevision };
          }
          if (next === nextToken) break;
          nextToken = next;
        }
        throw fail(found, error);
      };

      throwIfAborted(signal);
      const forward = () => own.abort(signal.reason);
      signal.addEventListener('abort', forward);
      void sleep(timeoutMs, own.signal).then(() => own.abort(fail(`no answer in ${timeoutMs} ms`)));
      try {
        return await raceAbort(read(), own.signal);
      } finally {
        signal.removeEventListener('abort', forward);
        own.abort();
      }
    },
  };
}
