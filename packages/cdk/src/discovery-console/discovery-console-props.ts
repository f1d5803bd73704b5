import type { IUserPool, UserPoolClientIdentityProvider } from 'aws-cdk-lib/aws-cognito';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import type { DistributionOptions } from '../synthesis/distribution-options.ts';

export interface DiscoveryConsoleProps {
  /** The registry that is shown. Its users are those of a user pool. */
  readonly registry: IServiceRegistry;
  /**
   * The user pool that the registry lets read.
   *
   * @default the registry's; one that was imported does not know it.
   */
  readonly userPool?: IUserPool | undefined;
  /**
   * Where the pool's own sign-in pages are, `https://…`: `domain.baseUrl()` of a `UserPoolDomain`. A pool has one domain of
   * Cognito's at most.
   *
   * @default the one that `addDomain` gave the pool in this app, else a new one of Cognito's, with a name that is made up
   */
  readonly userPoolDomain?: string | undefined;
  /**
   * How people sign in: the pool's own users, and providers that the pool has.
   *
   * @default the pool's own users
   */
  readonly identityProviders?: readonly UserPoolClientIdentityProvider[] | undefined;
  /**
   * Whether the pool's group `discovery-operators` is made here, whose members see owners, tokens and times. False where the pool has
   * it already.
   *
   * @default true
   */
  readonly createGroup?: boolean | undefined;
  /**
   * The columns, in their order.
   *
   * @default all stages of the registry
   */
  readonly stages?: readonly string[] | undefined;
  /**
   * Whose published states the page shows as the history of a stage, to whoever may read the stage. False shows none.
   *
   * @default the registry's own publisher; one that was imported does not know it.
   */
  readonly publisher?: SnapshotPublisher | false | undefined;
  /**
   * A domain of your own, a web ACL, logs.
   *
   * @default CloudFront's own domain, without any of it.
   */
  readonly distribution?: DistributionOptions | undefined;
  /**
   * How long the logs of the functions are kept that put the page into its bucket and read the history.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays | undefined;
}
