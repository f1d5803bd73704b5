import { describe, expect, test } from '@jest/globals';
import type { Naming } from './describe-endpoint.ts';
import type { DomainSettings } from './find-managed-domains.ts';
import { nameResource, planResources } from './plan-resources.ts';
import { readConfig } from './read-config.ts';
import type { Template, TemplateResource } from './template.ts';

const naming: Naming = {
  getRestApiLogicalId: () => 'ApiGatewayRestApi',
  getHttpApiLogicalId: () => 'HttpApi',
  getWebsocketsApiLogicalId: () => 'WebsocketsApi',
  getLambdaLogicalId: (name) => `${name}LambdaFunction`,
  getLambdaFunctionUrlLogicalId: (name) => `${name}LambdaFunctionUrl`,
};
const http: Template = {
  Resources: {
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api' },
    HttpApiStage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'HttpApi' } } },
    HttpApiRouteGet: { Type: 'AWS::ApiGatewayV2::Route', Properties: { ApiId: { Ref: 'HttpApi' } } },
    OtherStage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'Other' } } },
  },
  Outputs: { HttpApiUrl: { Value: 'HTTP_URL' } },
};
const rest: Template = {
  Resources: {
    ApiGatewayRestApi: { Type: 'AWS::ApiGateway::RestApi' },
    ApiGatewayMethodGet: {
      Type: 'AWS::ApiGateway::Method',
      Properties: { RestApiId: { Ref: 'ApiGatewayRestApi' }, HttpMethod: 'GET', AuthorizationType: 'AWS_IAM' },
    },
    ApiGatewayMethodOptions: {
      Type: 'AWS::ApiGateway::Method',
      Properties: { RestApiId: { Ref: 'ApiGatewayRestApi' }, HttpMethod: 'OPTIONS', AuthorizationType: 'NONE' },
    },
    ApiGatewayDeployment1: { Type: 'AWS::ApiGateway::Deployment' },
  },
  Outputs: { ServiceEndpoint: { Value: 'REST_URL' } },
};
const url: Template = {
  Resources: {
    helloLambdaFunction: { Type: 'AWS::Lambda::Function' },
    helloLambdaFunctionUrl: {
      Type: 'AWS::Lambda::Url',
      Condition: 'WithUrl',
      Properties: { AuthType: 'AWS_IAM', TargetFunctionArn: { Ref: 'Hello' } },
    },
    HelloPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { FunctionUrlAuthType: 'NONE', FunctionName: { Ref: 'Hello' } },
    },
    OtherPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { FunctionUrlAuthType: 'NONE', FunctionName: { Ref: 'Other' } },
    },
  },
};
const graphql: Template = {
  Resources: {
    GraphQlApi: { Type: 'AWS::AppSync::GraphQLApi' },
    GraphQlSchema: {
      Type: 'AWS::AppSync::GraphQLSchema',
      Properties: { ApiId: { 'Fn::GetAtt': ['GraphQlApi', 'ApiId'] } },
    },
  },
};
const websocket: Template = { Resources: {}, Outputs: { ServiceEndpointWebsocket: { Value: 'WSS_URL' } } };

function join(...templates: readonly Template[]): Template {
  return {
    Resources: Object.assign({}, ...templates.map(({ Resources }) => Resources)) as Template['Resources'],
    Outputs: Object.assign({}, ...templates.map(({ Outputs }) => Outputs)) as NonNullable<Template['Outputs']>,
  };
}

const now = new Date('2026-11-26T05:00:00Z');

function plan(template: Template, custom: object = {}, domains: Partial<DomainSettings> = {}) {
  const config = readConfig({ registry: 'main', ...custom }, { service: 'users', stage: 'dev' });
  return planResources(config, { template, naming, provider: {}, ...domains }, now);
}

function planOne(template: Template, custom: object = {}): TemplateResource {
  const resources = Object.values(plan(template, custom).Resources);
  expect(resources).toHaveLength(1);
  return resources[0] as TemplateResource;
}

