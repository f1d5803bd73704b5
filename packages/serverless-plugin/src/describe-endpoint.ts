import { planApiAddress, type ResourceDescription } from '@amplify-discovery/aws';
import { DiscoveryError } from '@amplify-discovery/core';
import { findAuthMode, refersTo } from './find-auth-mode.ts';
import type { EndpointConfig } from './endpoint-config.ts';
import { findManagedDomains, type DomainSettings } from './find-managed-domains.ts';
import type { Template, TemplateResource } from './template.ts';

/** The logical ids that the framework gives. */
export interface Naming {
  getRestApiLogicalId(): string;
  getHttpApiLogicalId(): string;
  getWebsocketsApiLogicalId(): string;
  getLambdaLogicalId(name: string): string;
  getLambdaFunctionUrlLogicalId(name: string): string;
}

/** A service as the framework has compiled it. */
export interface CompiledService extends DomainSettings {
  readonly template: Template;
  readonly naming: Naming;
}

/** What the compiled template says about one endpoint. */
export interface EndpointDescription {
  /** Properties of `Custom::ServiceEndpoint` that follow from it. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** What must be there before callers are sent to it. */
  readonly dependsOn: readonly string[];
  readonly condition?: string | undefined;
}

/** The APIs that a service can have. The framework puts the URL of each into an output of its own. */
const apis = {
  restApi: {
    output: 'ServiceEndpoint',
    what: 'REST API (http events)',
    kind: 'rest',
    apiType: 'rest',
    id: (naming: Naming) => naming.getRestApiLogicalId(),
  },
  httpApi: {
    output: 'HttpApiUrl',
    what: 'HTTP API (httpApi events)',
    kind: 'http',
    apiType: 'http',
    id: (naming: Naming) => naming.getHttpApiLogicalId(),
  },
  websocket: {
    output: 'ServiceEndpointWebsocket',
    what: 'websocket API (websocket events)',
    kind: 'websocket',
    apiType: 'websocket',
    id: (naming: Naming) => naming.getWebsocketsApiLogicalId(),
  },
} as const;

type ApiName = keyof typeof apis;

/**
 * What to register for an endpoint of the configuration, from the compiled template.
 *
 * @throws DiscoveryError `InvalidOptions` when the service has no such API, or several and none was chosen, and when the
 * API has no address that callers could use.
 */
export function describeEndpoint(endpoint: EndpointConfig, service: CompiledService): EndpointDescription {
  const {
    target,
    functionUrl,
    function: functionName,
    graphqlApi,
    webFunction,
    restApi,
    httpApi,
    websocket,
  } = endpoint;
  if (target !== undefined) return { properties: { Target: target }, dependsOn: [] };
  if (functionUrl !== undefined) return describeFunctionUrl(functionUrl, service);
  if (functionName !== undefined) return describeFunction(functionName, service);
  if (graphqlApi !== undefined) return describeGraphqlApi(graphqlApi, service);
  if (webFunction !== undefined) return describeWebFunction(webFunction, service);
  if (restApi ?? httpApi ?? websocket)
    return describeApi(restApi ? 'restApi' : httpApi ? 'httpApi' : 'websocket', service);
  return describeOnly(service);
}

/** The service's REST or HTTP API; without one its websocket API or its function URL, if that is all there is. */
function describeOnly(service: CompiledService): EndpointDescription {
  const { template } = service;
  const found = (Object.keys(apis) as ApiName[]).filter((name) => template.Outputs?.[apis[name].output]);
  const web = found.filter((name) => name !== 'websocket');
  const urls = findIds(template, ({ Type }) => Type === 'AWS::Lambda::Url');
  const [only, ...others] = web.length > 0 ? web : [...found, ...urls];
  if (only !== undefined && others.length === 0) {
    return Object.hasOwn(apis, only) ? describeApi(only as ApiName, service) : describeUrlResource(only, template);
  }
  const choose =
    'say which: restApi: true, httpApi: true, websocket: true, functionUrl: NAME, function: NAME, graphqlApi: LOGICAL_ID, webFunction: LOGICAL_ID or target: URL';
  throw invalid(
    only === undefined
      ? `this service has no API of its own; ${choose}`
      : `this service has ${[only, ...others].join(', ')}; ${choose}, each in an entry of endpoints`,
  );
}

