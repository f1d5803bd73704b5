import { describe, expect, test } from '@jest/globals';
import { Aspects, CfnParameter, CfnResource, Resource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  ApiDefinition,
  AuthorizationType as RestAuthorization,
  CfnRestApi,
  DomainName as RestDomainName,
  MockIntegration,
  RestApi,
  SpecRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  DomainName,
  HttpApi,
  HttpStage,
  WebSocketApi,
  WebSocketStage,
  type CfnApi,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { AuthorizationType, Definition, EventApi, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, FunctionUrlAuthType, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { makeApp } from '../../test/make-app.ts';
import { ServiceRegistration, ServiceRegistry, type EndpointOptions, type RegistrableApi } from '../index.ts';

const token = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
const url = 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql';
const account = '111122223333';

function inStack(context: Record<string, string> = {}) {
  const app = makeApp(context);
  const stack = new Stack(app, 'Stack', { env: { account, region: 'eu-central-1' } });
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', { url, serviceToken: token });
  return { app, stack, registry };
}

/** The properties of the registration, with what CloudFormation would fill in as `<Name.Attribute>`, and the types it waits for. */
function register(make: (stack: Stack) => EndpointOptions) {
  const { stack, registry } = inStack();
  const registration = new ServiceRegistration(stack, 'Users', {
    registry,
    service: 'users',
    stage: 'prod',
    ...make(stack),
  });
  const template = Template.fromStack(stack);
  const [resource] = Object.values(template.findResources('Custom::ServiceEndpoint'));
  const { Resources } = template.toJSON() as { Resources: Record<string, { Type: string }> };
  const { ServiceToken, ServiceTimeout, Service, Stage, ...properties } = resource?.Properties ?? {};
  expect({ ServiceToken, ServiceTimeout, Service, Stage }).toEqual({
    ServiceToken: token,
    ServiceTimeout: '120',
    Service: 'users',
    Stage: 'prod',
  });
  return {
    properties: fill(properties),
    host: fill(stack.resolve(registration.host)),
    dependsOn: ((resource?.DependsOn ?? []) as string[]).map((name) => Resources[name]?.Type ?? ''),
  };
}

/** The SSM parameters of a registry that the stack's template reads. */
function findLookedUp(stack: Stack): string[] {
  const parameters = Object.values(stack.node.findAll()).filter((node) => node instanceof CfnParameter);
  return parameters
    .map((parameter) => String(parameter.default))
    .filter((name) => name.startsWith('/amplify-discovery/default/'))
    .map((name) => name.slice('/amplify-discovery/default/'.length));
}

// oxlint-disable-next-line typescript/no-explicit-any -- a template is JSON
function fill(value: any): any {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(fill);
  if ('Ref' in value)
    return value.Ref === 'AWS::URLSuffix' ? 'amazonaws.com' : `<${value.Ref.replace(/[0-9A-F]{8}$/, '')}>`;
  if ('Fn::GetAtt' in value) return `<${value['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, '')}.${value['Fn::GetAtt'][1]}>`;
  if ('Fn::Join' in value) return fill(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
  if ('Fn::Select' in value) return fill(value['Fn::Select'][1])[value['Fn::Select'][0]];
  if ('Fn::Split' in value)
    return fill(value['Fn::Split'][1])
      .replace(/^<.*>$/, 'https://the-host/')
      .split(value['Fn::Split'][0]);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fill(entry)]));
}

const lambda = (stack: Stack) =>
  new LambdaFunction(stack, 'F', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('0'),
  });
const rest = (stack: Stack, authorizationType?: RestAuthorization) => {
  const api = new RestApi(stack, 'Api', {
    cloudWatchRole: false,
    ...(authorizationType && { defaultMethodOptions: { authorizationType } }),
  });
  api.root.addMethod('GET', new MockIntegration());
  return api;
};
const graphql = (stack: Stack) => {
  const definition = Definition.fromSchema({
    bind: (api) => ({ apiId: (api as GraphqlApi).apiId, definition: 'type Query { a: Int }' }),
  });
  return new GraphqlApi(stack, 'Api', {
    name: 'api',
    definition,
    authorizationConfig: { defaultAuthorization: { authorizationType: AuthorizationType.IAM } },
  });
};
const gateway = { Region: 'eu-central-1' };
class WebFunction extends Resource {}
const webFunction = (scope: Construct, AuthType: string) =>
  new CfnResource(scope, 'Web', { type: 'AWS::Lambda::WebFunctionEndpoint', properties: { AuthType } });
