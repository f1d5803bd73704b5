import {
  checkSourceUrl,
  DiscoveryError,
  findNearNames,
  isName,
  parseTrustedKeys,
  type TrustedKey,
  isRegion,
} from '@amplify-discovery/core';
import { commaList, parseJsonSettings, parseSettings } from '@amplify-discovery/aws/settings';
import { array, check, object, optional, picklist, pipe, strictObject, string, transform, unknown } from 'valibot';
import type { SourceOrigins } from './create-source.ts';

/** What a deployment can say by environment variables; options that are given in code win. */
export interface EnvironmentOptions {
  readonly stage?: readonly string[] | undefined;
  readonly trustedHosts?: readonly string[] | undefined;
  readonly registryUrl?: string | undefined;
  readonly registryRegion?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly snapshotUrl?: string | undefined;
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  readonly fallbacks?: readonly SourceOrigins[] | undefined;
  readonly prefer?: readonly string[] | undefined;
}

/** A URL by the rule that options go by, too. */
const sourceUrl = (variable: string) =>
  pipe(
    string(),
    transform((url) => {
      checkSourceUrl(url.replaceAll('{stage}', 'stage'), variable);
      return url;
    }),
  );

const schema = object({
  DISCOVERY_STAGE: optional(
    pipe(
      commaList,
      array(
        pipe(
          string(),
          check((name) => isName(name), 'is not a name'),
        ),
      ),
    ),
  ),
  DISCOVERY_TRUSTED_HOSTS: optional(commaList),
  DISCOVERY_REGISTRY_URL: optional(sourceUrl('DISCOVERY_REGISTRY_URL')),
  DISCOVERY_REGISTRY_REGION: optional(string()),
  DISCOVERY_API_KEY: optional(string()),
  DISCOVERY_SNAPSHOT_URL: optional(sourceUrl('DISCOVERY_SNAPSHOT_URL')),
  DISCOVERY_SNAPSHOT_KEYS: optional(
    pipe(
      string(),
      transform((text) => parseTrustedKeys(text, 'DISCOVERY_SNAPSHOT_KEYS')),
    ),
  ),
  DISCOVERY_FALLBACKS: optional(string()),
  DISCOVERY_PREFER: optional(
    pipe(
      commaList,
      array(
        pipe(
          string(),
          check((name) => isRegion(name), 'is not a region such as eu-west-1'),
        ),
      ),
    ),
  ),
  AWS_REGION: optional(string()),
});

const fallbackUrl = sourceUrl('DISCOVERY_FALLBACKS');
const fallbacksSchema = array(
  strictObject({
    registry: optional(strictObject({ url: fallbackUrl, region: optional(string()), apiKey: optional(string()) })),
    snapshot: optional(
      strictObject({
        url: fallbackUrl,
        trustedKeys: optional(
          pipe(
            unknown(),
            transform((keys) => parseTrustedKeys(keys as TrustedKey[], 'trustedKeys')),
          ),
        ),
        auth: optional(picklist(['none', 'iam'])),
      }),
    ),
  }),
);

/**
 * Reads DISCOVERY_STAGE, DISCOVERY_TRUSTED_HOSTS (both comma-separated), DISCOVERY_REGISTRY_URL, DISCOVERY_REGISTRY_REGION
 * (else AWS_REGION), DISCOVERY_API_KEY, DISCOVERY_SNAPSHOT_URL and DISCOVERY_SNAPSHOT_KEYS (a JSON list of public keys),
 * DISCOVERY_FALLBACKS (a JSON list of other registries and snapshots) and DISCOVERY_PREFER (regions). What is empty counts as not set.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the variable, also when its name looks like one of these misspelt.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentOptions {
  const known = Object.keys(schema.entries);
  const given = Object.entries(env).filter(([name, value]) => value && /^(DISCOVERY_|AWS_REGION$)/.test(name));
  for (const [name] of given) {
    const [near] = known.includes(name) ? [] : findNearNames(name, known);
    if (near)
      throw new DiscoveryError(
        'InvalidOptions',
        `${name}: is not a known setting, but ${near} is: correct it, or rename yours`,
      );
  }
  const settings = parseSettings(schema, Object.fromEntries(given), '');
  return {
    stage: settings.DISCOVERY_STAGE,
    trustedHosts: settings.DISCOVERY_TRUSTED_HOSTS,
    registryUrl: settings.DISCOVERY_REGISTRY_URL,
    registryRegion: settings.DISCOVERY_REGISTRY_REGION ?? settings.AWS_REGION,
    apiKey: settings.DISCOVERY_API_KEY,
    snapshotUrl: settings.DISCOVERY_SNAPSHOT_URL,
    trustedKeys: settings.DISCOVERY_SNAPSHOT_KEYS,
    fallbacks:
      settings.DISCOVERY_FALLBACKS === undefined
        ? undefined
        : parseJsonSettings(fallbacksSchema, settings.DISCOVERY_FALLBACKS, 'DISCOVERY_FALLBACKS'),
    prefer: settings.DISCOVERY_PREFER,
  };
}
