import type { BridgeProps } from '../bridge-function/bridge-props.ts';
import type { RegistryReference } from '../service-registry/registry-reference.ts';

export interface RegistryBridgeProps extends BridgeProps {
  /** The registry that is copied into: another region's, another account's. Imported with its `apiArn`, or with a `role`. */
  readonly to: RegistryReference;
  /**
   * The ARN of the role that may write there, in the other account: a `RegistryBridgeRole`'s.
   *
   * @default the function's own role, in the same account.
   */
  readonly role?: string | undefined;
}
