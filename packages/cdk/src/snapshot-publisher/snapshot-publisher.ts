import { Duration, RemovalPolicy, Stack, type CustomResource } from 'aws-cdk-lib';
import type { IDistribution, IKeyValueStore } from 'aws-cdk-lib/aws-cloudfront';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Grant, Policy, type IGrantable, type IResourceWithPolicy, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, StartingPosition, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { findPublisherBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import type { SnapshotConfig, TrustedKey } from '@amplify-discovery/core';
import { nameReplicaBucket } from '../organization/name-replica-bucket.ts';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { acknowledgeStream, endpointsOnly } from '../synthesis/table-stream.ts';
import { allowPublishing } from './allow-publishing.ts';
import { announceSnapshots } from './announce-snapshots.ts';
import { describePublisher } from './describe-publisher.ts';
import { createFailureQueue } from '../synthesis/failure-queue.ts';
import { createSigningKey } from './signing-key.ts';
import { createSnapshotBucket } from './snapshot-bucket.ts';
import { createSnapshotDistribution } from './snapshot-distribution.ts';
import { createSnapshotPublication } from './snapshot-publication.ts';
import type { SnapshotCatalogProps, SnapshotPublisherProps } from './snapshot-publisher-props.ts';
import { listTrustedKeys } from './trusted-keys.ts';

/**
 * Publishes each stage of a registry as two objects in S3 whenever it changes: `{stage}.json` with everything, for who may
 * `grantRead`, and `{stage}.public.json` with what is marked public. Readers survive an outage of the registry.
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
  /** Before the keys of the objects: empty, or folders that end with a slash. */
  readonly prefix: string;
  /** Undefined when snapshots are not signed. */
  readonly key: IKey | undefined;
  readonly distribution: IDistribution | undefined;
  readonly function: LambdaFunction;
  /** Where batches end that could not be published: shard and positions, not the records. */
  readonly failures: Queue;
  /** For readers with IAM, with `{stage}` in it. */
  readonly url: string;
  /** For everyone, with `{stage}` in it; undefined without a distribution. */
  readonly publicUrl: string | undefined;
  /** Where the catalog files are: `https://api.example.com`; undefined without a catalog. */
  readonly catalogUrl: string | undefined;
  /** The public keys that snapshots are verified with, as tokens: the signing one first. Empty when nothing is signed. */
  readonly trustedKeys: readonly TrustedKey[];
  /** The public URL with its keys, for apps; undefined without a distribution. */
  readonly snapshot: SnapshotConfig | undefined;

  readonly #objects: string;
  readonly #role: Role;
  readonly #publication: CustomResource;
  readonly #settings: Record<string, string>;

  constructor(scope: Construct, id: string, props: SnapshotPublisherProps) {
    super(scope, id);
    const { registry, prefix = '', distribution = false, removalPolicy = RemovalPolicy.RETAIN, signed = true } = props;
    if (props.key && !signed) refuseConstruct(this, 'key: nothing is signed when signed is false');
    const { apiArn, table: { tableArn, tableStreamArn } = {} } = registry;
    if (apiArn === undefined || tableArn === undefined || tableStreamArn === undefined)
      refuseConstruct(this, 'registry: join it with its apiArn and its table, whose stream says what changes');
    if (registry.name !== undefined && registry.snapshot !== undefined && distribution !== false)
      refuseConstruct(
        this,
        'registry: it announces its own snapshots under its name; give it `publish: false, auditLog: false` or options there',
      );
    const historyDays = (props.history ?? Duration.days(365)).toDays();
    const bucket = props.bucket ?? createSnapshotBucket(this, 'Bucket', { removalPolicy, historyDays });
    this.bucket = bucket as IBucket;
    this.prefix = prefix;
    const key = signed ? (props.key ?? createSigningKey(this, 'Key', removalPolicy)) : undefined;
    this.key = key;
    this.failures = createFailureQueue(this, 'Failures');
    const keys = listTrustedKeys(this, key, props.alsoTrusted ?? []);
    this.#objects = this.bucket.arnForObjects(`${prefix}*.json`);
    const replicas = (props.replicas ?? []).map((region) => {
      const { account, partition } = Stack.of(this);
      const bucketName = nameReplicaBucket(this, { registryName: registry.name, account, region });
      return { region, bucketName, bucketArn: `arn:${partition}:s3:::${bucketName}` };
    });
    if (distribution !== false) {
      const given = distribution === true ? {} : distribution;
      const isExisting = 'distributionId' in given;
      this.distribution = isExisting
        ? given
        : createSnapshotDistribution(this, 'Distribution', {
            bucket,
            pattern: `${prefix}*.public.json`,
            catalogFolder: props.catalog && `${prefix}catalog`,
            options: given,
            replica: replicas[0],
            removalPolicy,
          });
      const ownName = isExisting ? undefined : given.domainNames?.[0];
      const origin = `https://${ownName ?? this.distribution.distributionDomainName}`;
      this.publicUrl = `${origin}/${prefix}{stage}.public.json`;
      this.catalogUrl = props.catalog && findCatalogUrl(this, props.catalog, isExisting ? undefined : origin);
    } else if (props.catalog) {
      refuseConstruct(this, 'catalog: it is served by the distribution, and there is none');
    }
    const catalog = props.catalog && { stage: props.catalog.stage, url: this.catalogUrl ?? '' };
    this.#settings = describePublisher(this, props, { bucket: this.bucket, key, replicas, catalog });

    const catalogObjects = props.catalog && this.bucket.arnForObjects(`${prefix}catalog/*`);
    const { failures } = this;
    const deployed = createDiscoveryFunction(this, {
      runtime: props.runtime,
      logRetention: props.logRetention,
      tracing: props.tracing,
      description: 'Publishes snapshots of the service registry',
      bundle: findPublisherBundle(),
      handler: 'publisher.handler',
      memorySize: 256,
      timeout: Duration.minutes(1),
      environment: this.#settings,
      statements: allowPublishing({
        apiArn,
        table: { tableArn, tableStreamArn },
        bucket,
        objects: [this.#objects, ...(catalogObjects === undefined ? [] : [catalogObjects])],
        replicas,
        prefix,
        key,
        trustedKeys: keys,
        failures,
      }),
      policyName: 'publisher',
    });
    this.function = deployed.function;
    this.#role = deployed.role;
    acknowledgeStream(this.#role, { tableArn, tableStreamArn });
    for (const { bucketArn } of replicas)
      acknowledgeWildcard(this.#role, `${bucketArn}/${prefix}*.json`, 'The same for the objects of a replica.');
    acknowledgeWildcard(this.#role, this.#objects, 'Each stage has objects of its own, and stages come and go.');
    if (catalogObjects !== undefined) acknowledgeWildcard(this.#role, catalogObjects, 'The files of the catalog.');

    this.url = `https://${bucket.bucketName}.s3.${Stack.of(this).region}.amazonaws.com/${prefix}{stage}.json`;
    const publication = createSnapshotPublication(this, 'Publication', {
      publisher: this.function,
      keys,
      settings: () => this.#settings,
    });
    this.#publication = publication.resource;
    // The API's resolvers answer what is published.
    this.#publication.node.addDependency(this.#role, ...(registry.api ? [registry.api] : []));
    this.#listen(tableStreamArn, props);
    const { trustedKeys, trustedKeysText } = publication;
    this.trustedKeys = trustedKeys;
    this.snapshot = this.publicUrl === undefined ? undefined : { url: this.publicUrl, ...(key && { trustedKeys }) };
    announceSnapshots(this, {
      bucketName: bucket.bucketName,
      url: this.url,
      publicUrl: this.publicUrl,
      keyArn: key?.keyArn,
      trustedKeys: key && trustedKeysText,
      registryName: registry.name,
    });
  }

  /**
   * Lets the grantee read the full snapshots and their history, and fetch the public key that they are verified with. An
   * account as grantee is named in the bucket's policy, and takes the key from `trustedKeys`.
   */
  grantRead(grantee: IGrantable): Grant {
    const { key, bucket } = this;
    const { encryptionKey } = bucket;
    // In the policy of bucket or key where the grantee is an account.
    const allowOn = (resource: IResourceWithPolicy, actions: string[], arn: string) =>
      Grant.addToPrincipalOrResource({ grantee, actions, resourceArns: [arn], resource });
    const onKey = (signing: IKey) =>
      Grant.addToPrincipal({ grantee, actions: ['kms:GetPublicKey'], resourceArns: [signing.keyArn] });
    const grants = [
      allowOn(bucket, ['s3:GetObject', 's3:GetObjectVersion'], this.#objects),
      allowOn(bucket, ['s3:ListBucket', 's3:ListBucketVersions'], bucket.bucketArn),
      ...(key ? [onKey(key)] : []),
      ...(encryptionKey ? [encryptionKey.grantDecrypt(grantee)] : []),
    ];
    return grants.reduce((all, grant) => all.combine(grant));
  }

  /**
   * Has the publisher keep the store of an edge in step with the registry, by the settings of `DISCOVERY_EDGE`. An
   * `EdgeRouter` calls it. The first publication of a deployment waits until the store may be written.
   *
   * @throws DiscoveryError `InvalidOptions` for a second edge.
   */
  addEdge(store: IKeyValueStore, settings: object): void {
    if (this.#settings.DISCOVERY_EDGE !== undefined)
      refuseConstruct(this, 'it keeps an edge in step already; another edge needs a publisher of its own');
    const { keyValueStoreArn } = store;
    const actions = ['DescribeKeyValueStore', 'ListKeys', 'UpdateKeys'].map(
      (name) => `cloudfront-keyvaluestore:${name}`,
    );
    const policy = new Policy(this, 'Edge', { roles: [this.#role], statements: [allow(actions, keyValueStoreArn)] });
    const edge = Stack.of(this).toJsonString({ store: keyValueStoreArn, ...settings });
    this.#settings.DISCOVERY_EDGE = edge;
    this.function.addEnvironment('DISCOVERY_EDGE', edge);
    this.#publication.node.addDependency(policy);
  }

  /**
   * The table's stream, and the schedule that renews what does not change. The stream waits for the publication: Lambda
   * refuses it while the role's permissions are on their way, and once something was published they have arrived. It starts
   * with the oldest change, so none is missed.
   */
  #listen(streamArn: string, props: SnapshotPublisherProps): void {
    const { failures } = this;
    const stream = new EventSourceMapping(this, 'Stream', {
      target: this.function,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: props.batchingWindow ?? Duration.seconds(2),
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      maxRecordAge: props.maxRecordAge ?? Duration.hours(1),
      retryAttempts: props.retryAttempts ?? 100,
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
      filters: [endpointsOnly],
    });
    stream.node.addDependency(this.#publication);
    new Rule(this, 'Check', {
      description: 'Renews snapshots of the service registry',
      schedule: Schedule.rate(props.checkEvery ?? Duration.hours(1)),
      targets: [new FunctionTarget(this.function, { maxEventAge: Duration.minutes(30), retryAttempts: 2 })],
    });
  }
}

function findCatalogUrl(scope: Construct, { url }: SnapshotCatalogProps, origin: string | undefined): string {
  return (
    url ??
    origin ??
    refuseConstruct(scope, 'catalog.url: say where the distribution that is there already serves the files')
  );
}
