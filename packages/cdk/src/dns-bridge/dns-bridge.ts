import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Token } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { chooseStages, createBridgeFunction } from '../bridge-function/create-bridge-function.ts';
import { allow } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { DnsBridgeProps } from './dns-bridge-props.ts';

/**
 * Copies a registry's endpoints into a hosted zone of Route 53, as SRV and TXT records at
 * `_https._tcp.{service}.{stage}.{zone}`. The function may write these types of record below its stages, and nothing else.
 *
 * @example
 * ```ts
 * import { HostedZone } from 'aws-cdk-lib/aws-route53';
 *
 * const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
 *   hostedZoneId: 'Z0123456789ABCDEFGHIJ',
 *   zoneName: 'internal.example.com',
 * });
 * new DnsBridge(stack, 'Dns', { registry, stages: ['prod'], hostedZone });
 * ```
 */
export class DnsBridge extends Construct {
  readonly function: LambdaFunction;
  /** In the TXT record of each of its copies. */
  readonly mark: string;

  constructor(scope: Construct, id: string, props: DnsBridgeProps) {
    super(scope, id);
    const { hostedZone } = props;
    const stages = chooseStages(this, props);
    const zoneName = readZoneName(this, hostedZone);
    const { hostedZoneArn, hostedZoneId } = hostedZone;
    const created = createBridgeFunction(this, {
      props,
      stages,
      target: `route53:${hostedZoneId}`,
      description: 'Copies endpoints of the service registry into Route 53',
      // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
      statements: [
        allow(['route53:GetHostedZone', 'route53:ListResourceRecordSets'], hostedZoneArn),
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ['route53:ChangeResourceRecordSets'],
          resources: [hostedZoneArn],
          conditions: {
            'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['PTR', 'SRV', 'TXT'] },
            'ForAllValues:StringLike': {
              'route53:ChangeResourceRecordSetsNormalizedRecordNames': stages.map(
                (stage) => `*.${stage.toLowerCase()}.${zoneName}`,
              ),
            },
          },
        }),
      ],
    });
    this.function = created.function;
    this.mark = created.mark;
  }
}

/** In lower case and without a last dot, as Route 53 compares it. */
function readZoneName(scope: Construct, hostedZone: IHostedZone): string {
  try {
    const { zoneName } = hostedZone;
    return Token.isUnresolved(zoneName) ? zoneName : zoneName.toLowerCase().replace(/\.$/, '');
  } catch (error) {
    refuseConstruct(
      scope,
      'hostedZone: its name is not known; import it with HostedZone.fromHostedZoneAttributes',
      error,
    );
  }
}
