import { CustomResource, Duration, Lazy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IDependable } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkSigningKey } from './signing-key.ts';
import type { SnapshotKey } from '../service-registry/snapshot-location.ts';

export interface SnapshotPublicationOptions {
  readonly publisher: LambdaFunction;
  /** The keys that readers trust, the signing one first. */
  readonly keys: readonly IKey[];
  /** What the publisher needs besides its function. */
  readonly dependencies: readonly IDependable[];
}

/** What a deployment finds out by publishing. */
export interface SnapshotPublication {
  readonly trustedKeys: readonly SnapshotKey[];
  /** The same as JSON text. */
  readonly trustedKeysText: string;
}

/** As many as the answer to CloudFormation has room for. */
const maximumKeys = 5;

/**
 * The keys that readers trust: the signing one first, each once.
 *
 * @throws DiscoveryError `InvalidOptions` for keys that can't sign, or too many.
 */
export function listTrustedKeys(
  scope: Construct,
  key: IKey | undefined,
  alsoTrusted: readonly IKey[],
): readonly IKey[] {
  if (!key && alsoTrusted.length > 0) refuseConstruct(scope, 'alsoTrusted: nothing is signed when signed is false');
  for (const trusted of alsoTrusted) checkSigningKey(scope, trusted, 'alsoTrusted');
  const byArn = new Map([...(key ? [key] : []), ...alsoTrusted].map((trusted) => [trusted.keyArn, trusted]));
  if (byArn.size > maximumKeys)
    refuseConstruct(scope, `alsoTrusted: at most ${maximumKeys - 1} keys besides the one that signs`);
  return [...byArn.values()];
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
  { publisher, keys, dependencies }: SnapshotPublicationOptions,
): SnapshotPublication {
  const { environment } = publisher.node.defaultChild as CfnFunction;
  const resource = new CustomResource(scope, id, {
    resourceType: 'Custom::SnapshotPublication',
    serviceToken: publisher.functionArn,
    serviceTimeout: Duration.minutes(5),
    properties: {
      ...(keys.length > 0 && { Keys: keys.map(({ keyArn }) => keyArn) }),
      // Nothing but a reason to publish again when they change.
      Settings: Lazy.uncachedAny({
        produce: (context) => (context.resolve(environment) as { variables: unknown }).variables,
      }),
    },
  });
  resource.node.addDependency(...dependencies);
  const trustedKeys = keys.map((_, index) => ({
    kid: resource.getAttString(`Kid${index}`),
    kty: 'EC' as const,
    crv: 'P-256' as const,
    x: resource.getAttString(`X${index}`),
    y: resource.getAttString(`Y${index}`),
  }));
  return { trustedKeys, trustedKeysText: resource.getAttString('TrustedKeys') };
}
