import { createFacadeView, getFacade, requireToken, type FacadeView } from '@amplify-discovery/bridges';
import { createFetchListener, type LocalHandler } from '@amplify-discovery/local';
import type { Source, TrustOptions } from '@amplify-discovery/core';

export interface FacadeHandlersOptions {
  readonly source: Source;
  readonly stages: readonly string[];
  readonly trust: TrustOptions;
  /** Callers must have it. @default everybody may ask */
  readonly token?: string | undefined;
  /** @default the view's own */
  readonly freshSeconds?: number | undefined;
  readonly now: () => number;
  /** Receives what is left out, once each. */
  readonly note: (remark: string) => void;
}

export interface FacadeHandlers {
  readonly view: FacadeView;
  readonly handlers: Readonly<Record<string, LocalHandler>>;
}

/**
 * The facades of the systems by the paths at which their clients ask. They share one view of the source.
 *
 * @throws DiscoveryError `InvalidOptions` for a system without a facade, or a bad token.
 */
export function createFacadeHandlers(systems: readonly string[], options: FacadeHandlersOptions): FacadeHandlers {
  const { source, stages, trust, token, freshSeconds, now, note } = options;
  const view = createFacadeView({ ...trust, source, stages, freshSeconds, now });
  const handlers: Record<string, LocalHandler> = {};
  for (const system of systems) {
    const { paths, create } = getFacade(system);
    const facade = create(view, { now, note: (remark) => note(`${system}: ${remark}`) });
    const listener = createFetchListener(token === undefined ? facade : requireToken(facade, token));
    for (const path of paths) handlers[path] = listener;
  }
  return { view, handlers };
}

/** How the clients of a system are pointed at its facade. */
export function describeUsage(system: string, url: string): string {
  return getFacade(system).usage.replaceAll('URL', () => url);
}
