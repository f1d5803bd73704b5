import { isName } from '@amplify-discovery/core';
import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkSigningKey } from './signing-key.ts';
import type { SnapshotPublisherProps } from './snapshot-publisher-props.ts';

/**
 * The publisher's environment, as its README has it.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function describePublisher(
  scope: Construct,
  props: Omit<SnapshotPublisherProps, 'bucket' | 'key'>,
  { bucket, key }: { readonly bucket: IBucket; readonly key: IKey | undefined },
): Record<string, string> {
  const { registry, prefix = '', publicServices = [], publicKinds } = props;
  const { lifetime = Duration.days(7), checkEvery = Duration.hours(1) } = props;
  if (!/^([A-Za-z0-9][A-Za-z0-9._-]*\/)*$/.test(prefix))
    refuseConstruct(
      scope,
      `prefix: "${prefix}" is not like "discovery/", with a slash at its end and none at its start`,
    );
  const malformed = publicServices.find((service) => !isName(service));
  if (malformed !== undefined) refuseConstruct(scope, `publicServices: "${malformed}" is no service name`);
  // A snapshot is renewed by the first check after half of its life.
  if (checkEvery.toSeconds() * 2 > lifetime.toSeconds()) {
    refuseConstruct(
      scope,
      `checkEvery: ${checkEvery.toHumanString()} must be at most half of the lifetime, ${lifetime.toHumanString()}, or snapshots expire`,
    );
  }
  if (key) checkSigningKey(scope, key);
  return {
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_REGISTRY_REGION: registry.region,
    DISCOVERY_SNAPSHOT_BUCKET: bucket.bucketName,
    ...(prefix && { DISCOVERY_SNAPSHOT_PREFIX: prefix }),
    ...(key && { DISCOVERY_SNAPSHOT_KEY: key.keyArn }),
    DISCOVERY_LIFETIME_SECONDS: String(lifetime.toSeconds()),
    ...(publicKinds && { DISCOVERY_PUBLIC_KINDS: publicKinds.join(',') }),
    ...(publicServices.length > 0 && { DISCOVERY_PUBLIC_SERVICES: publicServices.join(',') }),
  };
}
