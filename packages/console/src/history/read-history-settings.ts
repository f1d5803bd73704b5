import { objectPrefix, parseEnvironment, registryUrl } from '@amplify-discovery/aws/settings';
import { optional, strictObject, string } from 'valibot';

export interface HistorySettings {
  readonly registryUrl: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly s3Endpoint?: string | undefined;
}

const schema = strictObject({
  AWS_REGION: string(),
  AWS_ENDPOINT_URL: optional(string()),
  AWS_ENDPOINT_URL_S3: optional(string()),
  DISCOVERY_REGISTRY_URL: registryUrl,
  DISCOVERY_SNAPSHOT_BUCKET: string(),
  DISCOVERY_SNAPSHOT_PREFIX: optional(objectPrefix, ''),
});

/**
 * The settings of the history's function from its environment variables, which are named as the publisher's.
 *
 * @throws DiscoveryError `InvalidOptions`
 */
export function readHistorySettings(env: Readonly<Record<string, string | undefined>>): HistorySettings {
  const given = parseEnvironment(schema, env);
  return {
    registryUrl: given.DISCOVERY_REGISTRY_URL,
    region: given.AWS_REGION,
    bucket: given.DISCOVERY_SNAPSHOT_BUCKET,
    prefix: given.DISCOVERY_SNAPSHOT_PREFIX,
    s3Endpoint: given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL,
  };
}
