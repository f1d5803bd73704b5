import { isDiscoveryError, isName, parseSnapshot, type Source } from '@amplify-discovery/core';
import type { S3ObjectStore } from '@amplify-discovery/publisher/store';
import { tokenHeader } from '../console-settings.ts';
import { listHistory, shownStates } from './list-history.ts';
import { readStoredVersions } from './stored-snapshot.ts';

export interface HistoryHandlerOptions {
  /** The registry, as whoever has this token reads it. */
  readonly openSource: (token: string) => Source;
  readonly store: Pick<S3ObjectStore, 'listVersions' | 'getVersion'>;
  /** Before the keys in the bucket. */
  readonly prefix: string;
}

/**
 * As much of the event as is used: a function URL's.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export interface HistoryEvent {
  readonly rawQueryString?: string | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface HistoryAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const registryMs = 10_000;

/**
 * Answers with the published states of the stage in the query. Who may see them is not decided here: whoever the registry lets read
 * the stage, by the token that comes along, which is also what the states are compared with.
 */
export function createHistoryHandler({
  openSource,
  store,
  prefix,
}: HistoryHandlerOptions): (event: HistoryEvent) => Promise<HistoryAnswer> {
  return async ({ rawQueryString = '', headers = {} }) => {
    const stage = new URLSearchParams(rawQueryString).get('stage');
    const token = headers[tokenHeader];
    if (!isName(stage)) return refuse(400, 'BadRequest', 'The query must name a stage.');
    if (!token) return refuse(401, 'SignedOut', 'You are signed out.', 'Sign in again.');
    try {
      const signal = AbortSignal.timeout(registryMs);
      // First: nothing is read for those whom the registry refuses.
      const { endpoints } = parseSnapshot(await openSource(token).load({ stage, signal }), stage, () => 'listed');
      const kept = await readStoredVersions(store, { stage, key: `${prefix}${stage}.json`, count: shownStates });
      return answer(200, listHistory(kept, endpoints));
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      const { code, message, recoverySuggestion } = error;
      return refuse(code === 'RegistryDenied' ? 403 : 502, code, message, recoverySuggestion);
    }
  };
}

function refuse(statusCode: number, code: string, message: string, advice?: string): HistoryAnswer {
  return answer(statusCode, { error: { code, message, ...(advice !== undefined && { advice }) } });
}

function answer(statusCode: number, value: unknown): HistoryAnswer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
