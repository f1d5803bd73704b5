import type { FreshnessOptions, ReportEvent, Source, TrustOptions } from '@amplify-discovery/core';
import type { AwsCredentials, ServiceAuth } from '@amplify-discovery/aws';
import { parseSettings } from '@amplify-discovery/aws/settings';
import {
  array,
  boolean,
  custom,
  literal,
  number,
  optional,
  picklist,
  record,
  strictObject,
  string,
  union,
  variant,
  type GenericSchema,
} from 'valibot';
import type { LambdaInvoker } from './calls/create-invoke-service.ts';
import type { Metrics } from './metrics.ts';
import type { SourceOptions } from './source/create-source.ts';

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
  /** Gets each event. @default none */
  readonly report?: ReportEvent | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const anObject = optional(custom(isObject, 'is not an object'));
const aFunction = optional(custom((value) => typeof value === 'function', 'is not a function'));
const anyOf = (...schemas: GenericSchema[]) => optional(union(schemas));
const texts = array(string());

const auth = variant('mode', [
  strictObject({ mode: literal('none') }),
  strictObject({ mode: literal('iam'), region: optional(string()), signingService: optional(string()) }),
  strictObject({ mode: literal('bearer'), token: custom((value) => typeof value === 'function', 'is not a function') }),
  strictObject({
    mode: literal('apiKey'),
    key: custom((value) => /^(string|function)$/.test(typeof value), 'is neither a key nor a function'),
  }),
]);

/** What each option has to be, and with that which options there are. */
const entries: { readonly [K in keyof DiscoveryOptions]-?: GenericSchema } = {
  trustedHosts: optional(texts),
  region: optional(string()),
  regions: optional(texts),
  freshSeconds: optional(number()),
  staleWhileRevalidateSeconds: optional(number()),
  staleIfErrorSeconds: optional(number()),
  recheckSeconds: optional(number()),
  registry: optional(strictObject({ url: string(), region: optional(string()), apiKey: optional(string()) })),
  snapshot: optional(strictObject({ url: string(), trustedKeys: anObject, auth: optional(picklist(['none', 'iam'])) })),
  order: optional(array(picklist(['snapshot', 'registry']))),
  stage: anyOf(string(), texts),
  services: optional(texts),
  source: anObject,
  bakedFile: optional(string()),
  cacheFolder: anyOf(string(), literal(false)),
  auth: optional(record(string(), auth)),
  defaultAuth: optional(auth),
  credentials: aFunction,
  lambda: anObject,
  trustedFunctions: optional(texts),
  prefetch: optional(boolean()),
  prefetchTimeoutMs: optional(number()),
  deadlineMarginMs: optional(number()),
  settleMs: optional(number()),
  metrics: anObject,
  report: aFunction,
  fetch: aFunction,
  now: aFunction,
  env: anObject,
};

const schema: GenericSchema = strictObject(entries);

/**
 * Refuses options that are unknown or of another form, so that a misspelt `trustedHost` isn't dropped in silence.
 *
 * @throws DiscoveryError `InvalidOptions`, with the path of what is wrong.
 */
export function checkOptions(options: DiscoveryOptions): void {
  parseSettings(schema, options, 'createDiscovery');
}
