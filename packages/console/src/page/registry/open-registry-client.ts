import { isDiscoveryError } from '@amplify-discovery/core';
import { httpTransport, registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { listStageRecords, listStages } from '@amplify-discovery/registry/operations';
import { followStages } from '../../changes/follow-stages.ts';
import { operatorGroup, type RegistrySettings } from '../../console-settings.ts';
import { findRecordFaults } from '../../findings/find-record-faults.ts';
import type { Overview } from '../../overview.ts';
import { listRecord } from '../../records/listed-endpoint.ts';
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

function createRegistryClient({ url, stages }: RegistrySettings, signIn: SignIn): ConsoleClient {
  const transport: GraphqlTransport = async (request) =>
    httpTransport({ url, headers: { authorization: await signIn.getAccessToken() } })(request);
  const source = registrySource({ transport, name: url });

  async function readOverview(signal: AbortSignal): Promise<Overview> {
    const withOwner = findGroups(await signIn.getAccessToken()).includes(operatorGroup);
    const operation = { signal, name: url };
    const shown = stages ?? (await listStages(transport, operation));
    const read = await Promise.all(
      shown.map((stage) => listStageRecords(transport, stage, { ...operation, withOwner })),
    );
    const endpoints = read.flat().map(listRecord);
    return {
      registry: url,
      stages: shown,
      endpoints,
      findings: findRecordFaults(endpoints, [], undefined, Date.now()),
      unchecked: [
        'targets: this page contacts none',
        "hosts: an app's rule of trust is not known here",
        ...(withOwner ? [] : [`owners and times: they are for members of the group ${operatorGroup}`]),
      ],
      mayWrite: false,
      hasHistory: false,
    };
  }

  const readOnly = () => Promise.reject(new ConsoleError('NotOffered', 'This page only shows what is registered.'));
  return {
    freshness: `read every ${pollSeconds} seconds`,
    readOverview: (signal) => readOverview(signal).catch(translateError),
    async watch(onOpen, onChange, signal) {
      onOpen();
      const findStages = async () => stages ?? listStages(transport, { signal });
      const wait = async (intervalMs: number) => {
        await waitInView(intervalMs, signal);
        // Who is signed out can't read on: ends this connection, and the next one says why.
        if (!signal.aborted) await signIn.getAccessToken();
      };
      const notices = { add() {}, close() {}, wait };
      const changes = followStages({
        source,
        findStages,
        notices,
        intervalMs: pollSeconds * 1000,
        now: Date.now,
        signal,
      });
      for await (const change of changes) onChange(change);
    },
    plan: readOnly,
    write: readOnly,
    readHistory: readOnly,
    signOut: () => signIn.signOut(),
  };
}

function translateError(error: unknown): never {
  const cause = isDiscoveryError(error) ? error.cause : undefined;
  if (cause instanceof ConsoleError) throw cause;
  if (!isDiscoveryError(error)) throw error;
  throw new ConsoleError(error.code, error.message, error.recoverySuggestion);
}