const certificate = (stack: Stack) =>
  Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:111122223333:certificate/abc');
const domain = (stack: Stack) =>
  new DomainName(stack, 'Domain', { domainName: 'api.example.com', certificate: certificate(stack) });

const cases: readonly [string, (stack: Stack) => RegistrableApi, Record<string, unknown>, string | undefined][] = [
  [
    'a RestApi',
    (stack) => rest(stack, RestAuthorization.IAM),
    {
      ...gateway,
      Kind: 'rest',
      AuthMode: 'iam',
      Target: 'https://<Api>.execute-api.eu-central-1.amazonaws.com/<ApiDeploymentStageprod>',
    },
    '<Api>.execute-api.eu-central-1.amazonaws.com',
  ],
  [
    'a RestApi whose methods differ',
    (stack) => rest(stack),
    {
      ...gateway,
      Kind: 'rest',
      Target: 'https://<Api>.execute-api.eu-central-1.amazonaws.com/<ApiDeploymentStageprod>',
    },
    '<Api>.execute-api.eu-central-1.amazonaws.com',
  ],
  [
    'an HttpApi',
    (stack) =>
      new HttpApi(stack, 'Api', { defaultAuthorizer: new HttpUserPoolAuthorizer('A', new UserPool(stack, 'P')) }),
    { ...gateway, Kind: 'http', AuthMode: 'userPool', Target: 'https://<Api>.execute-api.eu-central-1.amazonaws.com' },
    '<Api>.execute-api.eu-central-1.amazonaws.com',
  ],
  [
    'an HttpStage',
    (stack) =>
      new HttpStage(stack, 'V1', {
        stageName: 'v1',
        httpApi: new HttpApi(stack, 'Api', { createDefaultStage: false, defaultAuthorizer: new HttpIamAuthorizer() }),
      }),
    { ...gateway, Kind: 'http', AuthMode: 'iam', Target: 'https://<Api>.execute-api.eu-central-1.amazonaws.com/v1' },
    '<Api>.execute-api.eu-central-1.amazonaws.com',
  ],
  [
    'a WebSocketStage',
    (stack) => new WebSocketStage(stack, 'Live', { stageName: 'live', webSocketApi: new WebSocketApi(stack, 'Api') }),
    { ...gateway, Kind: 'websocket', Target: 'wss://<Api>.execute-api.eu-central-1.amazonaws.com/live' },
    '<Api>.execute-api.eu-central-1.amazonaws.com',
  ],
  [
    'a GraphqlApi',
    graphql,
    { Kind: 'graphql', Region: 'eu-central-1', AuthMode: 'iam', Target: '<Api.GraphQLUrl>' },
    'the-host',
  ],
  [
    'a GraphqlApi of another stack, which the registrar looks up',
    (stack) => GraphqlApi.fromGraphqlApiAttributes(stack, 'Imported', { graphqlApiId: 'abc' }),
    { Kind: 'graphql', Region: 'eu-central-1', GraphqlApiId: 'abc' },
    undefined,
  ],
  [
    'an EventApi',
    (stack) => new EventApi(stack, 'Api', { apiName: 'events' }),
    { Kind: 'events', Region: 'eu-central-1', Target: 'https://<Api.Dns.Http>/event' },
    '<Api.Dns.Http>',
  ],
  [
    'a FunctionUrl',
    (stack) => lambda(stack).addFunctionUrl({ authType: FunctionUrlAuthType.NONE }),
    { Kind: 'http', Region: 'eu-central-1', SigningService: 'lambda', AuthMode: 'none', Target: 'https://the-host' },
    'the-host',
  ],
  [
    'a Lambda Web Function, whose class this version of aws-cdk-lib lacks',
    (stack) => webFunction(stack, 'IamAuth'),
    { Kind: 'http', Region: 'eu-central-1', AuthMode: 'iam', Target: 'https://<Web.DomainName>' },
    '<Web.DomainName>',
  ],
  [
    'a Lambda Web Function with a construct around it, that authenticates callers itself',
    (stack) => {
      const created = new WebFunction(stack, 'Function');
      webFunction(created, 'ApplicationManaged');
      return created as never;
    },
    { Kind: 'http', Region: 'eu-central-1', Target: 'https://<FunctionWeb.DomainName>' },
    '<FunctionWeb.DomainName>',
  ],
  ['a Function', lambda, { Kind: 'function', Region: 'eu-central-1', AuthMode: 'iam', Target: '<F.Arn>' }, undefined],
];

