import type { AuthMode, EndpointKind } from '@amplify-discovery/core';
import { Fn, Stack, Token } from 'aws-cdk-lib';
import type { MethodOptions, RestApiBase } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpStage, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventApi, GraphqlApi, IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { IFunction, IFunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** What can be registered as it is. Everything else has a URL or an ARN. */
export type RegistrableApi =
  | RestApiBase
  | HttpApi
  | IHttpStage
  | WebSocketStage
  | GraphqlApi
  | IGraphqlApi
  | EventApi
  | IFunctionUrl
  | IFunction;

/** What follows from an API alone. */
export interface ApiDescription {
  readonly kind: EndpointKind;
  /** The URL or ARN. Undefined where the registrar looks it up by `graphqlApiId`, or where `problem` says why. */
  readonly target?: string | undefined;
  readonly graphqlApiId?: string | undefined;
  /** The host of the target, for the app's list of trusted hosts. */
  readonly host?: string | undefined;
  readonly region: string;
  readonly signingService: string;
  /** Undefined where it differs by method or can't be told. */
  readonly authMode?: AuthMode | undefined;
  /** Why there is no target, and what to pass. */
  readonly problem?: string | undefined;
}

/**
 * Kind, target, region, signing service and auth mode of an API construct. Constructs are told apart by their members,
 * so that it works with several copies of aws-cdk-lib and with imported resources.
 */
export function describeApi(api: RegistrableApi): ApiDescription | undefined {
  if ('graphqlUrl' in api || isGraphqlReference(api)) return describeGraphqlApi(api as GraphqlApi);
  if ('httpDns' in api) return describeEventApi(api);
  if ('restApiId' in api) return describeRestApi(api);
  if ('stageName' in api) return describeStage(api);
  if ('httpApiId' in api) return describeHttpApi(api);
  if ('webSocketId' in api || 'isWebsocketApi' in api) return describeWebSocketApi(api);
  if ('authType' in api) return describeFunctionUrl(api);
  if ('functionArn' in api) return describeFunction(api);
  return undefined;
}

/** The host of a URL, also of one that is known only when it is deployed. */
export function findHost(url: string): string | undefined {
  if (Token.isUnresolved(url)) return Fn.select(2, Fn.split('/', url));
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function describeGraphqlApi(api: GraphqlApi): ApiDescription {
  const common = {
    kind: 'graphql',
    region: regionOf(api),
    signingService: 'appsync',
    authMode: appsyncModes[api.modes?.[0] ?? ''],
  } as const;
  if (!api.graphqlUrl) return { ...common, graphqlApiId: api.apiId };
  return { ...common, target: api.graphqlUrl, host: findHost(api.graphqlUrl) };
}

function describeEventApi(api: EventApi): ApiDescription {
  const host = api.httpDns;
  return { kind: 'events', target: `https://${host}/event`, host, region: regionOf(api), signingService: 'appsync' };
}

function describeRestApi(api: RestApiBase): ApiDescription {
  const stage = api.deploymentStage as RestApiBase['deploymentStage'] | undefined;
  const common = { kind: 'rest', ...gateway(api) } as const;
  if (!stage)
    return {
      ...common,
      problem: 'this RestApi has no deploymentStage, because it is imported or not deployed; pass its url',
    };
  return {
    ...common,
    ...gatewayTarget(api, api.restApiId, stage.stageName),
    authMode: findMethodAuth(api.root.defaultMethodOptions),
  };
}

function describeStage(stage: IHttpStage | WebSocketStage): ApiDescription {
  const { api, stageName } = stage;
  if ('callbackUrl' in stage) {
    return { kind: 'websocket', ...gateway(stage), ...gatewayTarget(stage, api.apiId, stageName, 'wss') };
  }
  const authMode = findDefaultAuth(api as HttpApi);
  const common = { kind: 'http', ...gateway(stage), authMode } as const;
  const isDisabled = (api as { disableExecuteApiEndpoint?: boolean }).disableExecuteApiEndpoint === true;
  if (isDisabled)
    return { ...common, problem: 'its execute-api endpoint is disabled; pass the url of its custom domain as well' };
  return { ...common, ...gatewayTarget(stage, api.apiId, stageName) };
}

function describeHttpApi(api: HttpApi): ApiDescription {
  const { defaultStage } = api;
  if (defaultStage) return describeStage(defaultStage);
  const problem = 'this HttpApi has no default stage; pass the HttpStage';
  return { kind: 'http', ...gateway(api), authMode: findDefaultAuth(api), problem };
}

function describeWebSocketApi(api: object): ApiDescription {
  return {
    kind: 'websocket',
    ...gateway(api),
    problem: 'a WebSocketApi has no URL of its own; pass the WebSocketStage',
  };
}

function describeFunctionUrl(api: IFunctionUrl): ApiDescription {
  const host = Fn.select(2, Fn.split('/', api.url));
  const authMode = api.authType === 'AWS_IAM' ? 'iam' : 'none';
  return { kind: 'http', target: `https://${host}`, host, region: regionOf(api), signingService: 'lambda', authMode };
}

function describeFunction(api: IFunction): ApiDescription {
  return {
    kind: 'function',
    target: api.functionArn,
    region: regionOf(api),
    signingService: 'lambda',
    authMode: 'iam',
  };
}

function gateway(api: object): { region: string; signingService: string } {
  return { region: regionOf(api), signingService: 'execute-api' };
}

function gatewayTarget(
  api: IConstruct,
  apiId: string,
  stageName: string,
  scheme = 'https',
): { host: string; target: string } {
  const host = `${apiId}.execute-api.${regionOf(api)}.${Stack.of(api).urlSuffix}`;
  const path = stageName === '$default' ? '' : `/${stageName}`;
  return { host, target: `${scheme}://${host}${path}` };
}

const appsyncModes: Readonly<Record<string, AuthMode>> = {
  API_KEY: 'apiKey',
  AWS_IAM: 'iam',
  AMAZON_COGNITO_USER_POOLS: 'userPool',
  OPENID_CONNECT: 'oidc',
  AWS_LAMBDA: 'lambda',
};

const gatewayTypes: Readonly<Record<string, AuthMode>> = {
  NONE: 'none',
  AWS_IAM: 'iam',
  COGNITO_USER_POOLS: 'userPool',
  CUSTOM: 'lambda',
  JWT: 'oidc',
};

function findMethodAuth(options: MethodOptions | undefined): AuthMode | undefined {
  if (options?.apiKeyRequired) return 'apiKey';
  return gatewayTypes[options?.authorizationType ?? options?.authorizer?.authorizationType ?? ''];
}

/** API Gateway knows a user pool only as an issuer of JWTs: CDK's authorizer for one tells that it is. */
function findDefaultAuth({ defaultAuthorizer = {} }: { readonly defaultAuthorizer?: object }): AuthMode | undefined {
  if ('pool' in defaultAuthorizer) return 'userPool';
  return gatewayTypes[(defaultAuthorizer as { authorizationType?: string }).authorizationType ?? ''];
}

function isGraphqlReference(api: object): boolean {
  return 'apiId' in api && 'arn' in api && 'modes' in api;
}

/** An imported resource says its own region; all others are where their stack is. */
function regionOf(api: object): string {
  return (api as IFunction).env.region;
}