describe('the endpoint', () => {
  test('is the HTTP API, once it is deployed', () => {
    expect(planOne(http)).toEqual({
      Type: 'Custom::ServiceEndpoint',
      Properties: {
        ServiceToken: { Ref: 'DiscoveryRegistrar' },
        ServiceTimeout: 120,
        Service: 'users',
        Stage: 'dev',
        Id: 'default',
        Kind: 'http',
        Target: 'HTTP_URL',
        SigningService: 'execute-api',
        AuthMode: 'none',
      },
      DependsOn: ['HttpApiStage', 'HttpApiRouteGet'],
    });
  });

  test('is the REST API, once it is deployed, with the auth mode that its methods share', () => {
    const { Properties, DependsOn } = planOne(rest);
    expect(Properties).toMatchObject({ Kind: 'rest', Target: 'REST_URL', AuthMode: 'iam' });
    expect(DependsOn).toEqual(['ApiGatewayDeployment1']);
  });

  test('is the web API where there are function URLs or a websocket API as well', () => {
    expect(planOne(join(http, url, websocket)).Properties).toMatchObject({ Target: 'HTTP_URL' });
  });

  test('is the websocket API or the function URL where there is nothing else', () => {
    expect(planOne(websocket).Properties).toMatchObject({ Kind: 'websocket', Target: 'WSS_URL' });
    expect(planOne(url)).toMatchObject({
      Properties: {
        Kind: 'http',
        Target: { 'Fn::GetAtt': ['helloLambdaFunctionUrl', 'FunctionUrl'] },
        SigningService: 'lambda',
        AuthMode: 'iam',
      },
      DependsOn: ['HelloPermission'],
      Condition: 'WithUrl',
    });
  });

  test('can be chosen', () => {
    const all = join(http, rest, url, graphql, websocket);
    const { Resources } = plan(all, {
      endpoints: [
        { service: 'a', restApi: true },
        { service: 'b', httpApi: true },
        { service: 'c', websocket: true },
        { service: 'd', functionUrl: 'hello' },
        { service: 'e', function: 'hello' },
        { service: 'f', graphqlApi: 'GraphQlApi' },
        { service: 'g', target: { Ref: 'Url' } },
      ],
    });
    const targets = Object.values(Resources).map(({ Properties = {} }) => [
      Properties['Service'],
      Properties['Kind'],
      Properties['Target'] ?? Properties['GraphqlApiId'],
    ]);
    expect(targets).toEqual([
      ['a', 'rest', 'REST_URL'],
      ['b', 'http', 'HTTP_URL'],
      ['c', 'websocket', 'WSS_URL'],
      ['d', 'http', { 'Fn::GetAtt': ['helloLambdaFunctionUrl', 'FunctionUrl'] }],
      ['e', 'function', { 'Fn::GetAtt': ['helloLambdaFunction', 'Arn'] }],
      ['f', 'graphql', { 'Fn::GetAtt': ['GraphQlApi', 'ApiId'] }],
      ['g', undefined, { Ref: 'Url' }],
    ]);
  });

  test('settings win over what the template says', () => {
    const custom = {
      kind: 'rest',
      authMode: 'lambda',
      signingService: 'custom',
      region: { Ref: 'AWS::Region' },
      version: '1.0.0',
      tenant: 'acme',
      priority: 10,
      weight: 0,
      public: true,
      metadata: { team: 'blue' },
      expiresAt: '2030-01-01T00:00:00Z',
      takeover: true,
    };
    expect(planOne(http, custom).Properties).toMatchObject({
      Kind: 'rest',
      AuthMode: 'lambda',
      SigningService: 'custom',
      Region: { Ref: 'AWS::Region' },
      Version: '1.0.0',
      Tenant: 'acme',
      Priority: 10,
      Weight: 0,
      Public: true,
      Metadata: { team: 'blue' },
      ExpiresAt: '2030-01-01T00:00:00Z',
      Takeover: true,
    });
  });

  test.each([
    ['there is no API', { Resources: {} }, {}, 'this service has no API of its own; say which'],
    ['there are two', join(http, rest), {}, 'this service has restApi, httpApi; say which'],
    ['the chosen one is not there', http, { restApi: true }, 'this service has no REST API'],
    ['there is no such function', http, { function: 'nope' }, 'no function "nope"'],
    ['the function has no URL', http, { functionUrl: 'hello' }, 'the function "hello" has no URL'],
    ['there is no such GraphQL API', graphql, { graphqlApi: 'Nope' }, 'it has GraphQlApi'],
    ['its name is that of an object member', graphql, { graphqlApi: 'constructor' }, 'it has GraphQlApi'],
    ['there is no such web function', http, { webFunction: 'Nope' }, 'it has none'],
  ])('is refused where %s', (_, template: Template, custom, message) => {
    expect(() => plan(template, custom)).toThrow(message);
  });
});

