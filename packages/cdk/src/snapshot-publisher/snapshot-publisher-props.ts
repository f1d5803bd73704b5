import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { RegistryReference } from '../service-registry/registry-reference.ts';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';
import type { DistributionOptions } from '../synthesis/distribution-options.ts';

/** `runtime`, `logRetention` and `tracing` are those of the publisher's function. */
export interface SnapshotPublisherProps extends DiscoveryFunctionOptions {
  /** The registry whose stages are published: one with a table, in the same region. */
  readonly registry: RegistryReference;
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
   * Regions in which a `SnapshotReplica` of the registry's name is deployed. Each gets the same objects, and the distribution reads
   * them there while the bucket is away.
   *
   * @default none
   */
  readonly replicas?: readonly string[] | undefined;
  /**
   * Whether snapshots are signed. Readers that have the public key then accept nothing else.
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
   * Keys that readers trust besides, at most four: the next one some time before it signs, and the previous one until every
   * app has been built anew.
   *
   * @default none
   */
  readonly alsoTrusted?: readonly IKey[] | undefined;
  /**
   * CloudFront in front of the public snapshots, and of them alone. With `domainNames` and `certificate` apps are given the first
   * of those names. A distribution that is there already, as after the loss of a registry, has to have the bucket behind it.
   *
   * @default false
   */
  readonly distribution?: boolean | DistributionOptions | IDistribution | undefined;
  /**
   * Catalog files of one stage at the root of the distribution's host: `/.well-known/api-catalog` (RFC 9727) and `/v0.1/servers`,
   * the list of an MCP registry. They show what the public snapshot of the stage shows.
   *
   * @default none: crawlers look for these files, so that a stage is in one is for its owner to say
   */
  readonly catalog?: SnapshotCatalogProps | undefined;
  /**
   * How long a snapshot is valid: how long it can be replayed, and how long the publisher may be down.
   *
   * @default Duration.days(7)
   */
  readonly lifetime?: Duration | undefined;
  /**
   * How often all stages are published beside the stream's changes: to renew those in which nothing changes, and to repair
   * what a batch that failed for good has missed.
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
   * How long a change that can't be published is retried, before it goes to `failures`. Changes of other stages may wait
   * behind it.
   *
   * @default Duration.hours(1)
   */
  readonly maxRecordAge?: Duration | undefined;
  /**
   * How often it is retried within that time.
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
   * What becomes of the new bucket, the new key and the new distribution when the publisher is removed. With `RETAIN` apps go on
   * reading what was published last, for as long as it is valid.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

export interface SnapshotCatalogProps {
  /** The stage that is shown. */
  readonly stage: string;
  /**
   * Where the files are served. Needed with a distribution that is there already, which has to have the bucket's
   * `{prefix}catalog/` at its root.
   *
   * @default 'https://' and the first of the distribution's `domainNames`, or CloudFront's name for it
   */
  readonly url?: string | undefined;
}
