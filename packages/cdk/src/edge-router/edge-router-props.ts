import type { AffinityRule } from '@amplify-discovery/core';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import type { DistributionOptions } from '../synthesis/distribution-options.ts';

export interface EdgeRouterProps {
  /** Keeps the edge in step with the registry. It can do so for one edge. */
  readonly publisher: SnapshotPublisher;
  /**
   * The stage whose endpoints are called.
   *
   * @default none: only hosts of `byHost` are served.
   */
  readonly stage?: string | undefined;
  /**
   * The stage by the requested host, `{ 'staging.example.com': 'staging' }`; others get `stage`. These are names of the
   * distribution: give them in `distribution`, too.
   *
   * @default none
   */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** Hosts that are called: `*.example.com`. The edge passes callers' tokens on, so it calls no others. */
  readonly trustedHosts: readonly string[];
  /**
   * The services that callers may reach.
   *
   * @default every service of the stage that has an https URL and no tenant.
   */
  readonly services?: readonly string[] | undefined;
  /**
   * What keeps a caller at one of several weighted endpoints.
   *
   * @default nothing: each request is spread anew.
   */
  readonly affinity?: AffinityRule | undefined;
  /**
   * A domain of your own, a web ACL, logs.
   *
   * @default CloudFront's own domain, without any of it.
   */
  readonly distribution?: DistributionOptions | undefined;
}
