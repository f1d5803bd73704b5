import { DiscoveryError } from '@amplify-discovery/core';
import type { TrustedKey } from '@amplify-discovery/snapshots';

/** How the app identifies itself to the registry. */
export type RegistryAuth =
  | { readonly mode: 'apiKey'; readonly apiKey: string }
  /** SigV4 with the credentials of Amplify Auth, signed in or guest. */
  | { readonly mode: 'iam' }
  /** The access token of the signed-in user. */
  | { readonly mode: 'userPool' };

/** Where the registry is and how to read it. */
export interface RegistryConfig {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly region?: string | undefined;
  readonly auth: RegistryAuth;
}

/** Where published snapshots are. */
export interface SnapshotConfig {
  /** With `{stage}` in it: `https://cdn.example.com/{stage}.public.json`, or a path of the site's own: `/discovery/{stage}.json`. */
  readonly url: string;
  /**
   * Only snapshots that one of these keys signed are accepted. A list, or its JSON text.
   *
   * @default signatures are not looked at
   */
  readonly trustedKeys?: readonly TrustedKey[] | string | undefined;
}

/** What a deployment tells its apps: `custom.discovery` in amplify_outputs.json or in the Gen 1 exports. */
export interface DiscoveryConfig {
  readonly registry?: RegistryConfig | undefined;
  /** Published snapshots, which spare the registry the query and the app its outage. */
  readonly snapshot?: SnapshotConfig | undefined;
  /** The stage, or several: the first that serves a name wins, service by service. */
  readonly stage?: string | readonly string[] | undefined;
  /** Patterns of hosts that may be called, also with tokens and API keys: `*.example.com`. */
  readonly trustedHosts?: readonly string[] | undefined;
}

/** The configuration from the outputs, with explicit options winning member by member. */
export function readDiscoveryConfig(outputs: unknown, explicit: DiscoveryConfig = {}): DiscoveryConfig {
  const { custom } = (outputs ?? {}) as { custom?: { discovery?: DiscoveryConfig } };
  const { registry, snapshot, stage, trustedHosts } = custom?.discovery ?? {};
  return {
    registry: explicit.registry ?? registry,
    snapshot: explicit.snapshot ?? snapshot,
    stage: explicit.stage ?? stage,
    trustedHosts: explicit.trustedHosts ?? trustedHosts,
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
