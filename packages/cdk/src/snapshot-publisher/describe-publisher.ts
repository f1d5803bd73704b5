import { readPublisherSettings } from '@amplify-discovery/publisher';
import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { checkSettings } from '../synthesis/check-settings.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkSigningKey } from './signing-key.ts';
import type { ReplicaBucket } from './allow-publishing.ts';
import type { SnapshotPublisherProps } from './snapshot-publisher-props.ts';

interface PublisherParts {
  readonly bucket: IBucket;
  readonly key: IKey | undefined;
  readonly replicas: readonly ReplicaBucket[];
  readonly catalog: { readonly stage: string; readonly url: string } | undefined;
}

/**
 * The publisher's environment, as its README has it.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function describePublisher(
  scope: Construct,
  props: Omit<SnapshotPublisherProps, 'bucket' | 'key' | 'replicas'>,
  { bucket, key, replicas, catalog }: PublisherParts,
): Record<string, string> {
  const { registry, prefix = '' } = props;
  const { lifetime = Duration.days(7), checkEvery = Duration.hours(1) } = props;
  // A snapshot is renewed by the first check after half of its life.
  if (checkEvery.toSeconds() * 2 > lifetime.toSeconds()) {
    refuseConstruct(
      scope,
      `checkEvery: ${checkEvery.toHumanString()} must be at most half of the lifetime, ${lifetime.toHumanString()}, or snapshots expire`,
    );
  }
  if (key) checkSigningKey(scope, key);
  const { openStages = ['*'] } = registry;
  const settings = {
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_REGISTRY_REGION: registry.region,
    DISCOVERY_SNAPSHOT_BUCKET: bucket.bucketName,
    ...(prefix && { DISCOVERY_SNAPSHOT_PREFIX: prefix }),
    ...(replicas.length > 0 && {
      DISCOVERY_SNAPSHOT_REPLICAS: replicas.map(({ region, bucketName }) => `${region}=${bucketName}`).join(','),
    }),
    ...(key && { DISCOVERY_SNAPSHOT_KEY: key.keyArn }),
    DISCOVERY_LIFETIME_SECONDS: String(lifetime.toSeconds()),
    ...(catalog && { DISCOVERY_CATALOG: JSON.stringify(catalog) }),
    ...(!openStages.includes('*') && { DISCOVERY_OPEN_STAGES: openStages.join(',') }),
  };
  checkSettings(scope, {
    settings,
    read: (env) => readPublisherSettings({ AWS_REGION: 'eu-west-1', ...env }),
    options: {
      DISCOVERY_SNAPSHOT_PREFIX: 'prefix',
      DISCOVERY_SNAPSHOT_REPLICAS: 'replicas',
      DISCOVERY_LIFETIME_SECONDS: 'lifetime',
      DISCOVERY_CATALOG: 'catalog',
    },
    standIns: { DISCOVERY_REGISTRY_URL: 'https://known-when-deployed.example/graphql' },
  });
  return settings;
}
