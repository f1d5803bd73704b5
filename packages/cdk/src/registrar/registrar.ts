import { registrarTiming } from '@amplify-discovery/registrar';
import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
  type Grant,
  type IGrantable,
} from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
// oxlint-disable-next-line no-restricted-imports -- this package's own file: its name is the one path to it from src and both builds
import { findRegistrarBundle } from '@amplify-discovery/cdk/registrar-bundle.cjs';
import { acknowledgeRule, describeArn } from '../synthesis/acknowledge-rule.ts';
import { nameScopeAlias } from './name-scope-alias.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

export interface RegistrarOptions {
  /**
   * The Lambda runtime. The registrar is built for Node.js 22 and newer.
   *
   * @default Runtime.NODEJS_24_X
   */
  readonly runtime?: Runtime | undefined;
  /**
   * How long logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays | undefined;
  /**
   * Whether X-Ray traces are made.
   *
   * @default false
   */
  readonly tracing?: boolean | undefined;
}

export interface RegistrarProps extends RegistrarOptions {
  /** The registry to write to. It may be in another region or account than the registrar. */
  readonly registry: { readonly url: string; readonly region: string; readonly apiArn: string };
  /**
   * What has to be there before the first registration: the registry's resolvers.
   *
   * @default nothing, for a registry that is deployed already.
   */
  readonly dependencies?: readonly IDependable[] | undefined;
}

/** The permission to register, and the token that goes with it. */
export interface RegistrationGrant {
  readonly grant: Grant;
  /** What the deployment names as `ServiceToken`. `ServiceRegistry.fromAttributes` and `fromLookup` take it. */
  readonly serviceToken: string;
}

/**
 * The Lambda behind `Custom::ServiceEndpoint`. A `ServiceRegistry` brings one. A deployment in another region needs its
 * own, because CloudFormation only calls functions of the stack's region.
 */
export class Registrar extends Construct {
  /** The token that may register every service. */
  readonly serviceToken: string;

  readonly #function: LambdaFunction;
  readonly #scopes = new Map<string, { readonly alias: Alias; readonly services: readonly string[] }>();

  constructor(scope: Construct, id: string, props: RegistrarProps) {
    super(scope, id);
    const {
      registry,
      dependencies = [],
      runtime = Runtime.NODEJS_24_X,
      logRetention = RetentionDays.ONE_MONTH,
      tracing = false,
    } = props;
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { registrar: allowItsWork(Stack.of(this), registry.apiArn, logGroup, tracing) },
    });
    for (const resource of ['apis/*', '/v1/apis/*']) {
      const rule = `IAM5[Resource::${describeArn(this, 'appsync', resource)}]`;
      acknowledgeRule(
        role,
        rule,
        'Which API is registered by its id is known only when it is; only its description is read.',
      );
    }
    if (tracing) acknowledgeRule(role, 'IAM5[Resource::*]', 'The X-Ray actions know no resources.');
    this.#function = new LambdaFunction(this, 'Function', {
      description: 'Registers endpoints in the service registry for CloudFormation',
      runtime,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(findRegistrarBundle()),
      role: role.withoutPolicyUpdates(),
      logGroup,
      memorySize: 256,
      timeout: Duration.seconds(registrarTiming.functionTimeoutSeconds),
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        REGISTRY_URL: registry.url,
        REGISTRY_REGION: registry.region,
        SCOPES: Lazy.string({ produce: () => this.#describeScopes() }),
      },
      ...deliverOnce,
    });
    this.#function.node.addDependency(...dependencies);
    this.serviceToken = this.#function.functionArn;
  }

  /**
   * Lets the grantee register the services, and no others: names, or patterns in which `*` stands for any text. Without
   * services it may register all. Each list of services gets a Lambda alias, which the registrar takes the scope from:
   * a deployment has to use the `serviceToken` that comes back.
   *
   * @throws DiscoveryError `InvalidOptions` for what can be no service name or pattern.
   */
  grantRegister(grantee: IGrantable, ...services: readonly string[]): RegistrationGrant {
    if (services.length === 0) {
      // Not `grantInvoke`: that would add every alias, and with it the scopes of others.
      return { grant: this.#function.grantInvokeLatestVersion(grantee), serviceToken: this.serviceToken };
    }
    const malformed = services.find((service) => !/^[A-Za-z0-9._*-]{1,128}$/.test(service));
    if (malformed !== undefined) refuseConstruct(this, `"${malformed}" is no service name or pattern such as "user-*"`);
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

function allowItsWork(stack: Stack, apiArn: string, logGroup: ILogGroup, tracing: boolean): PolicyDocument {
  const mutations = ['registerEndpoint', 'deregisterEndpoint'];
  const statements = [
    new PolicyStatement({
      actions: ['appsync:GraphQL'],
      resources: mutations.map((field) => `${apiArn}/types/Mutation/fields/${field}`),
    }),
    // A GraphQL API may be registered by its id. AWS documents both forms of the ARN for this action.
    new PolicyStatement({
      actions: ['appsync:GetGraphqlApi'],
      resources: ['apis', '/v1/apis'].map((resource) =>
        stack.formatArn({ service: 'appsync', resource, resourceName: '*' }),
      ),
    }),
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
  ];
  const trace = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
  if (tracing) statements.push(new PolicyStatement({ actions: trace, resources: ['*'] }));
  return new PolicyDocument({ statements });
}
