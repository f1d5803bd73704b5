import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { AuditLogProps } from '../audit-log/audit-log-props.ts';
import type { ApiKeyOptions } from '../api-keys/api-key-options.ts';
import type { RateLimitOptions } from '../rate-limit/rate-limit.ts';
import type { SnapshotPublisherProps } from '../snapshot-publisher/snapshot-publisher-props.ts';
import type { ExistingRegistryApi } from './registry-api.ts';
import type { RegistryDomain } from './registry-domain.ts';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

/** `runtime` is that of all its functions; `logRetention` and `tracing` are those of the functions and of the API. */
export interface ServiceRegistryProps extends DiscoveryFunctionOptions {
  /**
   * Publishes URL, API ARN, service token and API key as SSM parameters `/amplify-discovery/{name}/…`, from which
   * `ServiceRegistry.fromLookup` takes them, and names the registrar `discovery-registrar-{name}`, so that the ServiceToken of
   * deployed stacks is the same again when the registry was lost and is built anew. Once per account and region.
   *
   * @default none: nothing is published, and CloudFormation makes up the registrar's name.
   */
  readonly name?: string | undefined;
  /**
   * The name of the registrar's function, of which stacks of other accounts make their token: see `DiscoveryOrganization`. Once
   * per account and region.
   *
   * @default discovery-registrar-{name} where that can be a function's name, else CloudFormation makes one up
   */
  readonly registrarName?: string | undefined;
  /**
   * Lets apps read public records with an API key, which a function keeps alive from day to day, and each deployment for at least
   * 334 days.
   *
   * @default false
   */
  readonly apiKey?: boolean | ApiKeyOptions | undefined;
  /**
   * How many requests with an API key one IP address may send. Behind it stands AWS WAF, which costs about 6 dollars a month
   * and 0.60 for a million requests.
   *
   * @default no limit
   */
  readonly rateLimit?: RateLimitOptions | undefined;
  /**
   * The stages whose public records everyone may read, with an API key and in the public snapshot: names, or patterns in which
   * `*` stands for any text.
   *
   * @default ['*']
   */
  readonly openStages?: readonly string[] | undefined;
  /**
   * Lets the signed-in users of the pool read.
   *
   * @default none
   */
  readonly userPool?: IUserPool | undefined;
  /**
   * The stage of registrations that name none.
   *
   * @default the context value `amplify-discovery:stage`, then the environment of Amplify Gen 2.
   */
  readonly defaultStage?: string | undefined;
  /**
   * The roles of registrars in other regions or accounts: `roleArn` of a `Registrar`, or patterns such as
   * `arn:aws:iam::111122223333:role/registrar-*`. The registry believes them which stack they write for; to every other caller
   * belongs what its own role has registered. AppSync takes 512 characters of them.
   *
   * @default only the registry's own registrar
   */
  readonly registrars?: readonly string[] | undefined;
  /**
   * Publishes snapshots of the registry: with everything in S3, and what is marked public behind CloudFront, where apps read it
   * before they ask the registry. Takes the options of `SnapshotPublisher`, which has a distribution here by default.
   *
   * @default true
   */
  readonly publish?: boolean | Omit<SnapshotPublisherProps, 'registry'> | undefined;
  /**
   * Announces changes to apps with `live: true` where `publish` is false: otherwise the publisher does, once a change can be read
   * everywhere.
   *
   * @default false
   */
  readonly announce?: boolean | undefined;
  /**
   * Logs every change in a bucket that is only appended to, which costs about a cent for a thousand changes. Takes the options of
   * `AuditLog`.
   *
   * @default true
   */
  readonly auditLog?: boolean | Omit<AuditLogProps, 'registry'> | undefined;
  /**
   * A table that is there already: one that was restored, or that a lost registry left behind. Its stream has new and old images.
   *
   * @default a new one
   */
  readonly table?: ITable | Table | undefined;
  /**
   * The AppSync API that a lost registry left behind. Apps go on with the URL and the key that they have; schema and resolvers are
   * deployed anew. Its settings stay as they were: authorization, logging, and the environment variables that `openStages` and
   * `registrars` stand in. The output `ApiEnvironment` says what those should be.
   *
   * @default a new one
   */
  readonly api?: ExistingRegistryApi | undefined;
  /**
   * Whether the registry refuses to be read, because what it holds is still to be restored: readers go on with what they have, where
   * they would take a stage that is half there for the whole. It can be written and restored.
   *
   * @default false
   */
  readonly restoring?: boolean | undefined;
  /**
   * A domain of your own, which apps, registrars and other stacks are then given instead of AppSync's: their URL stays the same
   * when another API has to take over.
   *
   * @default none
   */
  readonly domain?: RegistryDomain | undefined;
  /**
   * What becomes of what others hold when the registry is removed: of the table, of the API with its URL and key, of the domain
   * name, and of the publisher's bucket, key and distribution. With `RETAIN` the table is protected from deletion as well.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}
