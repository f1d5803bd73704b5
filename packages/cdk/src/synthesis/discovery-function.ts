import { RemovalPolicy, type Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeRule } from './acknowledge-rule.ts';

/** What every construct with a function takes. */
export interface DiscoveryFunctionOptions {
  /**
   * The Lambda runtime: Node.js 22 or newer.
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

export interface DiscoveryFunctionProps extends DiscoveryFunctionOptions {
  /**
   * The name of the function, where others hold it.
   *
   * @default made up by CloudFormation
   */
  readonly functionName?: string | undefined;
  /**
   * The name of its role, where others hold it.
   *
   * @default made up by CloudFormation
   */
  readonly roleName?: string | undefined;
  readonly description: string;
  /** The folder of the bundled code. */
  readonly bundle: string;
  readonly handler: string;
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** What the function may do, besides writing its log and traces. */
  readonly statements: readonly PolicyStatement[];
  /** The name of the policy that says so. */
  readonly policyName: string;
  /**
   * Whether others may grant the function more. Otherwise the policy is all that it ever may.
   *
   * @default false
   */
  readonly isGrantee?: boolean | undefined;
  /**
   * How long and how often Lambda tries an asynchronous event again.
   *
   * @default Lambda's own rule
   */
  readonly delivery?: { readonly maxEventAge: Duration; readonly retryAttempts: number } | undefined;
}

/** A function with its role and its log group, `Function`, `Role` and `Logs` in the scope. */
export interface DiscoveryFunction {
  readonly function: LambdaFunction;
  readonly role: Role;
}

export function createDiscoveryFunction(scope: Construct, props: DiscoveryFunctionProps): DiscoveryFunction {
  const {
    functionName,
    roleName,
    description,
    bundle,
    handler,
    memorySize,
    timeout,
    environment,
    statements,
    policyName,
    delivery,
  } = props;
  const { runtime = Runtime.NODEJS_24_X, tracing = false, isGrantee = false } = props;
  const { logRetention: retention = RetentionDays.ONE_MONTH } = props;
  const logGroup = new LogGroup(scope, 'Logs', { retention, removalPolicy: RemovalPolicy.DESTROY });
  const own = [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn)];
  // CDK adds the actions of X-Ray itself to a role that it may change.
  if (tracing && !isGrantee) own.push(allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'));
  const role = new Role(scope, 'Role', {
    ...(roleName !== undefined && { roleName }),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { [policyName]: new PolicyDocument({ statements: [...statements, ...own] }) },
  });
  if (tracing) acknowledgeRule(role, 'IAM5[Resource::*]', 'The X-Ray actions know no resources.');
  const created = new LambdaFunction(scope, 'Function', {
    ...(functionName !== undefined && { functionName }),
    description,
    runtime,
    architecture: Architecture.ARM_64,
    handler,
    code: Code.fromAsset(bundle),
    role: isGrantee ? role : role.withoutPolicyUpdates(),
    logGroup,
    memorySize,
    timeout,
    tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    environment: { ...environment },
    ...delivery,
  });
  return { function: created, role };
}

/** A statement that allows the actions on the resources. */
export function allow(actions: readonly string[], ...resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}
