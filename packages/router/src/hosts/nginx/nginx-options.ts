import type { AffinityRule, FindTrust } from '@amplify-discovery/core';

export interface NginxOptions {
  /** Which services are served. @default every service of the stage that has an http(s) URL and no tenant */
  readonly services?: readonly string[] | undefined;
  /** Before the service in every path, `/api`. @default '' */
  readonly mount?: string | undefined;
  /** Callers' tokens and cookies go to hosts that this lists, and to no other. @default to none */
  readonly findTrust?: FindTrust | undefined;
  /** Regions in order: their endpoints come before those of other regions, whatever the priorities. @default none */
  readonly prefer?: readonly string[] | undefined;
  /** What keeps a caller at one of several weighted endpoints. @default the caller's address */
  readonly affinity?: AffinityRule | undefined;
  /** Keeps redirects and cookies of a service below its path. @default true */
  readonly rewriteAnswers?: boolean | undefined;
  /** @default GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE */
  readonly methods?: readonly string[] | undefined;
  /** @default 10 MiB */
  readonly maximumBodyBytes?: number | undefined;
  /** In Via, by which a router recognises its own requests. @default 'amplify-discovery-router' */
  readonly name?: string | undefined;
  /** Certificate authorities that endpoints' certificates are checked against. @default '/etc/ssl/certs/ca-certificates.crt' */
  readonly caFile?: string | undefined;
  /**
   * Looks hosts up as requests come, as often as their DNS records say, with this name server: `169.254.169.253` in a VPC.
   * For hosts whose addresses change, which AWS's do.
   *
   * @default hosts are looked up when nginx loads the configuration, which it refuses when one of them isn't found
   */
  readonly resolver?: string | undefined;
  /** Idle connections kept to each endpoint; none with `resolver`. @default 32 */
  readonly keepAlive?: number | undefined;
  /** @default 3 */
  readonly connectTimeoutSeconds?: number | undefined;
  /** Between two reads or writes. @default 29 */
  readonly timeoutSeconds?: number | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}
