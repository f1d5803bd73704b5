import type { AuthMode, EndpointKind } from '@amplify-discovery/core';
import { CfnResource, Fn, Stack, Token } from 'aws-cdk-lib';
import type { MethodOptions, RestApiBase } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpStage, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventApi, GraphqlApi, IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { IFunction, IFunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { createResourceReader } from './create-resource-reader.ts';
import { findAddress } from './find-address.ts';

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
  | IFunction
  | WebFunctionLike
  | WebFunctionEndpointLike
  | CfnResource;

/** An endpoint of a Lambda Web Function, by what discovery uses of it: aws-cdk-lib has the class since 2.276. */
export interface WebFunctionEndpointLike extends IConstruct {
  readonly domainName: string;
  /** `IamAuth`, or `ApplicationManaged`: by the application in its own way. */
  readonly authType: string;
}

/** A Lambda Web Function with its own endpoint. */
export interface WebFunctionLike extends IConstruct {
  readonly endpoint: WebFunctionEndpointLike;
}

/** What follows from an API alone. */
export interface ApiDescription {
  readonly kind: EndpointKind;
  /** The URL or ARN. Undefined where the registrar looks it up by `graphqlApiId`, or where `problem` says why. */
  readonly target?: string | undefined;
  readonly graphqlApiId?: string | undefined;
  /** The host of the target, for the app's list of trusted hosts. */
  readonly host?: string | undefined;
  readonly region: string;
  /** Undefined where the registrar derives it from target and kind. */
  readonly signingService?: string | undefined;
  /** Undefined where it differs by method or is not known. */
  readonly authMode?: AuthMode | undefined;
  /** What has to be there besides the API before callers are sent to it. */
  readonly dependsOn?: readonly IConstruct[] | undefined;
  /** Why there is no target, and what to pass. */
  readonly problem?: string | undefined;
}

/**
 * Kind, target, region and auth mode of an API construct. Constructs are distinguished by their members or by CloudFormation's
 * type, so that it works with several copies and versions of aws-cdk-lib and with imported resources.
 */
export function describeApi(api: RegistrableApi): ApiDescription | undefined {
  if ('graphqlUrl' in api || isGraphqlReference(api)) return describeGraphqlApi(api as GraphqlApi);
  if ('httpDns' in api) return describeEventApi(api);
  if ('restApiId' in api) return describeRestApi(api);
  if ('stageName' in api) return describeStage(api);
  if ('httpApiId' in api) return describeHttpApi(api);
  if ('webSocketId' in api || 'isWebsocketApi' in api) return describeWebSocketApi(api);
  return describeWebFunction(api) ?? describeLambda(api);
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
    authMode: appsyncModes.get(api.modes?.[0] ?? ''),
  } as const;
  if (!api.graphqlUrl) return { ...common, graphqlApiId: api.apiId };
  return { ...common, target: api.graphqlUrl, host: findHost(api.graphqlUrl) };
}

function describeEventApi(api: EventApi): ApiDescription {
  const host = api.httpDns;
  return { kind: 'events', target: `https://${host}/event`, host, region: regionOf(api) };
}

function describeRestApi(api: RestApiBase): ApiDescription {
  const stage = api.deploymentStage as RestApiBase['deploymentStage'] | undefined;
  const common = { kind: 'rest', region: regionOf(api) } as const;
  if (!stage)
    return {
      ...common,
      problem: 'this RestApi has no deploymentStage, because it is imported or not deployed; pass its url',
    };
  const authMode = findMethodAuth(api.root.defaultMethodOptions);
  return { ...common, ...describeAddress(api, api.restApiId, stage.stageName), authMode };
}

function describeStage(stage: IHttpStage | WebSocketStage): ApiDescription {
  const { api, stageName } = stage;
  if ('callbackUrl' in stage)
    return { kind: 'websocket', region: regionOf(stage), ...describeAddress(api, api.apiId, stageName, 'wss') };
  const authMode = findDefaultAuth(api as HttpApi);
  return { kind: 'http', region: regionOf(stage), authMode, ...describeAddress(api, api.apiId, stageName) };
}

function describeHttpApi(api: HttpApi): ApiDescription {
  const { defaultStage } = api;
  if (defaultStage) return describeStage(defaultStage);
  const problem = 'this HttpApi has no default stage; pass the HttpStage';
  return { kind: 'http', region: regionOf(api), authMode: findDefaultAuth(api), problem };
}

function describeWebSocketApi(api: object): ApiDescription {
  return {
    kind: 'websocket',
    region: regionOf(api),
    problem: 'a WebSocketApi has no URL of its own; pass the WebSocketStage',
  };
}

/** Its host says the rest, which the deployment alone knows: the registrar reads it there. */
function describeWebFunction(api: IConstruct): ApiDescription | undefined {
  const endpoint = 'endpoint' in api ? api.endpoint : api;
  if (isWebFunctionEndpoint(endpoint)) return describeWebEndpoint(api, endpoint.domainName, endpoint.authType);
  const [resource, ...others] = api.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node))
    .filter(({ cfnResourceType }) => cfnResourceType === 'AWS::Lambda::WebFunctionEndpoint');
  if (!resource) return undefined;
  const { Properties } = createResourceReader().describeResource(resource);
  const described = describeWebEndpoint(api, resource.getAtt('DomainName').toString(), Properties?.['AuthType']);
  return others.length === 0 ? described : { ...described, problem: 'it has several endpoints; pass one of them' };
}

function describeWebEndpoint(api: object, host: string, authType: unknown): ApiDescription {
  const authMode = authType === 'IamAuth' ? 'iam' : undefined;
  return { kind: 'http', target: `https://${host}`, host, region: regionOf(api), authMode };
}

function describeLambda(api: RegistrableApi): ApiDescription | undefined {
  if ('authType' in api && 'url' in api) return describeFunctionUrl(api);
  if ('functionArn' in api) return describeFunction(api);
  return undefined;
}

function describeFunctionUrl(api: IFunctionUrl): ApiDescription {
  const host = Fn.select(2, Fn.split('/', api.url));
  const authMode = api.authType === 'AWS_IAM' ? 'iam' : 'none';
  // Its own host says what is signed for; the domain of a distribution in front of it would not.
  return { kind: 'http', target: `https://${host}`, host, region: regionOf(api), signingService: 'lambda', authMode };
}

function describeFunction(api: IFunction): ApiDescription {
  return {
    kind: 'function',
    target: api.functionArn,
    region: regionOf(api),
    authMode: 'iam',
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
  const host = `${apiId}.execute-api.${regionOf(api)}.${Stack.of(api).urlSuffix}`;
  const path = stageName === '$default' ? '' : `/${stageName}`;
  return { host, target: `${scheme}://${host}${path}` };
}

const appsyncModes: ReadonlyMap<string, AuthMode> = new Map([
  ['API_KEY', 'apiKey'],
  ['AWS_IAM', 'iam'],
  ['AMAZON_COGNITO_USER_POOLS', 'userPool'],
  ['OPENID_CONNECT', 'oidc'],
  ['AWS_LAMBDA', 'lambda'],
]);

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

function isGraphqlReference(api: object): boolean {
  return 'apiId' in api && 'arn' in api && 'modes' in api;
}

function isWebFunctionEndpoint(value: unknown): value is WebFunctionEndpointLike {
  return typeof value === 'object' && value !== null && 'endpointType' in value && 'domainName' in value;
}

/** An imported resource says its own region; all others are where their stack is. */
function regionOf(api: object): string {
  return (api as IFunction).env.region;
}
