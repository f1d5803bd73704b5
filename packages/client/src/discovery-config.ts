import { DiscoveryError, parseDiscoveryConfig, type DiscoveryConfig } from '@amplify-discovery/core';

/**
 * The configuration from the outputs, with explicit options winning member by member.
 *
 * @throws DiscoveryError `InvalidOptions` for what is wrong in the outputs.
 */
export function readDiscoveryConfig(outputs: unknown, explicit: DiscoveryConfig = {}): DiscoveryConfig {
  const { custom } = (outputs ?? {}) as { custom?: { discovery?: unknown } };
  const given = parseDiscoveryConfig(custom?.discovery ?? {}, 'custom.discovery');
  const names = Object.keys({ ...given, ...explicit }) as (keyof DiscoveryConfig)[];
  return Object.fromEntries(names.map((name) => [name, explicit[name] ?? given[name]]));
}

/** The value, or the error that says which option is missing and where it usually comes from. */
export function getOption<T>(value: T | undefined, option: string): T {
  if (value !== undefined) return value;
  throw new DiscoveryError(
    'InvalidOptions',
    `${option} is neither in custom.discovery of the outputs nor in the options`,
  );
}
