import type { Source } from '@amplify-discovery/core';

/** A source that can tell when it is worth asking again, by a request that its system answers at a change. */
export interface WatchedSource extends Source {
  /**
   * Resolves as soon as the stage may differ from what the last `load` saw; at once where nothing was loaded.
   *
   * @throws DiscoveryError as `load`; the signal's reason when it aborts.
   */
  waitForChange(request: { readonly stage: string; readonly signal: AbortSignal }): Promise<void>;
}
