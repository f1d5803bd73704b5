import { parseEnvironment, registryUrl } from '@amplify-discovery/aws/settings';
import { optional, strictObject, string } from 'valibot';

export interface AnnouncerSettings {
  readonly registryUrl: string;
  readonly registryRegion: string;
}

const schema = strictObject({
  AWS_REGION: string(),
  DISCOVERY_REGISTRY_URL: registryUrl,
  DISCOVERY_REGISTRY_REGION: optional(string()),
});

/**
 * The settings of the function that only announces, from its environment variables.
 *
 * @throws DiscoveryError `InvalidOptions`
 */
export function readAnnouncerSettings(env: Readonly<Record<string, string | undefined>>): AnnouncerSettings {
  const given = parseEnvironment(schema, env);
  return {
    registryUrl: given.DISCOVERY_REGISTRY_URL,
    registryRegion: given.DISCOVERY_REGISTRY_REGION ?? given.AWS_REGION,
  };
}
