import { DiscoveryError, parseSnapshot, type Source } from '@amplify-discovery/core';
import { planEdgeEntries } from './plan-edge-entries.ts';
import type { PublisherEdgeSettings } from '../settings/parse-edge-settings.ts';
import { syncEdge, type EdgeStore, type EdgeSync } from './sync-edge.ts';

export interface PublishEdgeOptions extends PublisherEdgeSettings {
  /** Reads the table consistently: the registry. */
  readonly source: Source;
  readonly edgeStore: EdgeStore;
  readonly attempts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** The outcome of publishing a stage to the edge. */
export interface EdgePublication extends EdgeSync {
  readonly edge: string;
}

/**
 * Updates a stage's entries at the edge, and the edge's settings, from the table.
 *
 * @throws DiscoveryError of the source or the store; `ConcurrentChange` after the last attempt.
 */
export async function publishEdge(stage: string, options: PublishEdgeOptions): Promise<EdgePublication> {
  const { source, edgeStore, arn, stages, settings, services, findTrust, attempts, now } = options;
  const { signal = new AbortController().signal } = options;

  async function readEntries() {
    const answer = await source.load({ stage, signal });
    if (answer.unchanged)
      throw new DiscoveryError('RegistryUnavailable', `Edge entries of "${stage}": ${source.name} sent no endpoints`, {
        stage,
      });
    // Hosts are checked later: an endpoint on an unlisted host makes its service skipped, which the log reports.
    return planEdgeEntries(
      parseSnapshot(answer, stage, () => 'listed'),
      findTrust,
      { services, now },
    );
  }

  const sync = await syncEdge({ store: edgeStore, arn, stage, readEntries, settings, stages, attempts });
  return { edge: stage, ...sync };
}
