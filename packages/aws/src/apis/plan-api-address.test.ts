import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planApiAddress, type ResourceDescription } from './plan-api-address.ts';

type Resources = Record<string, ResourceDescription>;

const write = 'give its URL';
const plan = (resources: Resources, stage?: unknown) => planApiAddress({ resources, api: 'Api', stage, write });
const api = (Type: string, Properties: object = {}): Resources => ({
  Api: { Type, Properties: Properties as Record<string, unknown> },
});
const off = { DisableExecuteApiEndpoint: true };

/** Each kind that can switch its default address off, with a custom domain that is mapped to it. */
const gateways: readonly {
  readonly name: string;
  readonly off: Resources;
  readonly domain: Resources;
  readonly target: string;
}[] = [
  {
    name: 'a REST API',
    off: api('AWS::ApiGateway::RestApi', off),
    domain: {
      Domain: { Type: 'AWS::ApiGateway::DomainName', Properties: { DomainName: 'api.example.com' } },
      Mapping: {
        Type: 'AWS::ApiGateway::BasePathMapping',
        Properties: {
          RestApiId: { Ref: 'Api' },
          DomainName: { Ref: 'Domain' },
          BasePath: 'orders',
          Stage: { Ref: 'Stage' },
        },
      },
      Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { StageName: 'prod' } },
    },
    target: 'https://api.example.com/orders',
  },
  {
    name: 'a REST API whose specification says so',
    off: api('AWS::ApiGateway::RestApi', {
      Body: {
        swagger: '2.0',
        'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
      },
    }),
    domain: {
      Mapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { 'Fn::GetAtt': ['Api', 'RestApiId'] }, DomainName: 'api.example.com', Stage: 'prod' },
      },
    },
    target: 'https://api.example.com',
  },
  {
    name: 'a private REST API',
    off: api('AWS::ApiGateway::RestApi', { ...off, EndpointConfiguration: { Types: ['PRIVATE'] } }),
    domain: {
      Domain: { Type: 'AWS::ApiGateway::DomainNameV2', Properties: { DomainName: 'internal.example.com' } },
      Mapping: {
        Type: 'AWS::ApiGateway::BasePathMappingV2',
        Properties: {
          RestApiId: { Ref: 'Api' },
          DomainNameArn: { 'Fn::GetAtt': ['Domain', 'DomainNameArn'] },
          BasePath: '(none)',
          Stage: 'prod',
        },
      },
    },
    target: 'https://internal.example.com',
  },
  {
    name: 'an HTTP API',
    off: api('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP', DisableExecuteApiEndpoint: 'true' }),
    domain: {
      Domain: { Type: 'AWS::ApiGatewayV2::DomainName', Properties: { DomainName: 'api.example.com' } },
      Mapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: {
          ApiId: { Ref: 'Api' },
          DomainName: { Ref: 'Domain' },
          ApiMappingKey: 'v1/orders',
          Stage: 'prod',
        },
      },
    },
    target: 'https://api.example.com/v1/orders',
  },
  {
    name: 'an HTTP API whose specification says so',
    off: api('AWS::ApiGatewayV2::Api', {
      Body: {
        openapi: '3.0.1',
        servers: [
          { url: '/' },
          { url: '/', 'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true } },
        ],
      },
    }),
    domain: {
      Mapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { Ref: 'Api' }, DomainName: 'api.example.com', Stage: 'prod' },
      },
    },
    target: 'https://api.example.com',
  },
  {
    name: 'a WebSocket API',
    off: api('AWS::ApiGatewayV2::Api', { ...off, ProtocolType: 'WEBSOCKET' }),
    domain: {
      Mapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { Ref: 'Api' }, DomainName: 'ws.example.com', ApiMappingKey: 'live', Stage: 'prod' },
      },
    },
    target: 'wss://ws.example.com/live',
  },
];

describe.each(gateways)('$name without its default address', ({ off, domain, target }) => {
  test('is registered by its custom domain, once the domain leads to it', () => {
    expect(plan({ ...off, ...domain }, 'prod')).toMatchObject({ from: 'customDomain', target, dependsOn: ['Mapping'] });
  });

  test('is refused with what to write where no domain is mapped to it, or to this stage of it', () => {
    expect(plan(off)).toEqual({ from: 'nowhere', problem: expect.stringMatching(/switched off.*give its URL$/) });
    expect(plan({ ...off, ...domain }, 'other')).toMatchObject({ from: 'nowhere' });
  });

  test('is refused where it has several domains, or one that not every deployment has', () => {
    const two = { ...off, ...domain, Second: domain['Mapping'] as ResourceDescription };
    expect(plan(two)).toMatchObject({ from: 'nowhere', problem: expect.stringContaining('Mapping, Second') });
    const conditional = { ...domain['Mapping'], Condition: 'IsProd' } as ResourceDescription;
    expect(plan({ ...off, ...domain, Mapping: conditional })).toMatchObject({ from: 'nowhere' });
  });

  test('keeps its default address when nothing switches it off, whatever domains there are', () => {
    const { Api } = off;
    const on = { Type: Api?.Type ?? '', Properties: { ProtocolType: Api?.Properties?.['ProtocolType'] } };
    expect(plan({ ...domain, Api: on })).toEqual({ from: 'default' });
  });

  test('is registered by its domain where only the deployment decides, for the domain leads to it in either case', () => {
    const { Api } = off;
    const unknown = {
      Type: Api?.Type ?? '',
      Properties: { ...Api?.Properties, Body: undefined, DisableExecuteApiEndpoint: { 'Fn::If': ['IsProd', true] } },
    };
    expect(plan({ ...domain, Api: unknown }, 'prod')).toMatchObject({ from: 'customDomain', target });
    expect(plan({ Api: unknown })).toMatchObject({
      from: 'nowhere',
      problem: expect.stringContaining('only the deployment decides'),
    });
  });
});

