import { checkSourceUrl } from '../trust/check-source-url.ts';
import { DiscoveryError } from '../discovery-error.ts';
import { isName } from '../records/endpoint.ts';
import { findAwsApi } from '../trust/find-aws-api.ts';
import { showValue } from '../show-value.ts';
import { isRegion, isTrustEntry } from '../trust/trust.ts';
import { parseTrustedKeys, type TrustedKey } from '../trust/trusted-key.ts';

/** How an app identifies itself to the registry. */
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
  /** @default the one in the URL, where that is AppSync's own */
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

/** A registry beside the first, in another region as a rule, or its published snapshots. */
export interface FallbackConfig {
  readonly registry?: RegistryConfig | undefined;
  readonly snapshot?: SnapshotConfig | undefined;
}

/** What a deployment passes to its apps: `custom.discovery` in amplify_outputs.json or in the Gen 1 exports. */
export interface DiscoveryConfig {
  readonly registry?: RegistryConfig | undefined;
  /** Published snapshots, which spare the registry the query and the app its outage. */
  readonly snapshot?: SnapshotConfig | undefined;
  /** Asked in this order when `registry` and `snapshot` don't answer. @default none */
  readonly fallbacks?: readonly FallbackConfig[] | undefined;
  /** The stage, or several: the first that serves a name wins, service by service. */
  readonly stage?: string | readonly string[] | undefined;
  /** Which hosts may be called: see `createTrust`. */
  readonly trustedHosts?: readonly string[] | undefined;
  /** The regions whose AWS API domains are trusted without being listed. @default the registry's */
  readonly regions?: readonly string[] | undefined;
  /** Regions in order: their endpoints are called before those of other regions, whatever the priorities. @default none */
  readonly prefer?: readonly string[] | undefined;
  /** Whether open pages are notified of changes over a connection to the registry. @default false */
  readonly live?: boolean | undefined;
}

/**
 * A discovery configuration, read whole: a setting that is misspelt or of the wrong form is refused, never ignored.
 *
 * @param where What the configuration is read from, `custom.discovery`: messages begin with the path of what is wrong.
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * const { stage } = parseDiscoveryConfig({ stage: 'dev', trustedHosts: ['*.example.com', 'aws'] }, 'custom.discovery');
 * ```
 */
export function parseDiscoveryConfig(value: unknown, where: string): DiscoveryConfig {
  const known = ['registry', 'snapshot', 'fallbacks', 'stage', 'trustedHosts', 'regions', 'prefer', 'live'];
  const { registry, snapshot, fallbacks, stage, trustedHosts, regions, prefer, live } = readFields(value, where, known);
  if (typeof stage === 'string' && !isName(stage)) refuse(`${where}.stage`, stage, 'the name of a stage');
  if (typeof stage !== 'string' && stage !== undefined)
    checkList(stage, `${where}.stage`, isName, 'the name of a stage');
  for (const [name, list] of Object.entries({ regions, prefer }))
    if (list !== undefined) checkList(list, `${where}.${name}`, isRegion, 'a region such as eu-west-1');
  if (live !== undefined && typeof live !== 'boolean') refuse(`${where}.live`, live, 'true or false');
  if (trustedHosts !== undefined)
    checkList(trustedHosts, `${where}.trustedHosts`, isTrustEntry, 'a host pattern such as *.example.com', 0);
  return {
    ...parseOrigins({ registry, snapshot }, where),
    ...(fallbacks !== undefined && { fallbacks: parseFallbacks(fallbacks, `${where}.fallbacks`) }),
    ...({ stage, trustedHosts, regions, prefer, live } as Omit<DiscoveryConfig, keyof FallbackConfig | 'fallbacks'>),
  };
}

function parseOrigins({ registry, snapshot }: Readonly<Record<string, unknown>>, where: string): FallbackConfig {
  return {
    ...(registry !== undefined && { registry: parseRegistry(registry, `${where}.registry`) }),
    ...(snapshot !== undefined && { snapshot: parseSnapshotConfig(snapshot, `${where}.snapshot`) }),
  };
}

function parseFallbacks(value: unknown, where: string): readonly FallbackConfig[] {
  const isGiven = (fallback: unknown) => typeof fallback === 'object' && !!fallback && !!Object.keys(fallback)[0];
  checkList(value, where, isGiven, 'an object with registry or snapshot');
  return (value as readonly unknown[]).map((fallback, index) => {
    const place = `${where}.${index}`;
    return parseOrigins(readFields(fallback, place, ['registry', 'snapshot']), place);
  });
}

function parseRegistry(value: unknown, where: string): RegistryConfig {
  const { url, region, auth } = readFields(value, where, ['url', 'region', 'auth']);
  const { hostname } = checkSourceUrl(url, `${where}.url`);
  const known = region ?? findAwsApi(hostname)?.region;
  const { mode, apiKey } = readFields(auth, `${where}.auth`, ['mode', 'apiKey']);
  if (typeof mode !== 'string' || !/^(apiKey|iam|userPool)$/.test(mode))
    refuse(`${where}.auth.mode`, mode, 'apiKey, iam or userPool');
  if (mode === 'apiKey' && (typeof apiKey !== 'string' || !apiKey))
    refuse(`${where}.auth.apiKey`, apiKey, 'an API key');
  if ((region !== undefined || mode === 'iam') && !isRegion(known))
    refuse(`${where}.region`, known, 'a region such as eu-west-1');
  return { url: url as string, region: known as string | undefined, auth: auth as RegistryAuth };
}

function parseSnapshotConfig(value: unknown, where: string): SnapshotConfig {
  const { url, trustedKeys } = readFields(value, where, ['url', 'trustedKeys']);
  // A path of the site's own is as good as the site.
  if (typeof url !== 'string' || !/^\/(?![/\\])/.test(url)) checkSourceUrl(url, `${where}.url`);
  return {
    url: url as string,
    ...(trustedKeys !== undefined && { trustedKeys: parseTrustedKeys(trustedKeys, `${where}.trustedKeys`) }),
  };
}

/** The fields of an object that has no others. Null counts as absent. */
function readFields(value: unknown, where: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || !value || Array.isArray(value))
    refuse(where, value, `an object with ${known.join(', ')}`);
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const message = `${where}.${name} is not a known setting: there are ${known.join(', ')}`;
    throw new DiscoveryError('InvalidOptions', message);
  }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, field ?? undefined]));
}

function checkList(value: unknown, where: string, isValid: (entry: unknown) => boolean, form: string, least = 1): void {
  if (!Array.isArray(value) || value.length < least) refuse(where, value, `a list, each entry of it ${form}`);
  const wrong = value.findIndex((entry) => !isValid(entry));
  if (wrong >= 0) refuse(`${where}.${wrong}`, value[wrong], form);
}

function refuse(where: string, value: unknown, form: string): never {
  const found = value === undefined ? 'is missing: write' : `${showValue(value)} is not`;
  throw new DiscoveryError('InvalidOptions', `${where}: ${found} ${form}`);
}
