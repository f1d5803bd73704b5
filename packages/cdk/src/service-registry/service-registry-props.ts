import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

/** `runtime` is the registrar's; `logRetention` and `tracing` are those of registrar and API. */
export interface ServiceRegistryProps extends DiscoveryFunctionOptions {
  /**
   * Publishes URL, API ARN, service token and API key as SSM parameters `/amplify-discovery/{name}/…`, from which
   * `ServiceRegistry.fromLookup` takes them. Once per account and region.
   *
   * @default none: nothing is published.
   */
  readonly name?: string | undefined;
  /**
   * Lets apps read public records with an API key, which each deployment keeps alive for at least 334 more days. Another
   * name makes another key, and AppSync forgets the old one.
   *
   * @default false
   */
  readonly apiKey?: boolean | { readonly name: string } | undefined;
  /**
   * The stages whose public records an API key reads: names, or patterns in which `*` stands for any text.
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
   * What becomes of the table when the registry is removed. With `RETAIN` it is protected from deletion as well.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}
