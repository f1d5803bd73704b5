import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import {
  FunctionUrlAuthType,
  InvokeMode,
  type Function as LambdaFunction,
  type FunctionUrl,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { findRouterBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { describeRouter } from './describe-router.ts';
import type { DiscoveryRouterProps } from './discovery-router-props.ts';
import { createRouterApi } from './router-api.ts';

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

  readonly #grantCall: (grantee: IGrantable) => Grant;

  constructor(scope: Construct, id: string, props: DiscoveryRouterProps) {
    super(scope, id);
    checkEntry(this, props);
    const { registry, entry = 'functionUrl', access = 'iam', streaming = false } = props;
    const { logRetention = RetentionDays.ONE_MONTH, timeout = Duration.seconds(30), memorySize = 512 } = props;
    const apiArn =
      registry.apiArn ?? refuseConstruct(this, 'registry: join it with its apiArn, so that it can be read');
    this.function = createDiscoveryFunction(this, {
      runtime: props.runtime,
      tracing: props.tracing,
      logRetention,
      description: 'Forwards requests to services by name',
      bundle: findRouterBundle(),
      handler: streaming ? 'router.streamingHandler' : 'router.handler',
      memorySize,
      timeout,
      environment: describeRouter(this, props),
      statements: [allow(['appsync:GraphQL'], `${apiArn}/types/Query/fields/snapshot`)],
      policyName: 'router',
      isGrantee: true,
    }).function;
    if (entry === 'httpApi') {
      const httpApi = createRouterApi(this, 'Api', { handler: this.function, access, logRetention });
      const resourceArns = [httpApi.arnForExecuteApi()];
      this.#grantCall = (grantee) => Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
      this.httpApi = httpApi;
      this.url = `${httpApi.apiEndpoint}/`;
    } else {
      const functionUrl = this.function.addFunctionUrl({
        authType: access === 'public' ? FunctionUrlAuthType.NONE : FunctionUrlAuthType.AWS_IAM,
        invokeMode: streaming ? InvokeMode.RESPONSE_STREAM : InvokeMode.BUFFERED,
      });
      this.#grantCall = (grantee) => functionUrl.grantInvokeUrl(grantee);
      this.functionUrl = functionUrl;
      this.url = functionUrl.url;
    }
    new CfnOutput(this, 'Url', { value: this.url, description: 'URL of the router: append {service}/{path}' });
  }

  /** Lets the grantee call every service that the router serves, by requests that it signs. */
  grantCall(grantee: IGrantable): Grant {
    return this.#grantCall(grantee);
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
