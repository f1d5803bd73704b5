import { listDescriptionParameters, registrarTiming } from '@amplify-discovery/registrar';
import { Duration, Stack, Token } from 'aws-cdk-lib';
import { Policy, type Grant, type IGrantable, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { findRegistrarBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { acknowledgeRule, describeArn } from '../synthesis/acknowledge-rule.ts';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkScopeName } from './check-scope-name.ts';
import type { RegistrarProps } from './registrar-props.ts';

/** The permission to register, and the token that goes with it. */
export interface RegistrationGrant {
  readonly grant: Grant;
  /** What the deployment names as `ServiceToken`: `fromServiceRegistryAttributes` takes it. */
  readonly serviceToken: string;
}

export interface RegistrationGrantOptions {
  /**
   * The name of the scope that limits the deployment, usually a team's. What it may change, the registry's rule of that name
   * says: `discovery rules set scope NAME …`. Without a rule, nothing.
   *
   * @default none: it may change everything.
   */
  readonly scope?: string | undefined;
}

/**
 * The Lambda behind `Custom::ServiceEndpoint`. A `ServiceRegistry` brings one. A deployment in another region needs its
 * own, because CloudFormation only calls functions of the stack's region.
 *
 * @example
 * ```ts
 * const { serviceToken } = new Registrar(stack, 'Registrar', { registry: { url, region: 'eu-west-1', apiArn } });
 * ```
 */
export class Registrar extends Construct {
  /** The token that no scope limits. */
  readonly serviceToken: string;
  /** Its role, as the registry has to know it: see `registrars` of `ServiceRegistry`. */
  readonly roleArn: string;
  readonly function: LambdaFunction;

  readonly #aliases = new Map<string, Alias>();

  constructor(scope: Construct, id: string, props: RegistrarProps) {
    super(scope, id);
    const { registry, dependencies = [], functionName, ...options } = props;
    const { function: created, role } = createDiscoveryFunction(this, {
      ...options,
      ...(functionName !== undefined && nameRegistrar(this, functionName)),
      description: 'Registers endpoints in the service registry for CloudFormation',
      bundle: findRegistrarBundle(),
      handler: 'index.handler',
      memorySize: 256,
      timeout: Duration.seconds(registrarTiming.functionTimeoutSeconds),
      environment: {
        REGISTRY_URL: registry.url,
        REGISTRY_REGION: registry.region,
        // Its URL may change when it is built anew; the registrations stay those of this registry.
        ...(registry.name !== undefined && { REGISTRY_NAME: registry.name }),
      },
      statements: [],
      policyName: 'registrar',
      delivery: deliverOnce,
    });
    // Not in the role: the registry's API names the role, and this names the API.
    const policy = new Policy(this, 'Policy', {
      roles: [role],
      statements: allowItsWork(Stack.of(this), registry),
    });
    created.node.addDependency(policy);
    for (const resource of ['apis/*', '/v1/apis/*']) {
      const rule = `IAM5[Resource::${describeArn(this, 'appsync', resource)}]`;
      acknowledgeRule(
        policy,
        rule,
        'Which API is registered by its id is known only when it is; only its description is read.',
      );
    }
    this.function = created;
    created.node.addDependency(...dependencies);
    this.serviceToken = created.functionArn;
    // Without a path, as in the ARNs of the role's sessions.
    this.roleArn = Stack.of(this).formatArn({
      service: 'iam',
      region: '',
      resource: 'role',
      resourceName: role.roleName,
    });
  }

  /**
   * Lets the grantee register, within the scope if one is named. Each scope gets a Lambda alias of its name, which the
   * registrar passes on to the registry: the deployment has to use the `serviceToken` that is returned.
   *
   * @throws DiscoveryError `InvalidOptions` for what can't be the name of an alias.
   */
  grantRegister(grantee: IGrantable, { scope }: RegistrationGrantOptions = {}): RegistrationGrant {
    if (scope === undefined) {
      // Not `grantInvoke`: that would add every alias, and with it the scopes of others.
      return { grant: this.function.grantInvokeLatestVersion(grantee), serviceToken: this.serviceToken };
    }
    const alias = this.#getAlias(checkScopeName(this, scope));
    return { grant: alias.grantInvoke(grantee), serviceToken: alias.functionArn };
  }

  #getAlias(aliasName: string): Alias {
    const known = this.#aliases.get(aliasName);
    if (known) return known;
    const version = this.function.latestVersion;
    // The function's event invoke configuration doesn't apply to an alias.
    const alias = new Alias(this, `Scope-${aliasName}`, { aliasName, version, ...deliverOnce });
    this.#aliases.set(aliasName, alias);
    return alias;
  }
}

/** What deployed stacks and the registry hold of it: the ServiceToken, and the role. A role's name is the account's. */
function nameRegistrar(
  scope: Construct,
  functionName: string,
): { readonly functionName: string; readonly roleName: string } {
  if (!Token.isUnresolved(functionName) && !/^[A-Za-z0-9_-]{1,49}$/.test(functionName))
    refuseConstruct(scope, `functionName: "${functionName}" must be 1 to 49 of A-Z a-z 0-9 _ -`);
  return { functionName, roleName: `${functionName}-${Stack.of(scope).region}` };
}

/** An event that comes late or twice is worse than one that fails: CloudFormation itself tries again. */
const deliverOnce = {
  maxEventAge: Duration.seconds(registrarTiming.maximumEventAgeSeconds),
  retryAttempts: registrarTiming.maximumRetryAttempts,
};

function allowItsWork(stack: Stack, { apiArn, name }: RegistrarProps['registry']): PolicyStatement[] {
  const mutations = ['registerEndpoint', 'deregisterEndpoint'].map(
    (field) => `${apiArn}/types/Mutation/fields/${field}`,
  );
  // A GraphQL API may be registered by its id. AWS documents both forms of the ARN for this action.
  const descriptions = ['apis', '/v1/apis'].map((resource) =>
    stack.formatArn({ service: 'appsync', resource, resourceName: '*' }),
  );
  const statements = [allow(['appsync:GraphQL'], ...mutations), allow(['appsync:GetGraphqlApi'], ...descriptions)];
  if (name === undefined) return statements;
  // Begins with a slash, as the separator does.
  const parameters = listDescriptionParameters(name).map((parameter) =>
    stack.formatArn({ service: 'ssm', resource: `parameter${parameter}` }),
  );
  return [...statements, allow(['ssm:GetParameters'], ...parameters)];
}
