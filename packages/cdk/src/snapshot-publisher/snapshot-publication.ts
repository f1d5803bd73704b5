import { CustomResource, Duration, Lazy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { TrustedKey } from '@amplify-discovery/core';

export interface SnapshotPublicationOptions {
  readonly publisher: LambdaFunction;
  /** The keys that readers trust, the signing one first. */
  readonly keys: readonly IKey[];
  /** The publisher's environment, read when the template is written. */
  readonly settings: () => Readonly<Record<string, string>>;
}

/** What a deployment finds out by publishing. */
export interface SnapshotPublication {
  readonly resource: CustomResource;
  readonly trustedKeys: readonly TrustedKey[];
  /** The same as JSON text. */
  readonly trustedKeysText: string;
}

/**
 * Has everything published when it is deployed, and again after each change of the publisher's settings or keys.
 *
 * Lambda may deliver an event again: a publication is the same however often it is done, and never older than what is there.
 * So the function keeps Lambda's retries, for whose second attempt the timeout has room.
 */
export function createSnapshotPublication(
  scope: Construct,
  id: string,
  { publisher, keys, settings }: SnapshotPublicationOptions,
): SnapshotPublication {
  const resource = new CustomResource(scope, id, {
    resourceType: 'Custom::SnapshotPublication',
    serviceToken: publisher.functionArn,
    serviceTimeout: Duration.minutes(5),
    properties: {
      ...(keys.length > 0 && { Keys: keys.map(({ keyArn }) => keyArn) }),
      // Forces a new publication when they change.
      Settings: Lazy.any({ produce: settings }),
    },
  });
  const trustedKeys = keys.map((_, index) => ({
    kid: resource.getAttString(`Kid${index}`),
    kty: 'EC' as const,
    crv: 'P-256' as const,
    x: resource.getAttString(`X${index}`),
    y: resource.getAttString(`Y${index}`),
  }));
  return { resource, trustedKeys, trustedKeysText: resource.getAttString('TrustedKeys') };
}
