import type { DiscoveryConfig } from '@amplify-discovery/core';

/** What is read, and in which order. Apart from the source, whose types are not among those that are published. */
export interface SourceOptions extends Pick<DiscoveryConfig, 'registry' | 'snapshot' | 'fallbacks' | 'live'> {
  /**
   * Which are read, in this order, as far as they are configured.
   *
   * @default ['snapshot', 'registry']; with `live` the other way round, since a CDN may keep what is published for half a minute
   */
  readonly order?: readonly ('snapshot' | 'registry')[] | undefined;
}
