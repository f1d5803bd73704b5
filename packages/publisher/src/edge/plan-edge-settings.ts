import { DiscoveryError, type AffinityRule } from '@amplify-discovery/core';
import { edgeLimits } from './edge-limits.ts';

export interface EdgeSettings {
  /** Of every host that `byHost` doesn't list. @default such requests are refused */
  readonly stage?: string | undefined;
  /** The stage by the host that was asked for, without port. */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** What keeps a caller at one of several weighted endpoints. @default each request is spread anew */
  readonly affinity?: AffinityRule | undefined;
}

/**
 * What the function at the edge reads besides the entries, under the key `_settings`.
 *
 * @throws DiscoveryError `InvalidOptions` for more than fits into one value.
 */
export function planEdgeSettings(settings: EdgeSettings): readonly [key: string, value: string] {
  const { stage, byHost, affinity: { header, cookie } = {} } = settings;
  const hosts = byHost && Object.fromEntries(Object.entries(byHost).map(([host, of]) => [host.toLowerCase(), of]));
  const value = JSON.stringify({ stage, byHost: hosts, header: header?.toLowerCase(), cookie });
  const bytes = Buffer.byteLength(value);
  if (bytes > edgeLimits.valueBytes)
    throw new DiscoveryError(
      'InvalidOptions',
      `byHost: settings of the edge take ${bytes} bytes, and CloudFront ${edgeLimits.valueBytes}; list fewer hosts`,
    );
  return ['_settings', value];
}