describe('a registration', () => {
  test.each(cases)('of %s needs nothing but the API', (_, make, properties, host) => {
    const registered = register((stack) => ({ api: make(stack) }));
    expect(registered.properties).toEqual(properties);
    expect(registered.host).toBe(host);
  });

  test('waits for all of the API, its methods too, and goes before any of it', () => {
    const { dependsOn } = register((stack) => ({ api: rest(stack) }));
    const needed = ['RestApi', 'Method', 'Deployment', 'Stage'].map((type) => `AWS::ApiGateway::${type}`);
    expect(dependsOn).toEqual(expect.arrayContaining(needed));
  });

  test('of a URL leaves to the registrar what follows from it', () => {
    expect(register(() => ({ url: 'https://api.example.com/v1' }))).toMatchObject({
      properties: { Target: 'https://api.example.com/v1' },
      host: 'api.example.com',
    });
  });

  test('of an ARN has no host', () => {
    const arn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Order';
    expect(register(() => ({ arn }))).toMatchObject({ properties: { Target: arn }, host: undefined });
  });

  test('of an API behind a custom domain has the domain as target and the rest from the API', () => {
    const { properties, host } = register((stack) => ({
      api: new HttpApi(stack, 'Api', { disableExecuteApiEndpoint: true }),
      url: 'https://users.example.com',
    }));
    expect(properties).toEqual({ ...gateway, Kind: 'http', Target: 'https://users.example.com' });
    expect(host).toBe('users.example.com');
  });

  test('takes every option, and explicit ones win', () => {
    const options = {
      kind: 'rest',
      region: 'us-east-1',
      signingService: 'custom',
      authMode: 'oidc',
      id: 'canary',
      version: '1.4.2',
      tenant: 'acme',
      priority: 1,
      weight: 0,
      public: true,
      takeover: true,
    } as const;
    const { properties } = register((stack) => ({
      api: lambda(stack).addFunctionUrl(),
      ...options,
      metadata: { team: 'users' },
      expiresAt: new Date('2030-01-01T00:00:00Z'),
    }));
    expect(properties).toEqual({
      Kind: 'rest',
      Region: 'us-east-1',
      SigningService: 'custom',
      AuthMode: 'oidc',
      Id: 'canary',
      Version: '1.4.2',
      Tenant: 'acme',
      Priority: 1,
      Weight: 0,
      Public: true,
      Takeover: true,
      Metadata: { team: 'users' },
      ExpiresAt: '2030-01-01T00:00:00.000Z',
      Target: 'https://the-host',
    });
  });

  test('fails the synthesis with what the registrar would say, naming the construct', () => {
    const attempt = (options: EndpointOptions) => () => register(() => options);
    expect(attempt({ url: 'http://users.example.com' })).toThrow(
      '[Stack/Users] Target must be an absolute https:// URL',
    );
    expect(attempt({ url: 'https://users.example.com', weight: 1001 })).toThrow('Weight');
    expect(attempt({ url: 'https://users.example.com', version: 'latest' })).toThrow('Version');
    expect(attempt({})).toThrow('[Stack/Users] api: give the api, its url or an arn');
    expect(attempt({ arn: 'arn:aws:s3:::bucket', url: 'https://users.example.com' })).toThrow('arn: give either');
  });

  test('says what to pass instead of an API that has no URL', () => {
    const attempt = (make: (stack: Stack) => RegistrableApi) => () => register((stack) => ({ api: make(stack) }));
    expect(attempt((stack) => new RestApi(stack, 'Api', { deploy: false }))).toThrow('pass its url');
    expect(attempt((stack) => new HttpApi(stack, 'Api', { createDefaultStage: false }))).toThrow('pass the HttpStage');
    expect(attempt((stack) => new WebSocketApi(stack, 'Api') as never)).toThrow('pass the WebSocketStage');
    expect(attempt((stack) => new UserPool(stack, 'Pool') as never)).toThrow('pass its url or arn');
  });

  test('of a Web Function with several endpoints asks for one of them', () => {
    const make = (stack: Stack) => {
      const scope = new WebFunction(stack, 'Function');
      for (const id of ['One', 'Two']) new CfnResource(scope, id, { type: 'AWS::Lambda::WebFunctionEndpoint' });
      return { api: scope as never };
    };
    expect(() => register(make)).toThrow('[Stack/Users] api: it has several endpoints; pass one of them');
  });

  test('leaves values that are known only at the deployment to the registrar', () => {
    const { properties } = register((stack) => ({
      url: new CfnParameter(stack, 'Url').valueAsString,
      version: new CfnParameter(stack, 'Version').valueAsString,
    }));
    expect(properties).toEqual({ Target: '<Url>', Version: '<Version>' });
  });
});

