import type { IDependable } from 'constructs';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

export interface RegistrarProps extends DiscoveryFunctionOptions {
  /** The registry to write to. It may be in another region or account than the registrar. */
  readonly registry: {
    readonly url: string;
    readonly region: string;
    readonly apiArn: string;
    /** The name that it publishes itself under in the registrar's account and region. */
    readonly name?: string | undefined;
  };
  /**
   * The function's name, by which stacks of other accounts find it. Its role is then named after it, so that ServiceToken and role
   * are the same again after the stack was lost. 1 to 49 of A-Z a-z 0-9 _ -.
   *
   * @default CloudFormation makes one up
   */
  readonly functionName?: string | undefined;
  /**
   * What must exist before the first registration: the registry's resolvers.
   *
   * @default nothing, for a registry that is deployed already.
   */
  readonly dependencies?: readonly IDependable[] | undefined;
}
