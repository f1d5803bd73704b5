import { CfnOutput } from 'aws-cdk-lib';
import { AccountPrincipal, ArnPrincipal, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { RegistryReference } from '../service-registry/registry-reference.ts';
import { allow } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { listCopyingResources } from './list-copying-resources.ts';

export interface RegistryBridgeRoleProps {
  /** The registry of this account that is copied into. */
  readonly registry: RegistryReference;
  /** Who may copy: the account of the bridge, whose administrators then decide, or the ARN of the function's role. */
  readonly bridge: string;
  /**
   * The name of the role, so that its ARN is known before it is deployed.
   *
   * @default made up by CloudFormation
   */
  readonly roleName?: string | undefined;
}

/**
 * The role that a `RegistryBridge` of another account copies as: deployed beside the registry that is copied into. It may read and
 * write endpoints; which ones, the registry's rules say.
 *
 * @example
 * ```ts
 * const { roleArn } = new RegistryBridgeRole(stack, 'Copies', { registry, bridge: '111122223333', roleName: 'copies' });
 * ```
 */
export class RegistryBridgeRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { registry, bridge, roleName }: RegistryBridgeRoleProps) {
    super(scope, id);
    const apiArn = registry.apiArn ?? refuseConstruct(this, 'registry: import it with its apiArn');
    const role = new Role(this, 'Role', {
      ...(roleName !== undefined && { roleName }),
      description: 'Copies endpoints into the service registry',
      assumedBy: bridge.startsWith('arn:') ? new ArnPrincipal(bridge) : new AccountPrincipal(bridge),
      inlinePolicies: {
        bridge: new PolicyDocument({ statements: [allow(['appsync:GraphQL'], ...listCopyingResources(apiArn))] }),
      },
    });
    this.roleArn = role.roleArn;
    new CfnOutput(this, 'RoleArn', { value: role.roleArn, description: 'The role of a RegistryBridge' });
  }
}
