import type { FreshnessOptions, ReportEvent, Source, TrustOptions } from '@amplify-discovery/core';
import type { AwsCredentials, ServiceAuth } from '@amplify-discovery/aws';
import type { LambdaInvoker } from './create-invoke-service.ts';
import type { SourceOptions } from './create-source.ts';
import type { Metrics } from './metrics.ts';

/** What one discovery of a function is made of; all of it is optional where the environment says the rest. */
export interface DiscoveryOptions
  extends TrustOptions, FreshnessOptions, Partial<Pick<SourceOptions, 'registry' | 'snapshot' | 'order'>> {
  /** The stage, or several: the first that serves a name wins. @default DISCOVERY_STAGE */
  readonly stage?: string | readonly string[] | undefined;
  /** Only these services are asked for. @default the whole stage */
  readonly services?: readonly string[] | undefined;
  /** Instead of `registry` and `snapshot`: any source. */
  readonly source?: Source | undefined;
  /** A snapshot file in the deployment package, `./snapshots/{stage}.json`. @default none */
  readonly bakedFile?: string | undefined;
  /** Where snapshots outlive the runtime; false for nowhere. @default a folder of its own below /tmp */
  readonly cacheFolder?: string | false | undefined;
  /** How calls authenticate, by service. @default none of them does */
  readonly auth?: Readonly<Record<string, ServiceAuth>> | undefined;
  /** For services that `auth` doesn't name. @default { mode: 'none' } */
  readonly defaultAuth?: ServiceAuth | undefined;
  /** For signing. @default those that Lambda puts in the environment */
  readonly credentials?: (() => Promise<AwsCredentials>) | undefined;
  /** The app's own Lambda client, for `invokeService`. */
  readonly lambda?: LambdaInvoker | undefined;
  /** Which functions may be invoked, `arn:aws:lambda:*:123456789012:function:orders-*`. @default those of the own account */
  readonly trustedFunctions?: readonly string[] | undefined;
  /** Starts loading at once, while the function initialises. @default false */
  readonly prefetch?: boolean | undefined;
  /** @default 2000 */
  readonly prefetchTimeoutMs?: number | undefined;
  /** How long before an invocation's deadline waiting ends. @default 200 */
  readonly deadlineMarginMs?: number | undefined;
  /** How long an invocation's answer may be held back for a refresh that is under way. @default 250 */
  readonly settleMs?: number | undefined;
  /** Made by `createMetrics` of `@amplify-discovery/lambda/metrics`. @default none */
  readonly metrics?: Metrics | undefined;
  /** @default nobody listens */
  readonly report?: ReportEvent | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}
