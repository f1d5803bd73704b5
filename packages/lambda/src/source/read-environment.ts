import {
  checkSourceUrl,
  DiscoveryError,
  findNearNames,
  isName,
  parseTrustedKeys,
  type TrustedKey,
} from '@amplify-discovery/core';
import { commaList, parseSettings } from '@amplify-discovery/aws/settings';
import { array, check, object, optional, pipe, string, transform } from 'valibot';

/** What a deployment can say by environment variables; options that are given in code win. */
export interface EnvironmentOptions {
  readonly stage?: readonly string[] | undefined;
  readonly trustedHosts?: readonly string[] | undefined;
  readonly registryUrl?: string | undefined;
  readonly registryRegion?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly snapshotUrl?: string | undefined;
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
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
  AWS_REGION: optional(string()),
});

/**
 * Reads DISCOVERY_STAGE, DISCOVERY_TRUSTED_HOSTS (both comma-separated), DISCOVERY_REGISTRY_URL, DISCOVERY_REGISTRY_REGION
 * (else AWS_REGION), DISCOVERY_API_KEY, DISCOVERY_SNAPSHOT_URL and DISCOVERY_SNAPSHOT_KEYS (a JSON list of public keys).
 * What is empty counts as not set.
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
  };
}
