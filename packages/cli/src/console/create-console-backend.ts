import {
  type ConsoleBackend,
  followStages,
  type HistoryEntry,
  listHistory,
  type Overview,
  shownStates,
  type StageChange,
} from '@amplify-discovery/console';
import { parseSnapshot, type TrustOptions } from '@amplify-discovery/core';
import { listStages } from '@amplify-discovery/registry/operations';
import { examineStages } from '../doctor/examine-stages.ts';
import type { Connection } from '../registry/connect-registry.ts';
import { openNotices } from '../registry/open-notices.ts';
import { findStoredSnapshots, type StorageSettings } from '../history/stored-snapshots.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { planAction } from './plan-action.ts';

export interface ConsoleBackendOptions {
  /** @default all stages of the registry, where they can be listed */
  readonly stages?: readonly string[] | undefined;
  /** The app's trust rule, for findings. */
  readonly trust: TrustOptions;
  /** Contact the targets to see whether they can be reached. */
  readonly probes: boolean;
  /** Let the page write, with this program's credentials. */
  readonly writes: boolean;
  /** Where published snapshots are kept. @default no history */
  readonly storage?: StorageSettings | undefined;
  /** The owner of what is registered anew. */
  readonly owner: string;
  /** Between two questions to the registry whether something has changed. @default 2 */
  readonly intervalSeconds?: number | undefined;
}

/** What the console shows and changes, through a connection to a registry. */
export function createConsoleBackend(
  connection: Connection,
  { stages, trust, probes, writes, storage, owner, intervalSeconds = 2 }: ConsoleBackendOptions,
  context: CommandContext,
): ConsoleBackend {
  const { settings, isSigned, transport, operation } = connection;
  const findStages = async () => stages ?? (isSigned ? listStages(transport, operation) : (settings.stages ?? []));
  const openHistory = (stage: string) => findStoredSnapshots(stage, storage ?? {}, settings.region, context);
  const mayWrite = writes && isSigned;

  async function readOverview(): Promise<Overview> {
    const shown = await findStages();
    const { endpoints, findings, unchecked } = await examineStages(
      connection,
      { stages: shown, trust, usesNetwork: probes },
      context,
    );
    return {
      registry: settings.url,
      stages: shown,
      endpoints,
      findings: findings.map(({ check, severity, subject, problem, fix }) => ({
        check,
        severity,
        subject,
        problem,
        fix,
      })),
      unchecked,
      mayWrite,
      hasHistory: storage !== undefined,
    };
  }

  async function readHistory(stage: string): Promise<readonly HistoryEntry[]> {
    const [kept, answer] = await Promise.all([
      openHistory(stage).readHistory(shownStates),
      connection.source.load({ stage, signal: context.signal }),
    ]);
    return listHistory(kept, parseSnapshot(answer, stage, () => 'listed').endpoints);
  }

  async function* watch(viewer: AbortSignal): AsyncGenerator<StageChange> {
    const signal = AbortSignal.any([viewer, context.signal]);
    const notices = await openNotices(connection, { ...context, signal }, { stages: [], onState: () => {} });
    const { source } = connection;
    const { now } = context;
    yield* followStages({ source, findStages, notices, intervalMs: intervalSeconds * 1000, now, signal });
  }

  return {
    readOverview,
    watch,
    ...(mayWrite && { plan: (action) => planAction(action, { connection, openHistory, owner, context }) }),
    ...(storage !== undefined && { readHistory }),
  };
}
