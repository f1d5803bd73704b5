import { DiscoveryError, parseDiscoveryConfig, type DiscoveryConfig } from '@amplify-discovery/core';

/**
 * The configuration from the outputs, with explicit options winning member by member.
 *
 * @throws DiscoveryError `InvalidOptions` for what is wrong in the outputs.
 */
export function readDiscoveryConfig(outputs: unknown, explicit: DiscoveryConfig = {}): DiscoveryConfig {
  const { custom } = (outputs ?? {}) as { custom?: { discovery?: unknown } };
  const { registry, snapshot, stage, trustedHosts, regions } = parseDiscoveryConfig(
    custom?.discovery ?? {},
    'custom.discovery',
  );
  return {
    registry: explicit.registry ?? registry,
    snapshot: explicit.snapshot ?? snapshot,
    stage: explicit.stage ?? stage,
    trustedHosts: explicit.trustedHosts ?? trustedHosts,
    regions: explicit.regions ?? regions,
  };
}

/** The value, or the error that says which option is missing and where it usually comes from. */
export function getOption<T>(value: T | undefined, option: string): T {
  if (value !== undefined) return value;
  throw new DiscoveryError(
    'InvalidOptions',
    `${option} is neither in custom.discovery of the outputs nor in the options`,
  );
}
