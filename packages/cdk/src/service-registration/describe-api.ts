import type { GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { ApiDescription, RegistrableApi } from './api-description.ts';
import { describeEventApi, describeGraphqlApi } from './describe-appsync-api.ts';
import { describeHttpApi, describeRestApi, describeStage, describeWebSocketApi } from './describe-gateway-api.ts';
import { describeFunction, describeFunctionUrl, describeWebFunction } from './describe-lambda-api.ts';

/**
 * Kind, target, region and auth mode of an API construct. Constructs are distinguished by their members or by
 * CloudFormation's type, so that it works with several copies and versions of aws-cdk-lib and with imported resources.
 */
export function describeApi(api: RegistrableApi): ApiDescription | undefined {
  if ('graphqlUrl' in api || isGraphqlReference(api)) return describeGraphqlApi(api as GraphqlApi);
  if ('httpDns' in api) return describeEventApi(api);
  if ('restApiId' in api) return describeRestApi(api);
  if ('stageName' in api) return describeStage(api);
  if ('httpApiId' in api) return describeHttpApi(api);
  if ('webSocketId' in api || 'isWebsocketApi' in api) return describeWebSocketApi(api);
  const webFunction = describeWebFunction(api);
  if (webFunction) return webFunction;
  if ('authType' in api && 'url' in api) return describeFunctionUrl(api);
  if ('functionArn' in api) return describeFunction(api);
  return undefined;
}

function isGraphqlReference(api: object): boolean {
  return 'apiId' in api && 'arn' in api && 'modes' in api;
}