/** Each kind of API that can switch its default address off, with and without a custom domain. */
const switchedOff: readonly [string, (stack: Stack, mapped: boolean) => RegistrableApi, string][] = [
  [
    'a RestApi',
    (stack, mapped) => {
      const domainName = { domainName: 'api.example.com', certificate: certificate(stack), basePath: 'orders' };
      const api = new RestApi(stack, 'Api', {
        cloudWatchRole: false,
        disableExecuteApiEndpoint: true,
        ...(mapped && { domainName }),
      });
      api.root.addMethod('GET', new MockIntegration());
      return api;
    },
    'https://api.example.com/orders',
  ],
  [
    'a SpecRestApi, in its specification',
    (stack, mapped) => {
      const api = new SpecRestApi(stack, 'Api', {
        cloudWatchRole: false,
        apiDefinition: ApiDefinition.fromInline({
          openapi: '3.0.1',
          servers: [{ url: '/', 'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true } }],
          paths: {},
        }),
      });
      if (mapped)
        new RestDomainName(stack, 'Domain', {
          domainName: 'api.example.com',
          certificate: certificate(stack),
        }).addBasePathMapping(api);
      return api;
    },
    'https://api.example.com',
  ],
  [
    'an HttpApi',
    (stack, mapped) =>
      new HttpApi(stack, 'Api', {
        disableExecuteApiEndpoint: true,
        ...(mapped && { defaultDomainMapping: { domainName: domain(stack), mappingKey: 'orders' } }),
      }),
    'https://api.example.com/orders',
  ],
  [
    'a WebSocketStage, by an override',
    (stack, mapped) => {
      const webSocketApi = new WebSocketApi(stack, 'Api');
      (webSocketApi.node.defaultChild as CfnApi).addPropertyOverride('DisableExecuteApiEndpoint', true);
      const stage = new WebSocketStage(stack, 'Live', { stageName: 'live', webSocketApi });
      if (mapped) new ApiMapping(stack, 'Mapping', { api: webSocketApi, domainName: domain(stack), stage });
      return stage;
    },
    'wss://api.example.com',
  ],
];

describe('an API whose default address is switched off', () => {
  test.each(switchedOff)('%s, is registered by its custom domain, once that leads to it', (_, make, target) => {
    const { properties, host, dependsOn } = register((stack) => ({ api: make(stack, true) }));
    expect(properties).toMatchObject({ Target: target });
    expect(host).toBe('api.example.com');
    expect(dependsOn.filter((type) => type.endsWith('Mapping'))).toHaveLength(1);
  });

  test.each(switchedOff)('%s, is refused with what to pass where it has no domain', (_, make) => {
    expect(() => register((stack) => ({ api: make(stack, false) }))).toThrow(
      /^\[Stack\/Users\] api: its default address is switched off .*pass the url of its custom domain as well$/,
    );
  });

  test('is registered from another stack by a domain that only the deployment knows', () => {
    const { app, stack, registry } = inStack();
    const apis = new Stack(app, 'Apis', { env: { account, region: 'eu-central-1' } });
    const name = new CfnParameter(apis, 'Name').valueAsString;
    const domainName = new DomainName(apis, 'Domain', { domainName: name, certificate: certificate(apis) });
    const api = new HttpApi(apis, 'Api', { disableExecuteApiEndpoint: true, defaultDomainMapping: { domainName } });
    const { host } = new ServiceRegistration(stack, 'Users', { registry, service: 'users', stage: 'prod', api });
    const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::ServiceEndpoint'));
    const imported = { 'Fn::ImportValue': expect.stringContaining('Apis:') };
    expect(resource?.Properties.Target).toEqual({ 'Fn::Join': ['', ['https://', imported]] });
    expect(stack.resolve(host)).toEqual(imported);
  });

  test('after it was registered is refused when the template is written', () => {
    const { app, stack, registry } = inStack();
    new ServiceRegistration(stack, 'Users', { registry, service: 'users', stage: 'prod', api: rest(stack) });
    Aspects.of(app).add({
      visit: (node) => {
        if (node instanceof CfnRestApi) node.disableExecuteApiEndpoint = true;
      },
    });
    expect(() => app.synth()).toThrow(/\[Stack\/Users\] api: its default address is switched off/);
  });

  test('has no say where the url is given', () => {
    const { app, stack, registry } = inStack();
    const api = new HttpApi(stack, 'Api', { disableExecuteApiEndpoint: true });
    const url = 'https://users.example.com';
    new ServiceRegistration(stack, 'Users', { registry, service: 'users', stage: 'prod', api, url });
    expect(() => app.synth()).not.toThrow();
  });
});

describe('the stage of a registration', () => {
  const stageOf = (context: Record<string, string>, defaultStage?: string) => {
    const { stack } = inStack(context);
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Default', {
      url,
      serviceToken: token,
      defaultStage,
    });
    return new ServiceRegistration(stack, 'Users', { registry, service: 'users', url: 'https://users.example.com' })
      .stage;
  };

  test('is the registry\u2019s own, else that of the context, else the Amplify branch', () => {
    const context = { 'amplify-discovery:stage': 'qa', 'amplify-backend-name': 'feature/login' };
    expect(stageOf(context, 'prod')).toBe('prod');
    expect(stageOf(context)).toBe('qa');
    expect(stageOf({ 'amplify-backend-name': 'feature/login' })).toBe('feature-login');
  });

  test('has to come from somewhere', () => {
    expect(() => stageOf({})).toThrow('[Stack/Users] stage: none is given');
  });
});

