import type { Source } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { edgeStore } from './edge-store.ts';
import { publishEdge, type EdgePublication } from './publish-edge.ts';
import { readEdgeSettings } from '../settings/read-edge-settings.ts';

/** The edge that a publisher keeps in step. */
export interface EdgePublisher {
  /** Those that the edge serves. */
  readonly stages: readonly string[];
  publish(stage: string): Promise<EdgePublication>;
}

export interface EdgePublisherOptions {
  readonly source: Source;
  readonly credentials: () => Promise<AwsCredentials>;
}

/**
 * The edge of a publisher Lambda's environment, or undefined when that names none. Stages go there one after the other, as
 * they share one store and would only get in each other's way.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the variable.
 */
export function createEdgePublisher(
  env: Readonly<Record<string, string | undefined>>,
  { source, credentials }: EdgePublisherOptions,
): EdgePublisher | undefined {
  const edge = readEdgeSettings(env);
  if (!edge) return undefined;
  const endpoint = env.AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE || env.AWS_ENDPOINT_URL || undefined;
  const options = { ...edge, source, edgeStore: edgeStore({ credentials, endpoint }) };
  let last: Promise<unknown> = Promise.resolve();
  return {
    stages: edge.stages,
    publish(stage) {
      const publication = last.then(() => publishEdge(stage, options));
      last = publication.catch(() => undefined);
      return publication;
    },
  };
}
