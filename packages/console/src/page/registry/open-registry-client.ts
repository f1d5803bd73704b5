import { isDiscoveryError } from '@amplify-discovery/core';
import { httpTransport, type GraphqlTransport } from '@amplify-discovery/registry';
import type { Notices } from '../../changes/notices.ts';
import { openNotices, type NoticesOptions } from '../../changes/open-notices.ts';
import { historyPath, operatorGroup, tokenHeader, type RegistrySettings } from '../../console-settings.ts';
import type { HistoryEntry } from '../../overview.ts';
import { createRecordsReader } from '../../records/create-records-reader.ts';
import { ConsoleError, type ConsoleClient } from '../console-client.ts';
import { waitInView } from './wait-in-view.ts';
import { findGroups } from './find-groups.ts';
import { openSignIn, type SignIn } from './sign-in.ts';

const pollSeconds = 10;

/**
 * A client that reads a registry with the token of the person who signed in. Undefined when the page is about to leave for the
 * sign-in.
 *
 * @throws ConsoleError as `openSignIn`.
 */
export async function openRegistryClient(settings: RegistrySettings): Promise<ConsoleClient | undefined> {
  const signIn = await openSignIn(settings);
  return signIn && createRegistryClient(settings, signIn);
}

function createRegistryClient({ url, stages, history = false }: RegistrySettings, signIn: SignIn): ConsoleClient {
  const transport: GraphqlTransport = async (request) =>
    httpTransport({ url, headers: { authorization: await signIn.getAccessToken() } })(request);
  const { readOverview, follow } = createRecordsReader({
    url,
    transport,
    stages,
    async explainHidden() {
      const groups = findGroups(await signIn.getAccessToken());
      return groups.includes(operatorGroup) ? undefined : `they are for members of the group ${operatorGroup}`;
    },
    intervalMs: pollSeconds * 1000,
    now: Date.now,
  });

  /** While the page is hidden nothing is read, whatever is announced. */
  function openVisibleNotices(onState: NoticesOptions['onState'], signal: AbortSignal): Notices {
    const notices = openNotices({
      url,
      stages: [],
      WebSocket,
      authorize: async (address) => ({
        host: new URL(address).host,
        // Written as AppSync's documents do, since this is a field of JSON.
        Authorization: await signIn.getAccessToken(),
      }),
      onState,
      sleep: waitInView,
      now: Date.now,
      signal,
    });
    return {
      ...notices,
      async wait(...times) {
        await notices.wait(...times);
        await waitInView(0, signal);
        // Fails where the person has been signed out, which ends this connection; the next one says why.
        if (!signal.aborted) await signIn.getAccessToken();
      },
    };
  }

  const readOnly = () => Promise.reject(new ConsoleError('NotOffered', 'This page only shows what is registered.'));
  return {
    readOverview: async (signal) => ({ ...(await readOverview(signal).catch(translateError)), hasHistory: history }),
    async watch({ onFreshness, onChange }, signal) {
      const polling = `read every ${pollSeconds} seconds`;
      onFreshness(polling);
      const notices = openVisibleNotices((isConnected) => onFreshness(isConnected ? 'live' : polling), signal);
      for await (const change of follow(notices, signal)) onChange(change);
    },
    plan: readOnly,
    write: readOnly,
    readHistory: history
      ? async (stage, signal) => readHistory(stage, await signIn.getAccessToken(), signal)
      : readOnly,
    signOut: () => signIn.signOut(),
  };
}

/** @throws ConsoleError */
async function readHistory(stage: string, token: string, signal: AbortSignal): Promise<readonly HistoryEntry[]> {
  const response = await fetch(`${historyPath}?stage=${encodeURIComponent(stage)}`, {
    headers: { [tokenHeader]: token },
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new ConsoleError('NoConnection', 'The history can\u2019t be had: nothing answers.', 'Try again.');
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && Array.isArray(answer)) return answer as readonly HistoryEntry[];
  const { error } = Object(answer) as { error?: { code: string; message: string; advice?: string } };
  throw new ConsoleError(
    error?.code ?? 'Unexpected',
    error?.message ?? `The history can\u2019t be had: status ${response.status}.`,
    error?.advice,
  );
}

function translateError(error: unknown): never {
  const cause = isDiscoveryError(error) ? error.cause : undefined;
  if (cause instanceof ConsoleError) throw cause;
  if (!isDiscoveryError(error)) throw error;
  throw new ConsoleError(error.code, error.message, error.recoverySuggestion);
}