function describeApi(name: ApiName, service: CompiledService): EndpointDescription {
  const { template, naming } = service;
  const { output, what, kind, apiType, id } = apis[name];
  const url = template.Outputs?.[output];
  if (!url) throw invalid(`${name}: this service has no ${what}, or one that is imported by its id; give target: URL`);
  const apiId = id(naming);
  const domains = findManagedDomains(apiType, apiId, service);
  const address = getAddress(name, apiId, { ...domains, ...template.Resources });
  const authMode = findAuthMode(template, apiId);
  return {
    properties: {
      Kind: kind,
      Target: address?.target ?? url.Value,
      SigningService: 'execute-api',
      ...(authMode && { AuthMode: authMode }),
    },
    dependsOn: findIds(template, ({ Type, Properties = {} }, id) => {
      if (address?.dependsOn.includes(id)) return true;
      if (/^AWS::ApiGateway::(Deployment|Stage)$/.test(Type)) return kind === 'rest';
      return /^AWS::ApiGatewayV2::(Deployment|Stage|Route)$/.test(Type) && refersTo(Properties['ApiId'], apiId);
    }),
  };
}

/** The custom domain to register; undefined for the default address. */
function getAddress(name: string, api: string, resources: Readonly<Record<string, ResourceDescription>>) {
  // An API that the compiled template has in an output but not as a resource is imported: nothing says it is off.
  if (!Object.hasOwn(resources, api)) return undefined;
  const address = planApiAddress({ resources, api, write: 'give target: the URL of its custom domain' });
  if (address.from === 'nowhere') throw invalid(`${name}: ${address.problem}`);
  return address.from === 'customDomain' ? address : undefined;
}

function describeFunctionUrl(name: string, { template, naming }: CompiledService): EndpointDescription {
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

function describeFunction(name: string, { template, naming }: CompiledService): EndpointDescription {
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

function describeGraphqlApi(id: string, { template }: CompiledService): EndpointDescription {
  const resource = findResource(template, id);
  if (resource?.Type !== 'AWS::AppSync::GraphQLApi') {
    const known = findIds(template, ({ Type }) => Type === 'AWS::AppSync::GraphQLApi');
    throw invalid(
      `graphqlApi: this service has no AWS::AppSync::GraphQLApi ${JSON.stringify(id)}; it has ${known.join(', ') || 'none'}`,
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

function describeWebFunction(id: string, { template }: CompiledService): EndpointDescription {
  const resource = findResource(template, id);
  if (resource?.Type !== 'AWS::Lambda::WebFunctionEndpoint') {
    const known = findIds(template, ({ Type }) => Type === 'AWS::Lambda::WebFunctionEndpoint');
    throw invalid(
      `webFunction: this service has no AWS::Lambda::WebFunctionEndpoint ${JSON.stringify(id)}; it has ${known.join(', ') || 'none'}`,
    );
  }
  // With ApplicationManaged the application itself decides who may call: nothing says how.
  const isIam = resource.Properties?.['AuthType'] === 'IamAuth';
  return {
    properties: {
      Kind: 'http',
      Target: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [id, 'DomainName'] }]] },
      ...(isIam && { AuthMode: 'iam' }),
    },
    dependsOn: [],
    condition: resource.Condition,
  };
}

function findResource({ Resources }: Template, id: string): TemplateResource | undefined {
  return Object.hasOwn(Resources, id) ? Resources[id] : undefined;
}

function findIds({ Resources }: Template, matches: (resource: TemplateResource, id: string) => boolean): string[] {
  return Object.entries(Resources)
    .filter(([id, resource]) => matches(resource, id))
    .map(([id]) => id);
}

function invalid(message: string): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `custom.discovery: ${message}`);
}
