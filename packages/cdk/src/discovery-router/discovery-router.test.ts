import { describe, expect, test } from '@jest/globals';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { DiscoveryRouter, ServiceRegistry, type DiscoveryRouterProps } from '../index.ts';

// eslint-disable-next-line typescript/no-explicit-any -- a template is JSON
type Resource = { readonly Properties: Record<string, any> };

makeBundles('registrar', 'router');

const attributes = {
  url: 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
  serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
  apiArn: 'arn:aws:appsync:eu-west-1:111122223333:apis/x',
};

function deploy(props: Partial<DiscoveryRouterProps> = {}, arrange?: (router: DiscoveryRouter, stack: Stack) => void) {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', attributes);
  const router = new DiscoveryRouter(stack, 'Router', { registry, stage: 'prod', ...props });
  arrange?.(router, stack);
  const template = Template.fromStack(stack);
  const find = (type: string) => Object.values(template.findResources(type)) as unknown as Resource[];
  const getOne = (type: string) => {
    const [found, ...others] = find(type);
    expect(others).toEqual([]);
    return (found as Resource).Properties;
  };
  const variables = () => getOne('AWS::Lambda::Function').Environment.Variables as Record<string, string>;
  return { router, stack, find, getOne, variables };
}

const bare = deploy();

describe('the function', () => {
  test('runs the router for the stage, and answers before its own time is over', () => {
    expect(bare.getOne('AWS::Lambda::Function')).toMatchObject({
      Handler: 'router.handler',
      Runtime: 'nodejs24.x',
      Timeout: 30,
      MemorySize: 512,
    });
    expect(bare.variables()).toEqual({
      DISCOVERY_REGISTRY_URL: attributes.url,
      DISCOVERY_REGISTRY_REGION: 'eu-west-1',
      DISCOVERY_STAGE: 'prod',
      DISCOVERY_ROUTER: '{"timeoutMs":29000}',
    });
    expect(bare.getOne('AWS::Logs::LogGroup').RetentionInDays).toBe(30);
  });

  test('has every setting of the router', () => {
    const { DISCOVERY_ROUTER, ...others } = deploy({
      stage: { default: 'prod', byHost: { 'qa.example.com': 'qa' } },
      fallbackStages: ['dev'],
      services: ['users', 'orders'],
      auth: { users: { mode: 'iam' } },
      affinity: { cookie: 'session' },
      mount: '/r',
      suggestNames: false,
      trustedHosts: ['*.example.com', 'api.example.org'],
      snapshot: {
        url: 'https://cdn.example.com/{stage}.public.json',
        trustedKeys: [{ kid: '1', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }],
      },
      timeout: Duration.seconds(10),
      logRequests: true,
      metrics: true,
    }).variables();
    expect(JSON.parse(DISCOVERY_ROUTER as string)).toEqual({
      stage: { default: 'prod', byHost: { 'qa.example.com': 'qa' } },
      services: ['users', 'orders'],
      auth: { users: { mode: 'iam' } },
      affinity: { cookie: 'session' },
      mount: '/r',
      suggestNames: false,
      timeoutMs: 9000,
    });
    expect(others).toMatchObject({
      DISCOVERY_STAGE: 'prod,dev',
      DISCOVERY_TRUSTED_HOSTS: '*.example.com,api.example.org',
      DISCOVERY_SNAPSHOT_URL: 'https://cdn.example.com/{stage}.public.json',
      DISCOVERY_SNAPSHOT_KEYS: '[{"kid":"1","kty":"EC","crv":"P-256","x":"x","y":"y"}]',
      DISCOVERY_ROUTER_LOG: '1',
      DISCOVERY_ROUTER_METRICS: '1',
    });
  });

  test('has the keys of a snapshot as a publisher or a lookup gives them, and no list that trusts nothing', () => {
    const url = 'https://cdn.example.com/{stage}.public.json';
    const text = '[{"kid":"1","kty":"EC","crv":"P-256","x":"x","y":"y"}]';
    expect(deploy({ snapshot: { url, trustedKeys: text } }).variables()).toMatchObject({
      DISCOVERY_SNAPSHOT_KEYS: text,
    });
    expect(deploy({ snapshot: { url } }).variables()).not.toHaveProperty('DISCOVERY_SNAPSHOT_KEYS');
    expect(() => deploy({ snapshot: { url, trustedKeys: [] } })).toThrow('snapshot.trustedKeys: is not a list');
    expect(() => deploy({ snapshot: { url: 'http://cdn.example.com/{stage}.json' } })).toThrow('snapshot.url');
  });

  test('may read snapshots, write its log, and nothing else', () => {
    const { Policies, ManagedPolicyArns } = bare.getOne('AWS::IAM::Role');
    expect(Policies[0].PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'appsync:GraphQL',
        Resource: `${attributes.apiArn}/types/Query/fields/snapshot`,
      },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringContaining('RouterLogs'), 'Arn'] },
      },
    ]);
    expect(ManagedPolicyArns).toBeUndefined();
    expect(bare.find('AWS::IAM::Policy')).toEqual([]);
  });
});

