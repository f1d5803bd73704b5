import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { RegistryReference } from '../service-registry/registry-reference.ts';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

/** `runtime`, `logRetention` and `tracing` are those of the function that writes the log. */
export interface AuditLogProps extends DiscoveryFunctionOptions {
  /** The registry whose changes are logged: one with a table, in the same region. */
  readonly registry: RegistryReference;
  /**
   * Where the entries go. What becomes of them there is yours to say: `retention`, `lock` and `removalPolicy` are those of a new
   * bucket.
   *
   * @default a new one: private, encrypted, TLS only, in which nothing can be replaced or deleted before its time.
   */
  readonly bucket?: IBucket | Bucket | undefined;
  /**
   * Before every object's key: `discovery/`.
   *
   * @default ''
   */
  readonly prefix?: string | undefined;
  /**
   * How long an entry is kept.
   *
   * @default Duration.days(400)
   */
  readonly retention?: Duration | undefined;
  /**
   * S3 Object Lock for that time: with `compliance` nobody can delete an entry, the account's root user neither; with
   * `governance` whoever has `s3:BypassGovernanceRetention` can. It can't be switched off again.
   *
   * @default none: the bucket's policy alone forbids to delete, and who may change the policy may delete.
   */
  readonly lock?: 'governance' | 'compliance' | undefined;
  /**
   * How long a change that can't be written is retried, before it goes to `failures`. The stream itself forgets it after a day.
   *
   * @default Duration.hours(12)
   */
  readonly maxRecordAge?: Duration | undefined;
  /**
   * What becomes of the new bucket when the log is removed. With `DESTROY` entries can be deleted at any time.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}
