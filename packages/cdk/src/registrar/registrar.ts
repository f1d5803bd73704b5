import { parseWriteScopes, registrarTiming } from '@amplify-discovery/registrar';
import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { findRegistrarBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { acknowledgeRule, describeArn } from '../synthesis/acknowledge-rule.ts';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { nameScopeAlias } from './name-scope-alias.ts';
import type { RegistrarProps } from './registrar-props.ts';

/** The permission to register, and the token that goes with it. */
export interface RegistrationGrant {
  readonly grant: Grant;
  /** What the deployment names as `ServiceToken`: `fromServiceRegistryAttributes` takes it. */
  readonly serviceToken: string;
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
  /** The token that may register every service. */
  readonly serviceToken: string;

  readonly #function: LambdaFunction;
  readonly #scopes = new Map<string, { readonly alias: Alias; readonly services: readonly string[] }>();

  constructor(scope: Construct, id: string, props: RegistrarProps) {
    super(scope, id);
    const { registry, dependencies = [], ...options } = props;
    const { function: created, role } = createDiscoveryFunction(this, {
      ...options,
      description: 'Registers endpoints in the service registry for CloudFormation',
      bundle: findRegistrarBundle(),
      handler: 'index.handler',
      memorySize: 256,
      timeout: Duration.seconds(registrarTiming.functionTimeoutSeconds),
      environment: {
        REGISTRY_URL: registry.url,
        REGISTRY_REGION: registry.region,
        SCOPES: Lazy.string({ produce: () => this.#describeScopes() }),
      },
      statements: allowItsWork(Stack.of(this), registry.apiArn),
      policyName: 'registrar',
      delivery: deliverOnce,
    });
    for (const resource of ['apis/*', '/v1/apis/*']) {
      const rule = `IAM5[Resource::${describeArn(this, 'appsync', resource)}]`;
      acknowledgeRule(
        role,
        rule,
        'Which API is registered by its id is known only when it is; only its description is read.',
      );
    }
    this.#function = created;
    created.node.addDependency(...dependencies);
    this.serviceToken = created.functionArn;
  }

  /**
   * Lets the grantee register the services, and no others: names, or patterns in which `*` stands for any text. Without
   * services it may register all. Each list of services gets a Lambda alias, from which the registrar takes the scope:
   * the deployment has to use the `serviceToken` that is returned.
   *
   * @throws DiscoveryError `InvalidOptions` for what is not a service name or pattern.
   */
  grantRegister(grantee: IGrantable, ...services: readonly string[]): RegistrationGrant {
    if (services.length === 0) {
      // Not `grantInvoke`: that would add every alias, and with it the scopes of others.
      return { grant: this.#function.grantInvokeLatestVersion(grantee), serviceToken: this.serviceToken };
    }
    const malformed = services.find((service) => !isScope(service));
    if (malformed !== undefined)
      refuseConstruct(this, `"${malformed}" is not a valid service name or pattern such as "user-*"`);
    const alias = this.#getAlias(services);
    return { grant: alias.grantInvoke(grantee), serviceToken: alias.functionArn };
  }

  #getAlias(services: readonly string[]): Alias {
    const aliasName = nameScopeAlias(services);
    const known = this.#scopes.get(aliasName);
    if (known) return known.alias;
    const version = this.#function.latestVersion;
    // The function's event invoke configuration doesn't apply to an alias.
    const alias = new Alias(this, aliasName, { aliasName, version, ...deliverOnce });
    this.#scopes.set(aliasName, { alias, services: [...new Set(services)].sort() });
    return alias;
  }

  #describeScopes(): string {
    const scopes = [...this.#scopes].map(([name, { services }]) => [name, services] as const);
    return JSON.stringify(Object.fromEntries(scopes.sort(([one], [other]) => (one < other ? -1 : 1))));
  }
}

/** An event that comes late or twice is worse than one that fails: CloudFormation itself tries again. */
const deliverOnce = {
  maxEventAge: Duration.seconds(registrarTiming.maximumEventAgeSeconds),
  retryAttempts: registrarTiming.maximumRetryAttempts,
};

function allowItsWork(stack: Stack, apiArn: string): PolicyStatement[] {
  const mutations = ['registerEndpoint', 'deregisterEndpoint'].map(
    (field) => `${apiArn}/types/Mutation/fields/${field}`,
  );
  // A GraphQL API may be registered by its id. AWS documents both forms of the ARN for this action.
  const descriptions = ['apis', '/v1/apis'].map((resource) =>
    stack.formatArn({ service: 'appsync', resource, resourceName: '*' }),
  );
  return [allow(['appsync:GraphQL'], ...mutations), allow(['appsync:GetGraphqlApi'], ...descriptions)];
}

/** Judged by the rule of the registrar, which reads its scopes from a variable. */
function isScope(service: string): boolean {
  try {
    parseWriteScopes(JSON.stringify({ scope: [service] }));
    return true;
  } catch {
    return false;
  }
}
