import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { listStageRecords, listStages } from '@amplify-discovery/registry/operations';
import { followStages } from '../changes/follow-stages.ts';
import type { Notices } from '../changes/notices.ts';
import { findRecordFaults } from '../findings/find-record-faults.ts';
import type { Overview, StageChange } from '../overview.ts';
import { listRecord } from './listed-endpoint.ts';

export interface RecordsReaderOptions {
  /** The registry's URL. */
  readonly url: string;
  readonly transport: GraphqlTransport;
  /** The columns, in their order. @default all stages of the registry */
  readonly stages?: readonly string[] | undefined;
  /** Why this reader may not see owners and times, in words; undefined where it may. */
  readonly explainHidden: () => Promise<string | undefined>;
  /** Between two questions to the registry while no notices arrive. */
  readonly intervalMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a console needs that reads the registry and does nothing else. */
export interface RecordsReader {
  /** @throws DiscoveryError those of the registry. */
  readOverview(signal: AbortSignal): Promise<Overview>;
  /** The changes of all stages from now on, until the signal aborts; then the notices are closed. */
  follow(notices: Notices, signal: AbortSignal): AsyncIterable<StageChange>;
}

/**
 * Makes what shows a registry by its records alone: it contacts no target, knows no app's rule of trust, and has neither changes nor
 * history to offer.
 */
export function createRecordsReader(options: RecordsReaderOptions): RecordsReader {
  const { url, transport, stages, explainHidden, intervalMs, now } = options;
  const source = registrySource({ transport, name: url });
  const findStages = async (signal: AbortSignal) => stages ?? listStages(transport, { signal, name: url });

  return {
    async readOverview(signal) {
      const [hidden, shown] = await Promise.all([explainHidden(), findStages(signal)]);
      const operation = { signal, name: url, withOwner: hidden === undefined };
      const read = await Promise.all(shown.map((stage) => listStageRecords(transport, stage, operation)));
      const endpoints = read.flat().map(listRecord);
      return {
        registry: url,
        stages: shown,
        endpoints,
        findings: findRecordFaults(endpoints, [], undefined, now()),
        unchecked: [
          'targets: this page contacts none',
          "hosts: an app's rule of trust is not known here",
          ...(hidden === undefined ? [] : [`owners and times: ${hidden}`]),
        ],
        mayWrite: false,
        hasHistory: false,
      };
    },
    follow: (notices, signal) =>
      followStages({ source, findStages: () => findStages(signal), notices, intervalMs, now, signal }),
  };
}
