import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { chooseStages, createBridgeFunction } from '../bridge-function/create-bridge-function.ts';
import { allow } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { listCopyingResources } from './list-copying-resources.ts';
import type { RegistryBridgeProps } from './registry-bridge-props.ts';

/**
 * Copies a registry's endpoints into another region's or another account's registry. Copies belong to the owner `bridge:MARK` there,
 * and what somebody else has registered stays. A bridge in each direction copies nothing back.
 *
 * @example
 * ```ts
 * const to = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Virginia', {
 *   url: 'https://b2.appsync-api.us-east-1.amazonaws.com/graphql',
 *   apiArn: 'arn:aws:appsync:us-east-1:111122223333:apis/b2',
 *   serviceToken: 'arn:aws:lambda:us-east-1:111122223333:function:registrar',
 * });
 * new RegistryBridge(stack, 'ToVirginia', { registry, stages: ['prod'], to });
 * ```
 */
export class RegistryBridge extends Construct {
  readonly function: LambdaFunction;
  /** On each of its copies, in the metadata `discovery.bridge`. */
  readonly mark: string;

  constructor(scope: Construct, id: string, props: RegistryBridgeProps) {
    super(scope, id);
    const { to, role, registry } = props;
    if (to === registry || to.url === registry.url) refuseConstruct(this, 'to: a registry is not copied into itself');
    const created = createBridgeFunction(this, {
      props,
      stages: chooseStages(this, props),
      target: `registry:${to.url}`,
      targetRegion: to.region,
      targetRole: role,
      description: 'Copies endpoints of the service registry into another one',
      statements: [role === undefined ? this.#allowCopying(to.apiArn) : allow(['sts:AssumeRole'], role)],
    });
    this.function = created.function;
    this.mark = created.mark;
  }

  #allowCopying(apiArn: string | undefined) {
    const known = apiArn ?? refuseConstruct(this, 'to: import it with its apiArn, or give a role of its account');
    return allow(['appsync:GraphQL'], ...listCopyingResources(known));
  }
}
