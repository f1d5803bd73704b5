import type { DiscoveryConfig, ReportEvent, Source } from '@amplify-discovery/core';
import { registrySource } from '@amplify-discovery/registry';
import type { AmplifyContext } from 'aws-amplify';
import type { AmplifyParts } from './amplify-parts.ts';
import type { KeyValueStorage } from './bound-storage.ts';
import { getOption } from './discovery-config.ts';
import { registryTransport } from './registry-transport.ts';

export interface SourceOptions extends Pick<DiscoveryConfig, 'registry' | 'snapshot'> {
  /** Which are read, in this order, as far as they are configured. @default ['snapshot', 'registry'] */
  readonly order?: readonly ('snapshot' | 'registry')[] | undefined;
}

/** What the app has that sources need. */
export interface SourceScope {
  readonly storage: KeyValueStorage;
  readonly report: ReportEvent;
  readonly signRequest: AmplifyParts['signRequest'];
  readonly getContext: () => AmplifyContext;
}

/**
 * The source that reads what is configured, in its order. Apps that read no snapshots never load the code for them.
 *
 * @throws DiscoveryError `InvalidOptions` when the registry has to be read, and is not configured.
 */
export function configuredSource(
  { registry, snapshot, order = ['snapshot', 'registry'] }: SourceOptions,
  { storage, report, signRequest, getContext }: SourceScope,
): Source {
  const readsSnapshots = snapshot && order.includes('snapshot');
  const readsRegistry = !readsSnapshots || (registry && order.includes('registry'));
  const fromRegistry = readsRegistry
    ? registrySource({ transport: registryTransport(getOption(registry, 'registry'), { signRequest, getContext }) })
    : undefined;
  if (!readsSnapshots) return fromRegistry as Source;
  const isRegistryFirst = order[0] === 'registry';
  let published: Promise<Source> | undefined;
  return {
    name: fromRegistry ? order.join(' > ') : 'snapshot',
    async load(request) {
      published ??= import('./published-source.ts')
        .then((module) =>
          module.publishedSource({
            snapshot,
            registry: fromRegistry,
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
