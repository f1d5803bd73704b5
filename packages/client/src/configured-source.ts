import type { RegistryConfig, ReportEvent, Source } from '@amplify-discovery/core';
import { registrySource } from '@amplify-discovery/registry';
import type { KeyValueStorage } from './bound-storage.ts';
import { getOption } from './discovery-config.ts';
import type { SourceOptions } from './source-options.ts';
import type { RegistryAccess } from './registry-transport.ts';

/** What the app has that sources need. */
export interface SourceScope {
  readonly storage: KeyValueStorage;
  readonly report: ReportEvent;
  readonly access: (registry: RegistryConfig) => RegistryAccess;
}

/**
 * The source that reads what is configured, in its order. Apps that read no snapshots never load the code for them.
 *
 * @throws DiscoveryError `InvalidOptions` when the registry has to be read, and is not configured.
 */
export function configuredSource(
  {
    registry,
    snapshot,
    fallbacks = [],
    live,
    order = live ? ['registry', 'snapshot'] : ['snapshot', 'registry'],
  }: SourceOptions,
  scope: SourceScope,
): Source {
  const { storage, report, access } = scope;
  const others = fallbacks.map((fallback) => configuredSource({ ...fallback, order }, scope));
  const readsSnapshots = snapshot && order.includes('snapshot');
  const readsRegistry = !readsSnapshots || (registry && order.includes('registry'));
  const fromRegistry = readsRegistry
    ? registrySource({ transport: access(getOption(registry, 'registry')).transport })
    : undefined;
  if (!readsSnapshots && !others.length) return fromRegistry as Source;
  const isRegistryFirst = order[0] === 'registry';
  let published: Promise<Source> | undefined;
  return {
    name: fromRegistry ? (readsSnapshots ? order.join(' > ') : fromRegistry.name) : 'snapshot',
    async load(request) {
      published ??= import('./published-source.ts')
        .then((module) =>
          module.publishedSource({
            snapshot: readsSnapshots && snapshot,
            registry: fromRegistry,
            others,
            isRegistryFirst,
            isPublicReader: registry?.auth.mode === 'apiKey',
            storage,
            report,
          }),
        )
        .catch((error: unknown) => {
          // A chunk that could not be fetched may be there at the next load.
          published = undefined;
          throw error;
        });
      return (await published).load(request);
    },
  };
}
