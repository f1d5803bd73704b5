import {
  commaList,
  objectPrefix,
  parseEnvironment,
  parseJsonSettings,
  registryUrl,
} from '@amplify-discovery/aws/settings';
import { check, optional, pipe, regex, strictObject, string, transform, unknown } from 'valibot';
import type { CatalogSettings } from '../catalog/publish-catalog.ts';
import { parseCatalogSettings } from './parse-catalog-settings.ts';
import { parseEdgeSettings, type PublisherEdgeSettings } from './parse-edge-settings.ts';

/** A bucket in another region that has the same objects. */
export interface SnapshotReplicaSettings {
  readonly bucket: string;
  readonly region: string;
}

export interface PublisherSettings {
  readonly registryUrl: string;
  readonly registryRegion: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly replicas?: readonly SnapshotReplicaSettings[] | undefined;
  readonly keyId?: string | undefined;
  readonly kid?: string | undefined;
  readonly lifetimeSeconds?: number | undefined;
  readonly openStages?: readonly string[] | undefined;
  readonly edge?: PublisherEdgeSettings | undefined;
  readonly catalog?: CatalogSettings | undefined;
  readonly s3Endpoint?: string | undefined;
  readonly kmsEndpoint?: string | undefined;
  readonly edgeEndpoint?: string | undefined;
}

const schema = strictObject({
  AWS_REGION: string(),
  AWS_ENDPOINT_URL: optional(string()),
  AWS_ENDPOINT_URL_S3: optional(string()),
  AWS_ENDPOINT_URL_KMS: optional(string()),
  AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE: optional(string()),
  DISCOVERY_REGISTRY_URL: registryUrl,
  DISCOVERY_REGISTRY_REGION: optional(string()),
  DISCOVERY_SNAPSHOT_BUCKET: string(),
  DISCOVERY_SNAPSHOT_PREFIX: optional(objectPrefix, ''),
  DISCOVERY_SNAPSHOT_REPLICAS: optional(
    pipe(
      string(),
      regex(
        /^[a-z0-9-]+=[a-z0-9.-]+(,[a-z0-9-]+=[a-z0-9.-]+)*$/,
        'is not like "us-east-1=bucket,eu-west-1=other-bucket"',
      ),
      transform((text) =>
        text.split(',').map((pair): SnapshotReplicaSettings => {
          const [region = '', bucket = ''] = pair.split('=');
          return { bucket, region };
        }),
      ),
    ),
  ),
  DISCOVERY_SNAPSHOT_KEY: optional(string()),
  DISCOVERY_SNAPSHOT_KID: optional(string()),
  DISCOVERY_LIFETIME_SECONDS: optional(
    pipe(
      string(),
      transform(Number),
      check((seconds) => seconds >= 60, 'is not 60 or more'),
    ),
  ),
  DISCOVERY_OPEN_STAGES: optional(commaList),
  DISCOVERY_EDGE: optional(string()),
  DISCOVERY_CATALOG: optional(string()),
});

/**
 * The publisher's settings from its environment variables. What is empty counts as not set.
 *
 * @throws DiscoveryError `InvalidOptions`, naming every variable that is wrong, missing, or begins with `DISCOVERY_` and is
 * not a setting of the publisher.
 */
export function readPublisherSettings(env: Readonly<Record<string, string | undefined>>): PublisherSettings {
  const given = parseEnvironment(schema, env);
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, DISCOVERY_EDGE: edge } = given;
  const { DISCOVERY_CATALOG: catalog } = given;
  return {
    registryUrl: given.DISCOVERY_REGISTRY_URL,
    registryRegion: given.DISCOVERY_REGISTRY_REGION ?? region,
    region,
    bucket: given.DISCOVERY_SNAPSHOT_BUCKET,
    prefix: given.DISCOVERY_SNAPSHOT_PREFIX,
    replicas: given.DISCOVERY_SNAPSHOT_REPLICAS,
    keyId: given.DISCOVERY_SNAPSHOT_KEY,
    kid: given.DISCOVERY_SNAPSHOT_KID,
    lifetimeSeconds: given.DISCOVERY_LIFETIME_SECONDS,
    openStages: given.DISCOVERY_OPEN_STAGES,
    edge:
      edge === undefined
        ? undefined
        : parseEdgeSettings(parseJsonSettings(unknown(), edge, 'DISCOVERY_EDGE'), 'DISCOVERY_EDGE'),
    catalog: catalog === undefined ? undefined : parseCatalogSettings(catalog, 'DISCOVERY_CATALOG'),
    s3Endpoint: given.AWS_ENDPOINT_URL_S3 ?? endpoint,
    kmsEndpoint: given.AWS_ENDPOINT_URL_KMS ?? endpoint,
    edgeEndpoint: given.AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE ?? endpoint,
  };
}
