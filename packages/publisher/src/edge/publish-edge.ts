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

/** What became of a stage at the edge. */
export interface EdgePublication extends EdgeSync {
  readonly edge: string;
}

/**
 * Brings a stage's entries at the edge, and the settings of the edge, in step with the table.
 *
 * @throws DiscoveryError the source's and the store's; `ConcurrentChange` after the last attempt.
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
    // Hosts are judged later: an endpoint on another host leaves its service out, and the log says so.
    return planEdgeEntries(
      parseSnapshot(answer, stage, () => 'listed'),
      findTrust,
      { services, now },
    );
  }

  const sync = await syncEdge({ store: edgeStore, arn, stage, readEntries, settings, stages, attempts });
  return { edge: stage, ...sync };
}
