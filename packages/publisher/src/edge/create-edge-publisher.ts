import type { PublisherEdgeSettings } from '../settings/parse-edge-settings.ts';
import { publishEdge, type EdgePublication, type PublishEdgeOptions } from './publish-edge.ts';

/** The edge that a publisher keeps up to date. */
export interface EdgePublisher {
  /** The stages that the edge serves. */
  readonly stages: readonly string[];
  publish(stage: string): Promise<EdgePublication>;
}

export type EdgePublisherOptions = PublisherEdgeSettings & Pick<PublishEdgeOptions, 'source' | 'edgeStore'>;

/**
 * Makes what publishes stages to an edge, one at a time: they share one store, and concurrent writes to it would conflict.
 */
export function createEdgePublisher(options: EdgePublisherOptions): EdgePublisher {
  let last: Promise<unknown> = Promise.resolve();
  return {
    stages: options.stages,
    publish(stage) {
      const publication = last.then(() => publishEdge(stage, options));
      last = publication.catch(() => undefined);
      return publication;
    },
  };
}
