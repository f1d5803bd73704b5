import type { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import type { BridgeProps } from '../bridge-function/bridge-props.ts';

export interface CloudMapBridgeProps extends BridgeProps {
  /**
   * The namespace that the endpoints of a stage stand in, which has to be there, or its name. For several stages a name with
   * `{stage}` in it: `{stage}.internal`.
   */
  readonly namespace: INamespace | string;
}