test.each([
  'AWS::AppSync::GraphQLApi',
  'AWS::AppSync::Api',
  'AWS::Lambda::Url',
  'AWS::Lambda::WebFunctionEndpoint',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
])('%s keeps its default address beside a custom domain', (Type) => {
  const association = { ApiId: { 'Fn::GetAtt': ['Api', 'ApiId'] }, DomainName: 'api.example.com' };
  const resources = {
    ...api(Type, off),
    Association: { Type: 'AWS::AppSync::DomainNameApiAssociation', Properties: association },
  };
  expect(plan(resources)).toEqual({ from: 'default' });
});

test('a mapping without a stage leaves the stage to the path', () => {
  const mapping = { RestApiId: { Ref: 'Api' }, DomainName: 'api.example.com', BasePath: 'orders' };
  const resources = {
    ...api('AWS::ApiGateway::RestApi', off),
    Mapping: { Type: 'AWS::ApiGateway::BasePathMapping', Properties: mapping },
    Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { StageName: 'prod' } },
  };
  expect(plan(resources, { Ref: 'Stage' })).toMatchObject({ target: 'https://api.example.com/orders/prod' });
  expect(plan(resources)).toMatchObject({ from: 'nowhere', problem: expect.stringContaining('maps no stage') });
});

test('a domain that only routing rules lead on from is refused', () => {
  const [{ off, domain }] = gateways as [(typeof gateways)[number]];
  const Domain = {
    Type: 'AWS::ApiGateway::DomainName',
    Properties: { DomainName: 'api.example.com', RoutingMode: 'ROUTING_RULE_ONLY' },
  };
  expect(plan({ ...off, ...domain, Domain })).toMatchObject({
    from: 'nowhere',
    problem: expect.stringContaining('routing rules'),
  });
});

test('what only the deployment knows stays a CloudFormation value', () => {
  const mapping = {
    ApiId: { Ref: 'Api' },
    DomainName: { 'Fn::ImportValue': 'domain' },
    ApiMappingKey: { Ref: 'Path' },
    Stage: 'prod',
  };
  const resources = {
    ...api('AWS::ApiGatewayV2::Api', off),
    Mapping: { Type: 'AWS::ApiGatewayV2::ApiMapping', Properties: mapping },
  };
  expect(plan(resources)).toMatchObject({
    target: { 'Fn::Join': ['', ['https://', { 'Fn::ImportValue': 'domain' }, '/', { Ref: 'Path' }]] },
    domainName: { 'Fn::ImportValue': 'domain' },
  });
});

test('an API that the template lacks is refused, also one with the name of an object member', () => {
  for (const id of ['Missing', 'constructor', '__proto__', 'toString']) {
    expect(planApiAddress({ resources: {}, api: id, write })).toMatchObject({
      from: 'nowhere',
      problem: expect.stringContaining(JSON.stringify(id)),
    });
  }
});

test('whatever a template holds, there is an answer, and every refusal says what to write', () => {
  const names = [
    'AWS::ApiGateway::RestApi',
    'AWS::ApiGatewayV2::Api',
    'AWS::ApiGateway::BasePathMapping',
    'AWS::ApiGatewayV2::ApiMapping',
    'AWS::ApiGateway::DomainName',
  ];
  const value = fc.oneof(
    fc.constantFrom<unknown>(true, 'true', '', null, '(none)', 'api.example.com', { Ref: 'Api' }, { Ref: 'Two' }),
    fc.constantFrom<unknown>({ 'Fn::GetAtt': 'Api.Id' }, { 'Fn::GetAtt': null }, { 'Fn::GetAtt': [] }, { Ref: {} }),
    fc.jsonValue(),
  );
  const properties = fc.dictionary(
    fc.constantFrom('DisableExecuteApiEndpoint', 'Body', 'RestApiId', 'ApiId', 'DomainName', 'BasePath', 'Stage'),
    value,
  );
  const resource = fc.record({ Type: fc.constantFrom(...names), Properties: properties });
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('Api', 'Two', 'Three', 'Four'), resource), (resources) => {
      const address = plan(resources, 'prod');
      expect(['default', 'customDomain', 'nowhere']).toContain(address.from);
      if (address.from === 'nowhere') expect(address.problem).toMatch(/; give its URL$/);
      if (address.from === 'customDomain')
        expect(JSON.stringify(address.target)).toMatch(/^("|{"Fn::Join":\["",\[")https:/);
    }),
  );
});
