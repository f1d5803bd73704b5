import type { Duration } from 'aws-cdk-lib';
import type { RegistryReference } from '../service-registry/registry-reference.ts';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

/** `runtime`, `logRetention` and `tracing` are those of the function that copies. */
export interface BridgeProps extends DiscoveryFunctionOptions {
  /** The registry whose endpoints are copied. */
  readonly registry: RegistryReference;
  /**
   * The stages that are copied.
   *
   * @default the registry's `defaultStage`, then the context value `amplify-discovery:stage`, then the environment of
   * Amplify Gen 2.
   */
  readonly stages?: readonly string[] | undefined;
  /**
   * Only these services; `*` stands for any text. Needs a `mark` of its own.
   *
   * @default all services
   */
  readonly services?: readonly string[] | undefined;
  /**
   * Tells this bridge's copies from all else in the target. Another mark is another bridge: it leaves the old copies where they
   * are, see `discovery bridge … --purge`.
   *
   * @default `discovery/` and the URL of the registry, as `discovery bridge` has it.
   */
  readonly mark?: string | undefined;
  /**
   * How often the registry is asked whether a stage has changed, by one small query for each stage: minutes, or hours.
   *
   * @default Duration.minutes(1)
   */
  readonly every?: Duration | undefined;
  /**
   * Whether the last copies are removed too when the registry has nothing for a stage.
   *
   * @default false
   */
  readonly allowEmpty?: boolean | undefined;
  /**
   * Below this share of the copies, 0 to 1, nothing is removed.
   *
   * @default 0.5
   */
  readonly minimumShare?: number | undefined;
  /**
   * How many copies are written in a second.
   *
   * @default 10
   */
  readonly changesPerSecond?: number | undefined;
  /**
   * Whether the counts of each run are metrics of CloudWatch, by mark and stage, which has its price for each of them.
   *
   * @default false
   */
  readonly metrics?: boolean | undefined;
}
