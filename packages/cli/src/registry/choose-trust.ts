import type { TrustOptions } from '@amplify-discovery/core';
import type { AppSettings } from './app-settings.ts';

/** The option that replaces the trusted hosts of the outputs. */
export const trustedHostOption = {
  kind: 'list',
  value: 'PATTERN',
  help: "A host that the app trusts: *.example.com, or aws for AWS's API domains. Default: the outputs'.",
} as const;

/** The trust rule of the app: these patterns, else those of the outputs, else AWS's own API domains. */
export function chooseTrust(
  patterns: readonly string[],
  settings: Pick<AppSettings, 'trustedHosts' | 'region' | 'regions'>,
): TrustOptions {
  const { trustedHosts, region, regions } = settings;
  return { trustedHosts: patterns.length > 0 ? patterns : trustedHosts, region, regions };
}
