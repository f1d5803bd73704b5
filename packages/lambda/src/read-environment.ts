import { parseTrustedKeys, type TrustedKey } from '@amplify-discovery/core';

/** What a deployment can say by environment variables; options that are given in code win. */
export interface EnvironmentOptions {
  readonly stage?: readonly string[] | undefined;
  readonly trustedHosts?: readonly string[] | undefined;
  readonly registryUrl?: string | undefined;
  readonly registryRegion?: string | undefined;
  readonly snapshotUrl?: string | undefined;
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
}

/**
 * Reads DISCOVERY_STAGE, DISCOVERY_TRUSTED_HOSTS (both comma-separated), DISCOVERY_REGISTRY_URL, DISCOVERY_REGISTRY_REGION
 * (else AWS_REGION), DISCOVERY_SNAPSHOT_URL and DISCOVERY_SNAPSHOT_KEYS (a JSON array of public keys).
 *
 * @throws DiscoveryError `InvalidOptions`, naming the variable.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentOptions {
  const list = (variable: string) => {
    const parts = (env[variable] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
    return parts.length ? parts : undefined;
  };
  return {
    stage: list('DISCOVERY_STAGE'),
    trustedHosts: list('DISCOVERY_TRUSTED_HOSTS'),
    registryUrl: env.DISCOVERY_REGISTRY_URL || undefined,
    registryRegion: env.DISCOVERY_REGISTRY_REGION || env.AWS_REGION || undefined,
    snapshotUrl: env.DISCOVERY_SNAPSHOT_URL || undefined,
    trustedKeys: env.DISCOVERY_SNAPSHOT_KEYS
      ? parseTrustedKeys(env.DISCOVERY_SNAPSHOT_KEYS, 'DISCOVERY_SNAPSHOT_KEYS')
      : undefined,
  };
}