describe('a function URL', () => {
  test('takes signed requests only, unless it is said to be public', () => {
    expect(bare.getOne('AWS::Lambda::Url')).toMatchObject({ AuthType: 'AWS_IAM', InvokeMode: 'BUFFERED' });
    expect(bare.find('AWS::Lambda::Permission')).toEqual([]);
    const open = deploy({ access: 'public' });
    expect(open.getOne('AWS::Lambda::Url').AuthType).toBe('NONE');
    expect(open.find('AWS::Lambda::Permission').map(({ Properties }) => Properties.Principal)).toContain('*');
  });

  test('streams where that is asked for', () => {
    const { getOne } = deploy({ streaming: true });
    expect(getOne('AWS::Lambda::Url').InvokeMode).toBe('RESPONSE_STREAM');
    expect(getOne('AWS::Lambda::Function').Handler).toBe('router.streamingHandler');
  });

  test('can be called by whom that is granted to', () => {
    const { getOne } = deploy({}, (router, stack) => {
      router.grantCall(new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    });
    const actions = getOne('AWS::IAM::Policy').PolicyDocument.Statement.flatMap(
      ({ Action }: { Action: string | string[] }) => Action,
    );
    expect(actions).toContain('lambda:InvokeFunctionUrl');
  });
});

describe('an HTTP API', () => {
  test('hands everything to the router, in signed requests, and logs no query', () => {
    const { getOne, find } = deploy({ entry: 'httpApi' });
    expect(find('AWS::Lambda::Url')).toEqual([]);
    expect(getOne('AWS::ApiGatewayV2::Route')).toMatchObject({ RouteKey: '$default', AuthorizationType: 'AWS_IAM' });
    expect(getOne('AWS::ApiGatewayV2::Integration').PayloadFormatVersion).toBe('2.0');
    const { Format } = getOne('AWS::ApiGatewayV2::Stage').AccessLogSettings;
    expect(JSON.parse(Format)).toMatchObject({ path: '$context.path', status: '$context.status' });
    expect(Format).not.toMatch(/query/i);
  });

  test('can be public or have an authorizer of its own', () => {
    expect(deploy({ entry: 'httpApi', access: 'public' }).getOne('AWS::ApiGatewayV2::Route').AuthorizationType).toBe(
      'NONE',
    );
    const access = new HttpJwtAuthorizer('Jwt', 'https://issuer.example.com', { jwtAudience: ['app'] });
    expect(deploy({ entry: 'httpApi', access }).getOne('AWS::ApiGatewayV2::Route').AuthorizationType).toBe('JWT');
  });

  test('can be called by whom that is granted to', () => {
    const { getOne } = deploy({ entry: 'httpApi' }, (router, stack) => {
      router.grantCall(new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    });
    expect(getOne('AWS::IAM::Policy').PolicyDocument.Statement[0].Action).toBe('execute-api:Invoke');
  });
});

test.each<[string, Partial<DiscoveryRouterProps>]>([
  ['stage.0: is not a name', { stage: 'a b' }],
  ['stage.byHost.qa.example.com: is not a name', { stage: { byHost: { 'qa.example.com': 'a b' } } }],
  ['stage: the rule allows no stage', { stage: {} }],
  ['fallbackStages:', { stage: { inPath: ['qa'] }, fallbackStages: ['dev'] }],
  ['services: is empty', { services: [] }],
  ['auth.a b: is not a name', { auth: { 'a b': { mode: 'iam' } } }],
  ['mount: is not a path such as /api', { mount: 'r/' }],
  ['trustedHosts: "*.com" is not a host pattern', { trustedHosts: ['*.com'] }],
  ['streaming:', { entry: 'httpApi', streaming: true }],
  ['timeout: an HTTP API', { entry: 'httpApi', timeout: Duration.minutes(1) }],
  ['timeout: the router', { timeout: Duration.seconds(1) }],
  ['access:', { access: new HttpJwtAuthorizer('Jwt', 'https://issuer.example.com', { jwtAudience: ['app'] }) }],
])('what would fail only when it runs fails the synthesis: %s', (message, props) => {
  expect(() => deploy(props)).toThrow(`[Stack/Router] ${message}`);
});

test('a registry that was joined without its apiArn is refused, because it can\u2019t be read', () => {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
    ...attributes,
    apiArn: undefined,
  });
  expect(() => new DiscoveryRouter(stack, 'Router', { registry, stage: 'prod' })).toThrow('apiArn');
});

test('cdk-nag\u2019s AWS Solutions pack passes, and reports an HTTP API that is public', () => {
  const synthesise = (props: Partial<DiscoveryRouterProps>) => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new Stack(app, 'Stack');
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', attributes);
    new DiscoveryRouter(stack, 'Router', { registry, stage: 'prod', ...props });
    return () => app.synth();
  };
  expect(synthesise({ tracing: true })).not.toThrow();
  expect(synthesise({ entry: 'httpApi' })).not.toThrow();
  expect(synthesise({ entry: 'httpApi', access: 'public' })).toThrow('AwsSolutions-APIG4');
});
