import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { BridgeProps } from '../bridge-function/bridge-props.ts';

export interface DnsBridgeProps extends BridgeProps {
  /** Where the records are written: below `{stage}.{zone}`. It has to know its name, so import it with that. */
  readonly hostedZone: IHostedZone;
}
