import type { EndpointKind } from '@amplify-discovery/core';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  EventSourceMapping,
  Function as LambdaFunction,
  Runtime,
  StartingPosition,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { findPublisherBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { describePublisher } from './describe-publisher.ts';
import type { DistributionOptions } from '../synthesis/distribution-options.ts';
import { createFailureQueue } from './failure-queue.ts';
import { createPublisherRole } from './publisher-role.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { RegistrarOptions } from '../registrar/registrar.ts';
import type { ServiceRegistry } from '../service-registry/service-registry.ts';
import { createSigningKey } from './signing-key.ts';
import { createSnapshotBucket } from './snapshot-bucket.ts';
import { createSnapshotDistribution } from './snapshot-distribution.ts';
import type { SnapshotKey, SnapshotLocation } from '../service-registry/snapshot-location.ts';
import { createSnapshotPublication, listTrustedKeys } from './snapshot-publication.ts';
import { tellSnapshots } from './tell-snapshots.ts';

/** `runtime`, `logRetention` and `tracing` are those of the publisher's function. */
export interface SnapshotPublisherProps extends RegistrarOptions {
  /** The registry whose stages are published. Its table is in the same region. */
  readonly registry: ServiceRegistry;
  /**
   * Where the objects go.
   *
   * @default a new one: private, encrypted, TLS only, with versions, which are a stage's history.
   */
  readonly bucket?: IBucket | Bucket | undefined;
  /**
   * Before every object's key: `discovery/`.
   *
   * @default ''
   */
  readonly prefix?: string | undefined;
  /**
   * Whether snapshots are signed. Readers that are told the public key then accept nothing else.
   *
   * @default true
   */
  readonly signed?: boolean | undefined;
  /**
   * The KMS key that signs: ECC_NIST_P256 for SIGN_VERIFY, in the same region.
   *
   * @default a new one
   */
  readonly key?: IKey | undefined;
  /**
   * Keys that readers are to trust besides, at most four: the next one some time before it signs, and the one before until
   * every app has been built anew.
   *
   * @default none
   */
  readonly alsoTrusted?: readonly IKey[] | undefined;
  /**
   * CloudFront in front of the public snapshots, and of them alone.
   *
   * @default false
   */
  readonly distribution?: boolean | DistributionOptions | undefined;
  /**
   * Services that are public without being registered with `metadata: { public: 'true' }`.
   *
   * @default none
   */
  readonly publicServices?: readonly string[] | undefined;
  /**
   * The kinds that can be public.
   *
   * @default those that have a URL: rest, http, graphql, events, websocket.
   */
  readonly publicKinds?: readonly EndpointKind[] | undefined;
  /**
   * How long a snapshot is valid: so long can it be replayed, and so long may the publisher be out of order.
   *
   * @default Duration.days(7)
   */
  readonly lifetime?: Duration | undefined;
  /**
   * How often all stages are looked at beside the stream: the first time of stages that are there already, the renewal
   * of those in which nothing changes, and what a batch that failed for good has missed.
   *
   * @default Duration.hours(1)
   */
  readonly checkEvery?: Duration | undefined;
  /**
   * How long changes are collected before they are published together.
   *
   * @default Duration.seconds(2)
   */
  readonly batchingWindow?: Duration | undefined;
  /**
   * How long a change that can't be published is tried again, before it goes to `failures`. Changes of other stages may
   * wait behind it.
   *
   * @default Duration.hours(1)
   */
  readonly maxRecordAge?: Duration | undefined;
  /**
   * How often it is tried again within that time.
   *
   * @default 100
   */
  readonly retryAttempts?: number | undefined;
  /**
   * How long versions are kept in the new bucket after they were replaced.
   *
   * @default Duration.days(365)
   */
  readonly history?: Duration | undefined;
  /**
   * What becomes of the new bucket and the new key when the publisher is removed.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

/**
 * Publishes each stage of a registry as two objects in S3 whenever it changes: `{stage}.json` with everything, for who may
 * `grantRead`, and `{stage}.public.json` with what is marked public. An outage of the registry is not one of its readers.
 * A deployment publishes all stages at once, and fails when that fails for the first time.
 *
 * @example
 * ```ts
 * const publisher = new SnapshotPublisher(stack, 'Snapshots', { registry, distribution: true });
 * publisher.grantRead(role);
 * ```
 */
export class SnapshotPublisher extends Construct {
  readonly bucket: IBucket;
  /** Undefined when snapshots are not signed. */
  readonly key: IKey | undefined;
  readonly distribution: Distribution | undefined;
  readonly function: LambdaFunction;
  /** Where batches end that could not be published: shard and positions, not the records. */
  readonly failures: Queue;
  /** For readers with IAM, with `{stage}` in it. */
  readonly url: string;
  /** For everyone, with `{stage}` in it; undefined without a distribution. */
  readonly publicUrl: string | undefined;
  /** The public keys that snapshots are verified with, as tokens: the signing one first. Empty when nothing is signed. */
  readonly trustedKeys: readonly SnapshotKey[];
  /** The public URL with its keys, for apps; undefined without a distribution. */
  readonly snapshot: SnapshotLocation | undefined;

  readonly #objects: string;

  constructor(scope: Construct, id: string, props: SnapshotPublisherProps) {
    super(scope, id);
    if (props.key && props.signed === false) refuseConstruct(this, 'key: nothing is signed when signed is false');
    const { registry, prefix = '', distribution = false, removalPolicy = RemovalPolicy.RETAIN } = props;
    const { logRetention = RetentionDays.ONE_MONTH, tracing = false, signed = true } = props;
    const historyDays = (props.history ?? Duration.days(365)).toDays();
    const bucket = props.bucket ?? createSnapshotBucket(this, 'Bucket', { removalPolicy, historyDays });
    this.bucket = bucket as IBucket;
    this.key = signed ? (props.key ?? createSigningKey(this, 'Key', removalPolicy)) : undefined;
    this.failures = createFailureQueue(this, 'Failures');
    const pattern = `${prefix}*.json`;
    this.#objects = this.bucket.arnForObjects(pattern);

    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const { key, failures } = this;
    const keys = listTrustedKeys(this, key, props.alsoTrusted ?? []);
    const { apiArn, table } = registry;
    const role = createPublisherRole(this, 'Role', {
      apiArn,
      table,
      bucket,
      pattern,
      key,
      trustedKeys: keys,
      failures,
      logGroup,
      tracing,
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Publishes snapshots of the service registry',
      runtime: props.runtime ?? Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'publisher.handler',
      code: Code.fromAsset(findPublisherBundle()),
      role: role.withoutPolicyUpdates(),
      logGroup,
      memorySize: 256,
      timeout: Duration.minutes(1),
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: describePublisher(this, props, this),
    });
    const stream = this.#listen(props);

    this.url = `https://${bucket.bucketName}.s3.${Stack.of(this).region}.amazonaws.com/${prefix}{stage}.json`;
    if (distribution !== false) {
      const options = distribution === true ? {} : distribution;
      const publicPattern = `${prefix}*.public.json`;
      this.distribution = createSnapshotDistribution(this, 'Distribution', { bucket, pattern: publicPattern, options });
      const domain = options.domainNames?.[0] ?? this.distribution.distributionDomainName;
      this.publicUrl = `https://${domain}/${prefix}{stage}.public.json`;
    }
    const publication = createSnapshotPublication(this, 'Publication', {
      publisher: this.function,
      keys,
      // The API's resolvers answer what is published; what changes from now on is in the stream.
      dependencies: [role, stream, registry.api],
    });
    const { trustedKeys, trustedKeysText } = publication;
    this.trustedKeys = trustedKeys;
    this.snapshot = this.publicUrl === undefined ? undefined : { url: this.publicUrl, ...(key && { trustedKeys }) };
    tellSnapshots(this, registry.name, key && trustedKeysText);
  }

  /** Lets the grantee read the full snapshots and their history, and fetch the public key that they are verified with. */
  grantRead(grantee: IGrantable): Grant {
    const { key, bucket } = this;
    const { encryptionKey } = bucket;
    const grants = [
      Grant.addToPrincipal({
        grantee,
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resourceArns: [this.#objects],
      }),
      Grant.addToPrincipal({
        grantee,
        actions: ['s3:ListBucket', 's3:ListBucketVersions'],
        resourceArns: [bucket.bucketArn],
      }),
      ...(key ? [Grant.addToPrincipal({ grantee, actions: ['kms:GetPublicKey'], resourceArns: [key.keyArn] })] : []),
      ...(encryptionKey ? [encryptionKey.grantDecrypt(grantee)] : []),
    ];
    return grants.reduce((all, grant) => all.combine(grant));
  }

  #listen(props: SnapshotPublisherProps): EventSourceMapping {
    const { failures } = this;
    const stream = new EventSourceMapping(this, 'Stream', {
      target: this.function,
      eventSourceArn: props.registry.table.tableStreamArn as string,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: props.batchingWindow ?? Duration.seconds(2),
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      maxRecordAge: props.maxRecordAge ?? Duration.hours(1),
      retryAttempts: props.retryAttempts ?? 100,
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
    });
    new Rule(this, 'Check', {
      description: 'Renews snapshots of the service registry',
      schedule: Schedule.rate(props.checkEvery ?? Duration.hours(1)),
      targets: [new FunctionTarget(this.function, { maxEventAge: Duration.minutes(30), retryAttempts: 2 })],
    });
    return stream;
  }
}
