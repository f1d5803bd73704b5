import { Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { chooseStages, createBridgeFunction } from '../bridge-function/create-bridge-function.ts';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';
import { allow } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { CloudMapBridgeProps } from './cloud-map-bridge-props.ts';

/**
 * Copies a registry's endpoints into AWS Cloud Map, where programs on ECS, EKS and EC2 find them. Each is an instance with the
 * attribute `url`; what the bridge did not write it leaves alone.
 *
 * @example
 * ```ts
 * import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
 *
 * const namespace = new HttpNamespace(stack, 'Namespace', { name: 'internal' });
 * new CloudMapBridge(stack, 'CloudMap', { registry, stages: ['prod'], namespace });
 * ```
 */
export class CloudMapBridge extends Construct {
  readonly function: LambdaFunction;
  /** On each of its copies, in the attribute `discovery.bridge`. */
  readonly mark: string;

  constructor(scope: Construct, id: string, props: CloudMapBridgeProps) {
    super(scope, id);
    const { namespace } = props;
    const stages = chooseStages(this, props);
    const isPattern = typeof namespace === 'string' && namespace.includes('{stage}');
    if (stages.length > 1 && !isPattern)
      refuseConstruct(this, 'namespace: it holds one stage; for several give a name with {stage} in it');
    const arnOf = (resource: string) =>
      Stack.of(this).formatArn({ service: 'servicediscovery', resource, resourceName: '*' });
    const services = arnOf('service');
    const namespaces = typeof namespace === 'string' ? arnOf('namespace') : namespace.namespaceArn;
    const named = (...names: readonly string[]) => names.map((name) => `servicediscovery:${name}`);
    const created = createBridgeFunction(this, {
      props,
      stages,
      target: `cloud-map:${typeof namespace === 'string' ? namespace : namespace.namespaceName}`,
      description: 'Copies endpoints of the service registry into AWS Cloud Map',
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html
      statements: [
        allow(named('ListNamespaces', 'ListServices'), '*'),
        allow(named('CreateService', 'GetOperation'), namespaces, services),
        allow(
          named('DeleteService', 'DeregisterInstance', 'GetInstance', 'ListInstances', 'RegisterInstance'),
          services,
        ),
      ],
    });
    this.function = created.function;
    this.mark = created.mark;
    acknowledgeRule(created.role, 'IAM5[Resource::*]', 'The lists of namespaces and services know no resources.');
    acknowledgeWildcard(created.role, services, 'The ids of services are known only once the bridge has created them.');
    if (typeof namespace === 'string')
      acknowledgeWildcard(created.role, namespaces, 'A name says nothing about the id in the ARN.');
  }
}
