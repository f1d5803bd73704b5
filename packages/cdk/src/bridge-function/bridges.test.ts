import { describe, expect, test } from '@jest/globals';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import {
  CloudMapBridge,
  DnsBridge,
  RegistryBridge,
  RegistryBridgeRole,
  ServiceRegistry,
  type BridgeProps,
  type CloudMapBridgeProps,
} from '../index.ts';

// eslint-disable-next-line typescript/no-explicit-any -- a template is JSON
type Resource = { readonly Properties: Record<string, any>; readonly DependsOn?: string[] };

makeBundles('bridges');

const here = {
  url: 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
  serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
  apiArn: 'arn:aws:appsync:eu-west-1:111122223333:apis/x',
};
const there = {
  url: 'https://y.appsync-api.us-east-1.amazonaws.com/graphql',
  serviceToken: 'arn:aws:lambda:us-east-1:111122223333:function:registrar',
  apiArn: 'arn:aws:appsync:us-east-1:111122223333:apis/y',
};
const zone = { hostedZoneId: 'Z0123456789ABCDEFGHIJ', zoneName: 'Internal.example.com' };
const roleArn = 'arn:aws:iam::444455556666:role/copies';

function deploy(arrange: (stack: Stack, props: BridgeProps) => unknown) {
  const app = makeApp();
  const stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', here);
  arrange(stack, { registry, stages: ['prod'] });
  const template = Template.fromStack(stack);
  const getOne = (type: string) => {
    const [found, ...others] = Object.values(template.findResources(type)) as unknown as Resource[];
    expect(others).toEqual([]);
    return found as Resource;
  };
  const variables = () => getOne('AWS::Lambda::Function').Properties.Environment.Variables as Record<string, string>;
  const limits = () => JSON.parse(variables().DISCOVERY_BRIDGE as string) as object;
  /** What the function may do, besides its log. */
  const statements = () =>
    getOne('AWS::IAM::Role')
      .Properties.Policies[0].PolicyDocument.Statement.map(
        ({ Effect, ...rest }: { Effect: string }) => (expect(Effect).toBe('Allow'), rest),
      )
      .slice(0, -1) as unknown[];
  return { app, stack, getOne, variables, limits, statements };
}

const readSnapshot = { Action: 'appsync:GraphQL', Resource: `${here.apiArn}/types/Query/fields/snapshot` };
const deployCloudMap = (more: Partial<CloudMapBridgeProps> = {}) =>
  deploy((stack, props) => new CloudMapBridge(stack, 'Bridge', { ...props, namespace: '{stage}.internal', ...more }));
const cloudMap = deployCloudMap();

