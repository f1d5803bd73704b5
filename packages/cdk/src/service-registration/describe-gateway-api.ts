import type { AuthMode } from '@amplify-discovery/core';
import { Stack } from 'aws-cdk-lib';
import type { MethodOptions, RestApiBase } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpStage, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IConstruct } from 'constructs';
import { getRegion, type ApiDescription } from './api-description.ts';
import { findAddress } from './find-address.ts';

export function describeRestApi(api: RestApiBase): ApiDescription {
  const stage = api.deploymentStage as RestApiBase['deploymentStage'] | undefined;
  const common = { kind: 'rest', region: getRegion(api) } as const;
  if (!stage)
    return {
      ...common,
      problem: 'this RestApi has no deploymentStage, because it is imported or not deployed; pass its url',
    };
  const authMode = findMethodAuth(api.root.defaultMethodOptions);
  return { ...common, ...describeAddress(api, api.restApiId, stage.stageName), authMode };
}

export function describeStage(stage: IHttpStage | WebSocketStage): ApiDescription {
  const { api, stageName } = stage;
  if ('callbackUrl' in stage)
    return { kind: 'websocket', region: getRegion(stage), ...describeAddress(api, api.apiId, stageName, 'wss') };
  const authMode = findDefaultAuth(api as HttpApi);
  return { kind: 'http', region: getRegion(stage), authMode, ...describeAddress(api, api.apiId, stageName) };
}

export function describeHttpApi(api: HttpApi): ApiDescription {
  const { defaultStage } = api;
  if (defaultStage) return describeStage(defaultStage);
  const problem = 'this HttpApi has no default stage; pass the HttpStage';
  return { kind: 'http', region: getRegion(api), authMode: findDefaultAuth(api), problem };
}

export function describeWebSocketApi(api: object): ApiDescription {
  return {
    kind: 'websocket',
    region: getRegion(api),
    problem: 'a WebSocketApi has no URL of its own; pass the WebSocketStage',
  };
}

/** The default address of a stage, or what the one rule says where that is switched off. */
function describeAddress(
  api: IConstruct,
  apiId: string,
  stageName: string,
  scheme = 'https',
): Pick<ApiDescription, 'target' | 'host' | 'dependsOn' | 'problem'> {
  const address = findAddress(api, stageName);
  if (address.from !== 'default') return address;
  const host = `${apiId}.execute-api.${getRegion(api)}.${Stack.of(api).urlSuffix}`;
  const path = stageName === '$default' ? '' : `/${stageName}`;
  return { host, target: `${scheme}://${host}${path}` };
}

const gatewayTypes: ReadonlyMap<string, AuthMode> = new Map([
  ['NONE', 'none'],
  ['AWS_IAM', 'iam'],
  ['COGNITO_USER_POOLS', 'userPool'],
  ['CUSTOM', 'lambda'],
  ['JWT', 'oidc'],
]);

function findMethodAuth(options: MethodOptions | undefined): AuthMode | undefined {
  if (options?.apiKeyRequired) return 'apiKey';
  return gatewayTypes.get(options?.authorizationType ?? options?.authorizer?.authorizationType ?? '');
}

/** API Gateway knows a user pool only as an issuer of JWTs: CDK's authorizer for one has it as a member. */
function findDefaultAuth({ defaultAuthorizer = {} }: { readonly defaultAuthorizer?: object }): AuthMode | undefined {
  if ('pool' in defaultAuthorizer) return 'userPool';
  return gatewayTypes.get((defaultAuthorizer as { authorizationType?: string }).authorizationType ?? '');
}
