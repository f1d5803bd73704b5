import type { RegistryReference } from '../service-registry/registry-reference.ts';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

/** `runtime`, `logRetention` and `tracing` are those of the function that announces. */
export interface StageAnnouncerProps extends DiscoveryFunctionOptions {
  /** The registry whose changes are announced: one with an `apiArn` and a table, in the same region, and without a publisher. */
  readonly registry: RegistryReference;
}