describe('every bridge', () => {
  test('runs by a schedule, never twice at once, and is tried again by the next run alone', () => {
    expect(cloudMap.getOne('AWS::Lambda::Function').Properties).toMatchObject({
      Handler: 'bridge.handler',
      Runtime: 'nodejs24.x',
      Timeout: 60,
    });
    expect(cloudMap.getOne('AWS::Events::Rule').Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } }],
    });
    expect(cloudMap.getOne('AWS::Lambda::EventInvokeConfig').Properties).toMatchObject({ MaximumRetryAttempts: 0 });
    const hourly = deployCloudMap({ every: Duration.hours(1) });
    expect(hourly.getOne('AWS::Lambda::Function').Properties.Timeout).toBe(900);
    expect(hourly.limits()).toMatchObject({ intervalSeconds: 3600 });
  });

  test('has the mark of the command line, and every limit', () => {
    expect(cloudMap.variables()).toEqual({
      DISCOVERY_BRIDGE_SOURCE: `registry:${here.url}`,
      DISCOVERY_BRIDGE_TARGET: 'cloud-map:{stage}.internal',
      DISCOVERY_BRIDGE_MARK: `discovery/${here.url}`,
      DISCOVERY_STAGE: 'prod',
      DISCOVERY_BRIDGE: '{"intervalSeconds":60}',
    });
    const full = deployCloudMap({
      stages: ['prod', 'qa'],
      services: ['users-*'],
      mark: 'users',
      allowEmpty: true,
      minimumShare: 0.9,
      changesPerSecond: 2,
      metrics: true,
    });
    expect(full.variables()).toMatchObject({
      DISCOVERY_BRIDGE_MARK: 'users',
      DISCOVERY_STAGE: 'prod,qa',
      DISCOVERY_BRIDGE_METRICS: '1',
    });
    expect(full.limits()).toEqual({
      services: ['users-*'],
      allowEmpty: true,
      minimumShare: 0.9,
      changesPerSecond: 2,
      intervalSeconds: 60,
    });
  });

  test.each<[string, Partial<CloudMapBridgeProps>, string]>([
    ['some services without a mark', { services: ['users'] }, 'services: give the bridge a mark'],
    ['a mark that not every system could hold', { mark: 'a b' }, 'mark: is not 1 to 128'],
    ['a stage that is not a name', { stages: ['a/b'] }, 'stages: has what is not a name'],
    ['no stages', { stages: [] }, 'stages: it would copy nothing'],
    ['a share above 1', { minimumShare: 2 }, 'minimumShare: is not from 0 to 1'],
    [
      'several stages in one namespace',
      { stages: ['prod', 'qa'], namespace: 'internal' },
      'namespace: it holds one stage',
    ],
  ])('%s is refused', (_, props, message) => {
    expect(() => deployCloudMap(props)).toThrow(message);
  });
});

test('a bridge into Cloud Map may register there, read snapshots, and nothing else', () => {
  const services = {
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':servicediscovery:eu-west-1:111122223333:service/*']],
  };
  const lists = {
    Action: ['servicediscovery:ListNamespaces', 'servicediscovery:ListServices'],
    Resource: '*',
  };
  const writes = {
    Action: ['DeleteService', 'DeregisterInstance', 'GetInstance', 'ListInstances', 'RegisterInstance'].map(
      (name) => `servicediscovery:${name}`,
    ),
    Resource: services,
  };
  const inNamespace = (namespace: unknown) => ({
    Action: ['servicediscovery:CreateService', 'servicediscovery:GetOperation'],
    Resource: [namespace, services],
  });
  const namespaces = JSON.parse(JSON.stringify(services).replace('service/*', 'namespace/*')) as unknown;
  expect(cloudMap.statements()).toEqual([readSnapshot, lists, inNamespace(namespaces), writes]);
  const own = deploy((stack, props) => {
    const namespace = new HttpNamespace(stack, 'Namespace', { name: 'internal' });
    return new CloudMapBridge(stack, 'Bridge', { ...props, namespace });
  });
  const [name] = Object.keys(Template.fromStack(own.stack).findResources('AWS::ServiceDiscovery::HttpNamespace'));
  expect(own.statements()).toEqual([readSnapshot, lists, inNamespace({ 'Fn::GetAtt': [name, 'Arn'] }), writes]);
  expect(own.variables().DISCOVERY_BRIDGE_TARGET).toBe('cloud-map:internal');
});