describe('an API without its default address', () => {
  const off = (api: string, Type: string, more: object = {}): Template => ({
    Resources: { [api]: { Type, Properties: { DisableExecuteApiEndpoint: true, ...more } } },
  });
  const httpOff = join(http, off('HttpApi', 'AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' }));
  const restOff = join(rest, off('ApiGatewayRestApi', 'AWS::ApiGateway::RestApi'));
  const websocketOff = join(websocket, off('WebsocketsApi', 'AWS::ApiGatewayV2::Api', { ProtocolType: 'WEBSOCKET' }));
  const target = (template: Template, domains: Partial<DomainSettings>, custom: object = {}) =>
    Object.values(plan(template, custom, domains).Resources)[0]?.Properties?.['Target'];

  test('is registered by the custom domain of its own template, once the domain leads to it', () => {
    const mapping: Template = {
      Resources: {
        Domain: { Type: 'AWS::ApiGatewayV2::DomainName', Properties: { DomainName: 'api.example.com' } },
        Mapping: {
          Type: 'AWS::ApiGatewayV2::ApiMapping',
          Properties: {
            ApiId: { Ref: 'HttpApi' },
            DomainName: { Ref: 'Domain' },
            Stage: { Ref: 'HttpApiStage' },
            ApiMappingKey: 'users',
          },
        },
      },
    };
    const { Properties, DependsOn } = planOne(join(httpOff, mapping));
    expect(Properties).toMatchObject({ Target: 'https://api.example.com/users', SigningService: 'execute-api' });
    expect(DependsOn).toContain('Mapping');
  });

  test.each<[string, Template, Partial<DomainSettings>, string]>([
    [
      'serverless-domain-manager',
      restOff,
      { custom: { customDomain: { domainName: 'api.example.com', basePath: 'users', stage: 'prod' } } },
      'https://api.example.com/users',
    ],
    [
      'serverless-domain-manager, by type',
      httpOff,
      {
        custom: {
          customDomain: {
            rest: { domainName: 'rest.example.com' },
            http: { domainName: 'http.example.com', basePath: '' },
          },
        },
      },
      'https://http.example.com',
    ],
    [
      'serverless-domain-manager, of several domains',
      websocketOff,
      {
        custom: {
          customDomains: [
            { domainName: 'api.example.com', apiType: 'HTTP' },
            { websocket: { domainName: 'ws.example.com' } },
            { domainName: 'off.example.com', apiType: 'websocket', enabled: 'false' },
          ],
        },
      },
      'wss://ws.example.com',
    ],
    ['Serverless v4', httpOff, { provider: { domain: 'api.example.com' } }, 'https://api.example.com'],
    [
      'Serverless v4, of several domains',
      restOff,
      {
        provider: {
          domains: ['api.example.com', { name: 'rest.example.com', apiType: 'rest', basePath: 'v1' }],
        },
      },
      'https://rest.example.com/v1',
    ],
  ])('is registered by the custom domain of %s', (_, template, domains, expected) => {
    expect(target(template, domains)).toBe(expected);
  });

  test.each<[string, Partial<DomainSettings>]>([
    ['no domain', {}],
    ['domains that are something else', { custom: { customDomain: 'x', customDomains: [null, 7, {}, { rest: 1 }] } }],
    ['a domain for another type of API', { provider: { domain: { name: 'a.example.com', apiType: 'websocket' } } }],
    ['a domain that is switched off', { provider: { domain: { name: 'a.example.com', enabled: false } } }],
    ['several domains', { provider: { domains: ['a.example.com', 'b.example.com'] } }],
  ])('is refused with what to write where there is %s', (_, domains) => {
    expect(() => target(httpOff, domains)).toThrow(
      /^custom\.discovery: httpApi: its default address is switched off.*give target: the URL of its custom domain$/,
    );
  });

  test('is registered by a target that is given', () => {
    expect(target(httpOff, {}, { target: 'https://api.example.com' })).toBe('https://api.example.com');
  });

  test('differs from one that has both: that keeps its default address', () => {
    expect(target(http, { provider: { domain: 'api.example.com' } })).toBe('HTTP_URL');
  });
});

test('a web function is registered by its domain, with the auth mode that its endpoint has', () => {
  const template = (AuthType: string): Template => ({
    Resources: { Web: { Type: 'AWS::Lambda::WebFunctionEndpoint', Properties: { AuthType }, Condition: 'WithWeb' } },
  });
  expect(planOne(template('IamAuth'), { webFunction: 'Web' })).toMatchObject({
    Properties: {
      Kind: 'http',
      Target: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Web', 'DomainName'] }]] },
      AuthMode: 'iam',
    },
    Condition: 'WithWeb',
  });
  expect(planOne(template('ApplicationManaged'), { webFunction: 'Web' }).Properties).not.toHaveProperty('AuthMode');
});

