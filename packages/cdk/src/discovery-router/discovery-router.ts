import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { HttpApi, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { Grant, PolicyDocument, PolicyStatement, Role, ServicePrincipal, type IGrantable } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  FunctionUrlAuthType,
  InvokeMode,
  Runtime,
  Tracing,
  type FunctionUrl,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { findRouterBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';
import { describeRouter } from './describe-router.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { RegistrarOptions } from '../registrar/registrar.ts';
import type { IServiceRegistry } from '../service-registry/registry-reference.ts';
import { createRouterApi } from './router-api.ts';
import type { SnapshotLocation } from '../service-registry/snapshot-location.ts';

/** How the router authenticates to a service. Credentials don't stand in a template, so there are no other modes. */
export type RouterServiceAuth =
  | { readonly mode: 'none' }
  | { readonly mode: 'iam'; readonly region?: string; readonly signingService?: string };

/** Which stage a request is for. Callers choose only among stages that are listed. */
export interface RouterStageRule {
  /** When nothing else says it. */
  readonly default?: string | undefined;
  /** By the host that was asked for: `{ 'staging.example.com': 'staging' }`. */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** By a header of the caller. */
  readonly byHeader?: { readonly name: string; readonly allow: readonly string[] } | undefined;
  /** By the first segment of the path, `/{stage}/{service}/{path}`. Nothing else counts then. */
  readonly inPath?: readonly string[] | undefined;
}

/** `runtime`, `logRetention` and `tracing` are those of the router's function. */
export interface DiscoveryRouterProps extends RegistrarOptions {
  readonly registry: IServiceRegistry;
  /**
   * The stage whose endpoints are called, or how it is chosen.
   *
   * @default the registry's `defaultStage`, then the context values `amplify-discovery:stage`, `amplify-backend-name`.
   */
  readonly stage?: string | RouterStageRule | undefined;
  /**
   * Stages that serve what the default stage doesn't have, in this order.
   *
   * @default none
   */
  readonly fallbackStages?: readonly string[] | undefined;
  /**
   * The services that callers may reach.
   *
   * @default every service of the stage that has an https URL and no tenant.
   */
  readonly services?: readonly string[] | undefined;
  /**
   * How the router authenticates, by service. With `iam` every caller acts as the router's function there, which needs to
   * be allowed to call it: `function` is a grantee.
   *
   * @default none: callers' own headers are passed on.
   */
  readonly auth?: Readonly<Record<string, RouterServiceAuth>> | undefined;
  /**
   * Hosts that the router may call: `*.example.com`.
   *
   * @default AWS's API domains in the registry's region, for requests without replayable credentials.
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * Where callers come in.
   *
   * @default 'functionUrl'
   */
  readonly entry?: 'functionUrl' | 'httpApi' | undefined;
  /**
   * Who may come in: callers who sign (`grantCall`), everyone, or whom an HTTP API's authorizer lets in.
   *
   * @default 'iam'
   */
  readonly access?: 'iam' | 'public' | IHttpRouteAuthorizer | undefined;
  /**
   * Whether answers are streamed, beyond 6 MB too. Only a function URL can.
   *
   * @default false
   */
  readonly streaming?: boolean | undefined;
  /**
   * What keeps a caller at one of several weighted endpoints.
   *
   * @default nothing: each request is spread anew.
   */
  readonly affinity?: { readonly header?: string; readonly cookie?: string } | undefined;
  /**
   * What comes before the service in every path: `/r`.
   *
   * @default ''
   */
  readonly mount?: string | undefined;
  /**
   * Whether a 404 names services that are spelled almost alike.
   *
   * @default true
   */
  readonly suggestNames?: boolean | undefined;
  /**
   * A published snapshot that is asked before the registry, readable without credentials: `publisher.snapshot` is one. Where
   * it is partial and lacks one of `services`, or none are named, the registry is asked.
   *
   * @default none
   */
  readonly snapshot?: SnapshotLocation | undefined;
  /**
   * Of the function. The router answers 504 a second earlier.
   *
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration | undefined;
  /**
   * @default 512
   */
  readonly memorySize?: number | undefined;
  /**
   * Whether each request is a line of JSON in the log, without its query.
   *
   * @default false
   */
  readonly logRequests?: boolean | undefined;
  /**
   * Whether discovery's metrics (hits, stale answers, age …) are in the log in CloudWatch's embedded metric format.
   *
   * @default false
   */
  readonly metrics?: boolean | undefined;
}

/**
 * A stable URL per service, for callers that can't resolve names: `{url}{service}/{path}` goes to wherever the service
 * lives at that moment. Only to endpoints of the registry, on hosts that are trusted.
 *
 * @example
 * ```ts
 * const router = new DiscoveryRouter(stack, 'Router', { registry, stage: 'prod', services: ['users'] });
 * router.grantCall(role);
 * ```
 */
export class DiscoveryRouter extends Construct {
  readonly function: LambdaFunction;
  /** Ends with a slash. */
  readonly url: string;
  readonly functionUrl: FunctionUrl | undefined;
  readonly httpApi: HttpApi | undefined;

  constructor(scope: Construct, id: string, props: DiscoveryRouterProps) {
    super(scope, id);
    checkEntry(this, props);
    const { registry, entry = 'functionUrl', access = 'iam', streaming = false, tracing = false } = props;
    const { logRetention = RetentionDays.ONE_MONTH, timeout = Duration.seconds(30), memorySize = 512 } = props;
    const apiArn =
      registry.apiArn ?? refuseConstruct(this, 'registry: join it with its apiArn, so that it can be read');
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const allow = (actions: string[], resource: string) => new PolicyStatement({ actions, resources: [resource] });
    const statements = [
      allow(['appsync:GraphQL'], `${apiArn}/types/Query/fields/snapshot`),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
    ];
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { router: new PolicyDocument({ statements }) },
    });
    if (tracing) acknowledgeRule(role, 'IAM5[Resource::*]', 'The X-Ray actions know no resources.');
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Forwards requests to services by name',
      runtime: props.runtime ?? Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: streaming ? 'router.streamingHandler' : 'router.handler',
      code: Code.fromAsset(findRouterBundle()),
      role,
      logGroup,
      memorySize,
      timeout,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: describeRouter(this, props),
    });
    if (entry === 'httpApi') {
      this.httpApi = createRouterApi(this, 'Api', { handler: this.function, access, logRetention });
      this.url = `${this.httpApi.apiEndpoint}/`;
    } else {
      this.functionUrl = this.function.addFunctionUrl({
        authType: access === 'public' ? FunctionUrlAuthType.NONE : FunctionUrlAuthType.AWS_IAM,
        invokeMode: streaming ? InvokeMode.RESPONSE_STREAM : InvokeMode.BUFFERED,
      });
      this.url = this.functionUrl.url;
    }
    new CfnOutput(this, 'Url', { value: this.url, description: 'URL of the router: append {service}/{path}' });
  }

  /** Lets the grantee call every service that the router serves, by requests that it signs. */
  grantCall(grantee: IGrantable): Grant {
    if (this.functionUrl) return this.functionUrl.grantInvokeUrl(grantee);
    const resourceArns = [(this.httpApi as HttpApi).arnForExecuteApi()];
    return Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
  }
}

/** @throws DiscoveryError `InvalidOptions` for options that don't fit together. */
function checkEntry(scope: Construct, props: DiscoveryRouterProps): void {
  const { entry = 'functionUrl', access, streaming, timeout = Duration.seconds(30) } = props;
  if (entry === 'functionUrl' && typeof access === 'object')
    refuseConstruct(scope, "access: a function URL has no authorizer; use entry: 'httpApi'");
  if (entry === 'httpApi' && streaming)
    refuseConstruct(scope, 'streaming: an HTTP API collects answers; use a function URL');
  if (entry === 'httpApi' && timeout.toSeconds() > 30)
    refuseConstruct(scope, 'timeout: an HTTP API waits for 30 seconds at most');
  if (timeout.toSeconds() < 2) refuseConstruct(scope, 'timeout: the router needs 2 seconds or more');
}