describe('a registry of another stack', () => {
  test('has the region that is in its URL', () => {
    expect(inStack().registry.region).toBe('eu-west-1');
  });

  test('is looked up by name when it is deployed, with the token of the scope', () => {
    const { stack } = inStack();
    const registry = ServiceRegistry.fromLookup(stack, 'Shared', {
      name: 'default',
      scope: 'team-users',
      auth: 'apiKey',
    });
    new ServiceRegistration(stack, 'Users', {
      registry,
      service: 'users',
      stage: 'prod',
      url: 'https://users.example.com',
    });
    expect(findLookedUp(stack)).toEqual(['service-token']);
    expect(stack.resolve(registry.serviceToken)).toEqual({
      'Fn::Join': ['', [{ Ref: expect.any(String) }, ':team-users']],
    });
  });

  test('has looked up only what is used: a registry without an API key has none to look up', () => {
    const { stack } = inStack();
    const registry = ServiceRegistry.fromLookup(stack, 'Shared', { name: 'default', auth: 'apiKey' });
    registry.grantRead(lambda(stack));
    expect(findLookedUp(stack)).toEqual(['api-arn']);
    expect(registry.auth.mode).toBe('apiKey');
    expect(findLookedUp(inStack().stack)).toEqual([]);
  });

  test('refuses what it can\u2019t do from here, saying where it can be done', () => {
    const { stack, registry } = inStack();
    const fn = lambda(stack);
    expect(() => registry.grantRead(fn)).toThrow('[Stack/Registry] grantRead needs the apiArn');
    expect(() => registry.grantRegister(fn, { scope: 'team-users' })).toThrow(
      'grant it where the registry is deployed',
    );
    expect(() =>
      ServiceRegistry.fromServiceRegistryAttributes(stack, 'Bad', {
        url: 'http://x.example/graphql',
        serviceToken: token,
      }),
    ).toThrow('[Stack/Bad] url:');
    expect(() =>
      ServiceRegistry.fromServiceRegistryAttributes(stack, 'Worse', { url, serviceToken: 'registrar' }),
    ).toThrow('[Stack/Worse] serviceToken:');
  });

  test('lets its token be used by whom it is granted to', () => {
    const { stack, registry } = inStack();
    expect(registry.grantRegister(lambda(stack)).serviceToken).toBe(token);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: token }] },
    });
  });
});
