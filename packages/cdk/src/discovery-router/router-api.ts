import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface RouterApiOptions {
  readonly handler: IFunction;
  readonly access: 'iam' | 'public' | IHttpRouteAuthorizer;
  readonly logRetention: RetentionDays;
}

/** An HTTP API that hands everything to the router, and logs each request without its query. */
export function createRouterApi(
  scope: Construct,
  id: string,
  { handler, access, logRetention }: RouterApiOptions,
): HttpApi {
  const authorizers = { iam: () => new HttpIamAuthorizer(), public: () => new HttpNoneAuthorizer() };
  const api = new HttpApi(scope, id, {
    description: 'Forwards requests to services by name',
    defaultIntegration: new HttpLambdaIntegration('Router', handler),
    defaultAuthorizer: typeof access === 'string' ? authorizers[access]() : access,
    createDefaultStage: false,
  });
  const logGroup = new LogGroup(api, 'AccessLogs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
  new HttpStage(api, 'DefaultStage', {
    httpApi: api,
    autoDeploy: true,
    accessLogSettings: { destination: new LogGroupLogDestination(logGroup), format: AccessLogFormat.custom(accessLog) },
  });
  return api;
}

/** The path without its query. */
const accessLog = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  latency: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
});
