import {
  DiscoveryError,
  findNearNames,
  showValue,
  type FailoverOptions,
  type FreshnessOptions,
  type ReportEvent,
  type Source,
  type TrustOptions,
  isRegion,
} from '@amplify-discovery/core';
import type { AwsCredentials, ServiceAuth } from '@amplify-discovery/aws';
import type { LambdaInvoker } from './calls/create-invoke-service.ts';
import type { Metrics } from './metrics.ts';
import type { SourceOptions, SourceOrigins } from './source/create-source.ts';

/** What one discovery of a function is made of; all of it is optional where the environment says the rest. */
export interface DiscoveryOptions
  extends
    TrustOptions,
    FreshnessOptions,
    FailoverOptions,
    Partial<Pick<SourceOptions, 'registry' | 'snapshot' | 'fallbacks' | 'order'>> {
  /** The stage, or several: the first that serves a name wins. @default DISCOVERY_STAGE */
  readonly stage?: string | readonly string[] | undefined;
  /** Only these services are loaded. @default the whole stage */
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
  /** Which functions may be invoked, `arn:aws:lambda:*:123456789012:function:orders-*`. @default those of the function's own account */
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
  /** Gets each event. @default none */
  readonly report?: ReportEvent | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Which options there are. */
const known: Readonly<Record<keyof DiscoveryOptions, true>> = {
  trustedHosts: true,
  region: true,
  regions: true,
  freshSeconds: true,
  staleWhileRevalidateSeconds: true,
  staleIfErrorSeconds: true,
  recheckSeconds: true,
  registry: true,
  snapshot: true,
  fallbacks: true,
  prefer: true,
  connectSeconds: true,
  order: true,
  stage: true,
  services: true,
  source: true,
  bakedFile: true,
  cacheFolder: true,
  auth: true,
  defaultAuth: true,
  credentials: true,
  lambda: true,
  trustedFunctions: true,
  prefetch: true,
  prefetchTimeoutMs: true,
  deadlineMarginMs: true,
  settleMs: true,
  metrics: true,
  report: true,
  fetch: true,
  now: true,
  env: true,
};

const ofAuth = { none: [], iam: ['region', 'signingService'], bearer: ['token'], apiKey: ['key'] } as const;

/**
 * Refuses what is misspelt, so that a `trustedHost` or a `mode: 'IAM'` isn't passed over in silence.
 *
 * @throws DiscoveryError `InvalidOptions`, with the path of what is wrong.
 */
export function checkOptions(options: DiscoveryOptions): void {
  const { registry, snapshot, fallbacks = [], prefer = [], auth = {}, defaultAuth, order = [] } = options;
  checkNames(options, '', Object.keys(known));
  checkOrigins({ registry, snapshot }, '');
  checkList(fallbacks, 'fallbacks');
  checkList(prefer, 'prefer');
  for (const [index, region] of prefer.entries())
    if (!isRegion(region))
      throw new DiscoveryError('InvalidOptions', `prefer.${index}: ${showValue(region)} is not a region`);
  for (const [index, fallback] of fallbacks.entries()) {
    checkNames(fallback, `fallbacks.${index}.`, ['registry', 'snapshot']);
    checkOrigins(fallback, `fallbacks.${index}.`);
  }
  for (const [index, kind] of order.entries()) checkWord(kind, `order.${index}`, ['snapshot', 'registry']);
  for (const [service, given] of Object.entries(auth)) checkAuth(given, `auth.${service}`);
  if (defaultAuth) checkAuth(defaultAuth, 'defaultAuth');
}

function checkOrigins({ registry, snapshot }: SourceOrigins, where: string): void {
  if (registry) checkNames(registry, `${where}registry.`, ['url', 'region', 'apiKey']);
  if (snapshot) checkNames(snapshot, `${where}snapshot.`, ['url', 'trustedKeys', 'auth']);
  if (snapshot?.auth !== undefined) checkWord(snapshot.auth, `${where}snapshot.auth`, ['none', 'iam']);
}

/** @throws DiscoveryError `InvalidOptions` for what is not an auth mode, or has what its mode doesn't take. */
function checkAuth(auth: ServiceAuth, where: string): void {
  checkWord(auth?.mode, `${where}.mode`, Object.keys(ofAuth));
  checkNames(auth, `${where}.`, ['mode', ...ofAuth[auth.mode]]);
}

function checkNames(given: object, where: string, names: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const [meant] = findNearNames(unknown, names);
  const advice = meant ? `write ${meant}` : `there are ${names.join(', ')}`;
  throw new DiscoveryError('InvalidOptions', `${where}${unknown} is not a known option: ${advice}`);
}

function checkList(given: unknown, where: string): void {
  if (!Array.isArray(given)) throw new DiscoveryError('InvalidOptions', `${where}: ${showValue(given)} is not a list`);
}

function checkWord(given: unknown, where: string, words: readonly string[]): void {
  if (words.includes(given as string)) return;
  throw new DiscoveryError('InvalidOptions', `${where}: ${showValue(given)} is not one of ${words.join(', ')}`);
}
