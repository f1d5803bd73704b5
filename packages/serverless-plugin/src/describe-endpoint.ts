import { DiscoveryError } from '@amplify-discovery/core';
import { findAuthMode, refersTo } from './find-auth-mode.ts';
import type { EndpointConfig } from './endpoint-config.ts';
import type { Template } from './template.ts';

/** The logical ids that the framework gives. */
export interface Naming {
  getRestApiLogicalId(): string;
  getHttpApiLogicalId(): string;
  getWebsocketsApiLogicalId(): string;
  getLambdaLogicalId(name: string): string;
  getLambdaFunctionUrlLogicalId(name: string): string;
}

/** What the compiled template says about one endpoint. */
export interface EndpointDescription {
  /** Properties of `Custom::ServiceEndpoint` that follow from it. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** What must be there before callers are sent to it. */
  readonly dependsOn: readonly string[];
  readonly condition?: string | undefined;
}

/** What a service has of APIs: the framework names the URL of each in an output of its own. */
const apis = {
  restApi: {
    output: 'ServiceEndpoint',
    what: 'REST API (http events)',
    kind: 'rest',
    id: (naming: Naming) => naming.getRestApiLogicalId(),
  },
  httpApi: {
    output: 'HttpApiUrl',
    what: 'HTTP API (httpApi events)',
    kind: 'http',
    id: (naming: Naming) => naming.getHttpApiLogicalId(),
  },
  websocket: {
    output: 'ServiceEndpointWebsocket',
    what: 'websocket API (websocket events)',
    kind: 'websocket',
    id: (naming: Naming) => naming.getWebsocketsApiLogicalId(),
  },
} as const;

type ApiName = keyof typeof apis;

/**
 * What to register for an endpoint of the configuration, from the compiled template.
 *
 * @throws DiscoveryError `InvalidOptions` when the service has no such API, or several and none was chosen.
 */
export function describeEndpoint(endpoint: EndpointConfig, template: Template, naming: Naming): EndpointDescription {
  const { target, functionUrl, function: functionName, graphqlApi, restApi, httpApi, websocket } = endpoint;
  if (target !== undefined) return { properties: { Target: target }, dependsOn: [] };
  if (functionUrl !== undefined) return describeFunctionUrl(functionUrl, template, naming);
  if (functionName !== undefined) return describeFunction(functionName, template, naming);
  if (graphqlApi !== undefined) return describeGraphqlApi(graphqlApi, template);
  if (restApi ?? httpApi ?? websocket)
    return describeApi(restApi ? 'restApi' : httpApi ? 'httpApi' : 'websocket', template, naming);
  return describeOnly(template, naming);
}

/** The service's REST or HTTP API; without one its websocket API or its function URL, if that is all there is. */
function describeOnly(template: Template, naming: Naming): EndpointDescription {
  const found = (Object.keys(apis) as ApiName[]).filter((name) => template.Outputs?.[apis[name].output]);
  const web = found.filter((name) => name !== 'websocket');
  const urls = findIds(template, ({ Type }) => Type === 'AWS::Lambda::Url');
  const [only, ...others] = web.length > 0 ? web : [...found, ...urls];
  if (only !== undefined && others.length === 0) {
    return only in apis ? describeApi(only as ApiName, template, naming) : describeUrlResource(only, template);
  }
  const choose =
    'say which: restApi: true, httpApi: true, websocket: true, functionUrl: NAME, function: NAME, graphqlApi: LOGICAL_ID or target: URL';
  throw invalid(
    only === undefined
      ? `this service has no API of its own; ${choose}`
      : `this service has ${[only, ...others].join(', ')}; ${choose}, each in an entry of endpoints`,
  );
}

function describeApi(name: ApiName, template: Template, naming: Naming): EndpointDescription {
  const { output, what, kind, id } = apis[name];
  const url = template.Outputs?.[output];
  if (!url) throw invalid(`${name}: this service has no ${what}, or one that is imported by its id; give target: URL`);
  const apiId = id(naming);
  if (template.Resources[apiId]?.Properties?.['DisableExecuteApiEndpoint'] === true) {
    throw invalid(
      `${name}: its own address is switched off (disableDefaultEndpoint); give target: the URL of its custom domain`,
    );
  }
  const authMode = findAuthMode(template, apiId);
  return {
    properties: {
      Kind: kind,
      Target: url.Value,
      SigningService: 'execute-api',
      ...(authMode && { AuthMode: authMode }),
    },
    dependsOn: findIds(template, ({ Type, Properties = {} }) => {
      if (/^AWS::ApiGateway::(Deployment|Stage)$/.test(Type)) return kind === 'rest';
      return /^AWS::ApiGatewayV2::(Deployment|Stage|Route)$/.test(Type) && refersTo(Properties['ApiId'], apiId);
    }),
  };
}

function describeFunctionUrl(name: string, template: Template, naming: Naming): EndpointDescription {
  const id = naming.getLambdaFunctionUrlLogicalId(name);
  if (template.Resources[id]) return describeUrlResource(id, template);
  throw invalid(`functionUrl: the function "${name}" has no URL; give it one with url: true`);
}

function describeUrlResource(id: string, template: Template): EndpointDescription {
  const { Properties = {}, Condition } = template.Resources[id] ?? {};
  const target = JSON.stringify(Properties['TargetFunctionArn']);
  return {
    properties: {
      Kind: 'http',
      Target: { 'Fn::GetAtt': [id, 'FunctionUrl'] },
      SigningService: 'lambda',
      AuthMode: Properties['AuthType'] === 'AWS_IAM' ? 'iam' : 'none',
    },
    dependsOn: findIds(
      template,
      (resource) =>
        resource.Type === 'AWS::Lambda::Permission' &&
        Boolean(resource.Properties?.['FunctionUrlAuthType'] ?? resource.Properties?.['InvokedViaFunctionUrl']) &&
        JSON.stringify(resource.Properties?.['FunctionName']) === target,
    ),
    condition: Condition,
  };
}

function describeFunction(name: string, template: Template, naming: Naming): EndpointDescription {
  const id = naming.getLambdaLogicalId(name);
  const resource = template.Resources[id];
  if (!resource) throw invalid(`function: this service has no function "${name}"`);
  const properties = {
    Kind: 'function',
    Target: { 'Fn::GetAtt': [id, 'Arn'] },
    SigningService: 'lambda',
    AuthMode: 'iam',
  };
  return { properties, dependsOn: [], condition: resource.Condition };
}

function describeGraphqlApi(id: string, template: Template): EndpointDescription {
  const resource = template.Resources[id];
  if (resource?.Type !== 'AWS::AppSync::GraphQLApi') {
    const known = findIds(template, ({ Type }) => Type === 'AWS::AppSync::GraphQLApi');
    throw invalid(
      `graphqlApi: "${id}" is no AWS::AppSync::GraphQLApi of this service; there is ${known.join(', ') || 'none'}`,
    );
  }
  return {
    properties: { Kind: 'graphql', GraphqlApiId: { 'Fn::GetAtt': [id, 'ApiId'] }, SigningService: 'appsync' },
    dependsOn: findIds(
      template,
      ({ Type, Properties = {} }) =>
        Type === 'AWS::AppSync::GraphQLSchema' && JSON.stringify(Properties['ApiId'])?.includes(`"${id}"`),
    ),
    condition: resource.Condition,
  };
}

function findIds({ Resources }: Template, matches: (resource: Template['Resources'][string]) => boolean): string[] {
  return Object.keys(Resources).filter((id) => matches(Resources[id] as Template['Resources'][string]));
}

function invalid(message: string): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `custom.discovery: ${message}`);
}
