import { DiscoveryError, isRegion, showValue } from '@amplify-discovery/core';
import type { AppSettings } from './app-settings.ts';

/** The option that replaces the preferred regions of the outputs. */
export const preferOption = {
  kind: 'list',
  value: 'REGION',
  help: "A region whose endpoints come first; several in their order. Default: the outputs'.",
} as const;

/**
 * The regions that the reader prefers: these, else those of the outputs.
 *
 * @throws DiscoveryError `InvalidOptions`, because a mistyped region would change nothing and be noticed in an outage.
 */
export function choosePreferred(
  regions: readonly string[],
  settings: Pick<AppSettings, 'prefer'> | undefined,
): readonly string[] | undefined {
  for (const region of regions)
    if (!isRegion(region))
      throw new DiscoveryError(
        'InvalidOptions',
        `--prefer: ${showValue(region)} is not a region such as eu-west-1; give --prefer once for each region`,
      );
  return regions.length > 0 ? regions : settings?.prefer;
}
