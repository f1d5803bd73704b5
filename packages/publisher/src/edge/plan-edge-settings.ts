import { DiscoveryError, type AffinityRule } from '@amplify-discovery/core';
import { edgeLimits } from './edge-limits.ts';

export interface EdgeSettings {
  /** The stage for hosts that `byHost` doesn't list. @default requests for them are refused */
  readonly stage?: string | undefined;
  /** The stage by requested host, without port. */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** What keeps a caller at one of several weighted endpoints. @default each request is spread anew */
  readonly affinity?: AffinityRule | undefined;
}

/**
 * The edge function's settings, stored under the key `_settings`.
 *
 * @throws DiscoveryError `InvalidOptions` when they don't fit into one value.
 */
export function planEdgeSettings(settings: EdgeSettings): readonly [key: string, value: string] {
  const { stage, byHost, affinity: { header, cookie } = {} } = settings;
  const hosts = byHost && Object.fromEntries(Object.entries(byHost).map(([host, of]) => [host.toLowerCase(), of]));
  const value = JSON.stringify({ stage, byHost: hosts, header: header?.toLowerCase(), cookie });
  const bytes = Buffer.byteLength(value);
  if (bytes > edgeLimits.valueBytes)
    throw new DiscoveryError(
      'InvalidOptions',
      `byHost: the edge's settings take ${bytes} bytes, and CloudFront allows ${edgeLimits.valueBytes}: list fewer hosts`,
    );
  return ['_settings', value];
}
