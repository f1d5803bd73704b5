import type { DiscoveryConfig } from '@amplify-discovery/core';
import type { RegistryAccess } from '@amplify-discovery/local';
import { localHosts } from '../registry/parse-settings-file.ts';

interface AppSettingsOptions {
  readonly registry: Pick<RegistryAccess, 'url' | 'region' | 'apiKey'>;
  /** The stage on this machine. */
  readonly stage: string;
  /** The targets of the services that are laid over it. */
  readonly targets: readonly string[];
  /** Of the deployed app, whose registry is read through to. */
  readonly upstream?: DiscoveryConfig | undefined;
}

/**
 * What an app needs in `custom.discovery` to use a registry on this machine. Over a deployed one the stage on this machine comes
 * first, the deployed app's hosts stay trusted, and of this machine only the ports that the given services have.
 */
export function makeAppSettings({ registry, stage, targets, upstream }: AppSettingsOptions): DiscoveryConfig {
  const { url, region, apiKey } = registry;
  const auth = { mode: 'apiKey', apiKey } as const;
  // A page that is open reads again when this registry is started again.
  const live = true;
  if (!upstream) return { registry: { url, region, auth }, stage, trustedHosts: localHosts, live };
  const deployedRegion = upstream.registry?.region ?? region;
  return {
    registry: { url, region: deployedRegion, auth },
    stage: [stage, ...[upstream.stage ?? []].flat()],
    // A list is complete: without one, AWS's own API domains were trusted.
    trustedHosts: [...(upstream.trustedHosts ?? ['aws']), ...targets.map((target) => new URL(target).host)],
    regions: upstream.regions ?? [deployedRegion],
    ...(upstream.prefer && { prefer: upstream.prefer }),
    live,
  };
}