describe('a bridge into Route 53', () => {
  test('may write records of its kinds below its stages, and no others', () => {
    const { statements, variables } = deploy((stack, props) => {
      const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', zone);
      return new DnsBridge(stack, 'Bridge', { ...props, stages: ['Production', 'qa'], hostedZone });
    });
    const Resource = {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:route53:::hostedzone/${zone.hostedZoneId}`]],
    };
    expect(variables().DISCOVERY_BRIDGE_TARGET).toBe(`route53:${zone.hostedZoneId}`);
    expect(statements()).toEqual([
      readSnapshot,
      { Action: ['route53:GetHostedZone', 'route53:ListResourceRecordSets'], Resource },
      {
        Action: 'route53:ChangeResourceRecordSets',
        Resource,
        Condition: {
          'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['PTR', 'SRV', 'TXT'] },
          'ForAllValues:StringLike': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
              '*.production.internal.example.com',
              '*.qa.internal.example.com',
            ],
          },
        },
      },
    ]);
  });

  test('wants a zone whose name is known', () => {
    const build = () =>
      deploy((stack, props) => {
        const hostedZone = HostedZone.fromHostedZoneId(stack, 'Zone', zone.hostedZoneId);
        return new DnsBridge(stack, 'Bridge', { ...props, hostedZone });
      });
    expect(build).toThrow('hostedZone: its name is not known; import it with HostedZone.fromHostedZoneAttributes');
  });
});

describe('a bridge into another registry', () => {
  const deployRegistry = (to: object, role?: string) =>
    deploy((stack, props) => {
      const target = ServiceRegistry.fromServiceRegistryAttributes(stack, 'To', { ...there, ...to });
      return new RegistryBridge(stack, 'Bridge', { ...props, to: target, role });
    });

  test('may read and write endpoints there', () => {
    const { statements, variables, limits } = deployRegistry({});
    // A domain of its own would not say it.
    expect(limits()).toMatchObject({ targetRegion: 'us-east-1' });
    expect(variables().DISCOVERY_BRIDGE_TARGET).toBe(`registry:${there.url}`);
    expect(statements()).toEqual([
      readSnapshot,
      {
        Action: 'appsync:GraphQL',
        Resource: [
          'Query/fields/snapshot',
          'Mutation/fields/registerEndpoint',
          'Mutation/fields/deregisterEndpoint',
        ].map((field) => `${there.apiArn}/types/${field}`),
      },
    ]);
  });

  test('does so as a role of the other account, which may do the same and no more', () => {
    const { statements, limits } = deployRegistry({ apiArn: undefined }, roleArn);
    expect(statements()).toEqual([readSnapshot, { Action: 'sts:AssumeRole', Resource: roleArn }]);
    expect(limits()).toMatchObject({ targetRole: roleArn });
    const { getOne } = deploy((stack, { registry }) => {
      return new RegistryBridgeRole(stack, 'Copies', {
        registry: registry,
        bridge: '444455556666',
        roleName: 'copies',
      });
    });
    expect(getOne('AWS::IAM::Role').Properties).toMatchObject({
      RoleName: 'copies',
      AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole' }] },
      Policies: [{ PolicyDocument: { Statement: [{ Action: 'appsync:GraphQL' }] } }],
    });
  });

  test.each<[string, object, string | undefined, string]>([
    ['itself', { url: here.url }, undefined, 'to: a registry is not copied into itself'],
    ['one that it may not write', { apiArn: undefined }, undefined, 'to: import it with its apiArn, or give a role'],
    ['one as something that is not a role', {}, 'admin', 'targetRole: is not the ARN of a role'],
  ])('%s is refused', (_, to, role, message) => {
    expect(() => deployRegistry(to, role)).toThrow(message);
  });
});

test('cdk-nag’s AWS Solutions pack passes', () => {
  const app = makeApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Stack');
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', here);
  const props = { registry, stages: ['prod'], tracing: true };
  const namespace = new HttpNamespace(stack, 'Namespace', { name: 'internal' });
  new CloudMapBridge(stack, 'CloudMap', { ...props, namespace });
  new CloudMapBridge(stack, 'CloudMaps', { ...props, namespace: '{stage}.internal' });
  new DnsBridge(stack, 'Dns', { ...props, hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', zone) });
  const to = ServiceRegistry.fromServiceRegistryAttributes(stack, 'To', there);
  new RegistryBridge(stack, 'Away', { ...props, to });
  new RegistryBridge(stack, 'Abroad', { ...props, to, role: roleArn });
  new RegistryBridgeRole(stack, 'Copies', { registry, bridge: '444455556666' });
  expect(() => app.synth()).not.toThrow();
});