test('a function URL may have the logical id of an object member', () => {
  const template: Template = { Resources: { constructor: { Type: 'AWS::Lambda::Url' } } };
  expect(planOne(template).Properties).toMatchObject({ Target: { 'Fn::GetAtt': ['constructor', 'FunctionUrl'] } });
});

describe('the auth mode', () => {
  const route = (properties: object): Template =>
    join(http, {
      Resources: {
        HttpApiRouteGet: { Type: 'AWS::ApiGatewayV2::Route', Properties: { ApiId: { Ref: 'HttpApi' }, ...properties } },
      },
    });

  test.each([
    [{}, 'none'],
    [{ AuthorizationType: 'AWS_IAM' }, 'iam'],
    [{ AuthorizationType: 'CUSTOM' }, 'lambda'],
    [{ AuthorizationType: 'JWT' }, 'oidc'],
    [{ AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Authorizer' } }, 'userPool'],
    [{ AuthorizationType: 'NEW' }, undefined],
  ])('of routes with %j is %s', (properties, mode) => {
    const authorizer: Template = {
      Resources: {
        Authorizer: {
          Type: 'AWS::ApiGatewayV2::Authorizer',
          Properties: { JwtConfiguration: { Issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/x' } },
        },
      },
    };
    expect(planOne(join(route(properties), authorizer)).Properties?.['AuthMode']).toBe(mode);
  });

  test('is not said where the routes differ', () => {
    const template = join(http, {
      Resources: {
        Second: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: { ApiId: { Ref: 'HttpApi' }, AuthorizationType: 'AWS_IAM' },
        },
      },
    });
    expect(planOne(template).Properties).not.toHaveProperty('AuthMode');
  });
});

describe('a deployment', () => {
  test('registers what is to be renewed anew each day, and nothing else', () => {
    expect(planOne(http, { renew: true }).Properties).toMatchObject({ RenewedOn: '2026-11-26' });
    expect(planOne(http).Properties).not.toHaveProperty('RenewedOn');
    const endpoints = [{ httpApi: true }, { restApi: true, id: 'rest', renew: false }];
    const { Resources } = plan(join(http, rest), { renew: true, endpoints });
    expect(Object.values(Resources).map(({ Properties }) => Properties?.['RenewedOn'])).toEqual([
      '2026-11-26',
      undefined,
    ]);
  });
});

describe('the registrar', () => {
  test('of a named registry is read at each deployment', () => {
    expect(plan(http).Parameters).toEqual({
      DiscoveryRegistrar: expect.objectContaining({
        Type: 'AWS::SSM::Parameter::Value<String>',
        Default: '/amplify-discovery/main/service-token',
      }),
    });
    const { Properties } = planOne(http, { registrarAlias: 'scope-users' });
    expect(Properties?.['ServiceToken']).toEqual({ 'Fn::Sub': '${DiscoveryRegistrar}:scope-users' });
  });

  test('may be any value', () => {
    const registrar = { 'Fn::ImportValue': 'registrar' };
    const planned = plan(http, { registry: undefined, registrar });
    expect(planned.Parameters).toEqual({});
    expect(Object.values(planned.Resources)[0]?.Properties?.['ServiceToken']).toEqual(registrar);
  });
});

describe('the logical id', () => {
  const registrar = { by: 'name', name: 'main', alias: undefined } as const;
  const name = (service: string, id = 'default', where: Parameters<typeof nameResource>[0] = registrar) =>
    nameResource(where, { service, id });

  test('is made of letters and digits, and differs where shortened names would be the same', () => {
    const names = [name('a-b'), name('ab'), name('a.b'), name('a', 'b'), name('ab', 'x')];
    expect(new Set(names).size).toBe(names.length);
    for (const id of [...names, name('x'.repeat(128))]) expect(id).toMatch(/^[A-Za-z0-9]{1,255}$/);
  });

  test('stays while the endpoint does, and changes with the registrar, whose token CloudFormation would not update', () => {
    expect(name('users')).toBe(
      nameResource(registrar, { service: 'users', id: 'default', version: '2.0.0', target: 'https://x.example.com' }),
    );
    expect(name('users')).not.toBe(name('users', 'default', { by: 'name', name: 'other', alias: undefined }));
    expect(name('users')).not.toBe(name('users', 'default', { by: 'value', value: { Ref: 'X' } }));
  });

  test('never replaces something of the service', () => {
    expect(() => plan(join(http, { Resources: { [name('users')]: { Type: 'AWS::SQS::Queue' } } }))).toThrow(
      'rename it',
    );
    expect(() => plan({ ...http, Parameters: { DiscoveryRegistrar: {} } })).toThrow('rename it');
  });
});
