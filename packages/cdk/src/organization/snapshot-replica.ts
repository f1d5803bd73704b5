import { Aws, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, PolicyStatement, ServicePrincipal, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { createSnapshotBucket } from '../snapshot-publisher/snapshot-bucket.ts';
import { nameReplicaBucket } from './name-replica-bucket.ts';

export interface SnapshotReplicaProps {
  /** The `name` of the registry, which is in another region of the same account. */
  readonly name: string;
  /**
   * The `prefix` of its publisher.
   *
   * @default ''
   */
  readonly prefix?: string | undefined;
  /**
   * How long versions are kept after they were replaced.
   *
   * @default Duration.days(365)
   */
  readonly history?: Duration | undefined;
  /**
   * What becomes of the bucket when the replica is removed.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

/**
 * A bucket with a registry's snapshots in a second region. Deploy it first; then the publisher, which names the region in
 * `replicas`, keeps it the same and has its distribution read it while the first region is away.
 *
 * @example
 * ```ts
 * new SnapshotReplica(stack, 'Replica', { name: 'default' });
 * ```
 */
export class SnapshotReplica extends Construct {
  readonly bucket: Bucket;
  /** For readers with IAM, with `{stage}` in it. */
  readonly url: string;

  readonly #objects: string;

  constructor(scope: Construct, id: string, props: SnapshotReplicaProps) {
    super(scope, id);
    const { name, prefix = '', history = Duration.days(365), removalPolicy = RemovalPolicy.RETAIN } = props;
    const { account, region } = Stack.of(this);
    this.bucket = createSnapshotBucket(this, 'Bucket', {
      bucketName: nameReplicaBucket(this, { registryName: name, account, region }),
      historyDays: history.toDays(),
      removalPolicy,
    });
    this.#objects = this.bucket.arnForObjects(`${prefix}*.json`);
    // The distribution is of another region's stack, which is deployed after this one.
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects(`${prefix}*.public.json`)],
        conditions: { StringEquals: { 'AWS:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    this.url = `https://${this.bucket.bucketName}.s3.${region}.amazonaws.com/${prefix}{stage}.json`;
    new CfnOutput(this, 'SnapshotUrl', { value: this.url, description: 'Full snapshots, for readers with IAM' });
  }

  /** Lets the grantee, a role or an account, read the full snapshots. */
  grantRead(grantee: IGrantable): Grant {
    const { bucket } = this;
    const allow = (actions: string[], arn: string) =>
      Grant.addToPrincipalOrResource({ grantee, actions, resourceArns: [arn], resource: bucket });
    return allow(['s3:GetObject', 's3:GetObjectVersion'], this.#objects).combine(
      allow(['s3:ListBucket', 's3:ListBucketVersions'], bucket.bucketArn),
    );
  }
}
