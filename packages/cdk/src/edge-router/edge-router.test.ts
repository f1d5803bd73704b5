import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { CfnParameter, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { EdgeRouter, ServiceRegistry, SnapshotPublisher, type EdgeRouterProps } from '../index.ts';

// eslint-disable-next-line typescript/no-explicit-any -- a template is JSON
type Resource = { readonly Properties: Record<string, any>; readonly DependsOn?: string | string[] };
type Options = Partial<Omit<EdgeRouterProps, 'publisher'>>;

makeBundles('registrar', 'publisher');

function deploy(given: Options | ((stack: Stack) => Options) = {}) {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false });
  const publisher = new SnapshotPublisher(stack, 'Snapshots', { registry });
  const options = typeof given === 'function' ? given(stack) : given;
  const router = new EdgeRouter(stack, 'Edge', {
    publisher,
    stage: 'prod',
    trustedHosts: ['*.example.com'],
    ...options,
  });
  const template = Template.fromStack(stack);
  const getOf = (type: string, start = 'Edge') => {
    const all = Object.entries(template.findResources(type)).filter(([name]) => name.startsWith(start));
    expect(all).toHaveLength(1);
    const [[name, resource]] = all as [[string, Resource]];
    return { name, ...resource };
  };
  return { stack, publisher, router, template, getOf };
}

const bare = deploy();
const storeArn = { 'Fn::GetAtt': [bare.getOf('AWS::CloudFront::KeyValueStore').name, 'Arn'] };

/** The text of an environment variable, with a placeholder for the store's ARN. */
function edgeOf({ getOf }: typeof bare): unknown {
  const value = getOf('AWS::Lambda::Function', 'SnapshotsFunction').Properties.Environment.Variables.DISCOVERY_EDGE;
  const parts: unknown[] = value['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'ARN')).join(''));
}

describe('the publisher', () => {
  test('has the store and what the edge serves in its settings', () => {
    expect(edgeOf(bare)).toEqual({ store: 'ARN', stage: 'prod', trustedHosts: ['*.example.com'] });
    const full = deploy({
      byHost: { 'staging.example.com': 'staging' },
      services: ['users'],
      affinity: { header: 'X-User', cookie: 'session' },
    });
    expect(edgeOf(full)).toEqual({
      store: 'ARN',
      stage: 'prod',
      byHost: { 'staging.example.com': 'staging' },
      affinity: { header: 'X-User', cookie: 'session' },
      services: ['users'],
      trustedHosts: ['*.example.com'],
    });
  });

  test('may keep this store in step and no other, before the deployment has it publish', () => {
    const { name, Properties } = bare.getOf('AWS::IAM::Policy', 'SnapshotsEdge');
    expect(Properties.Roles).toEqual([{ Ref: bare.getOf('AWS::IAM::Role', 'SnapshotsRole').name }]);
    expect(Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'cloudfront-keyvaluestore:DescribeKeyValueStore',
          'cloudfront-keyvaluestore:ListKeys',
          'cloudfront-keyvaluestore:UpdateKeys',
        ],
        Resource: storeArn,
      },
    ]);
    const publication = bare.getOf('Custom::SnapshotPublication', 'Snapshots');
    expect(publication.DependsOn).toContain(name);
    expect(JSON.stringify(publication.Properties.Settings)).toContain('DISCOVERY_EDGE');
  });

  test('keeps one edge in step', () => {
    const { stack, publisher } = deploy();
    const another = () => new EdgeRouter(stack, 'Other', { publisher, stage: 'prod', trustedHosts: ['*.example.com'] });
    expect(another).toThrow('[Stack/Snapshots] it keeps an edge in step already');
  });
});

test('the function is the router\u2019s, in the runtime that it is written for, with the store', () => {
  const { Properties } = bare.getOf('AWS::CloudFront::Function');
  expect(Properties).toMatchObject({
    AutoPublish: true,
    FunctionCode: readFileSync('packages/router/edge/router.js', 'utf8'),
    FunctionConfig: {
      Runtime: 'cloudfront-js-2.0',
      KeyValueStoreAssociations: [{ KeyValueStoreARN: storeArn }],
    },
  });
});

test('names are unique in the account: they end with the stack\u2019s own id', () => {
  for (const type of ['KeyValueStore', 'Function']) {
    const [separator, parts] = bare.getOf(`AWS::CloudFront::${type}`).Properties.Name['Fn::Join'];
    expect(separator).toBe('');
    expect(parts).toEqual([
      expect.stringMatching(/^[A-Za-z0-9]{1,26}-$/),
      { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
    ]);
  }
});

describe('the distribution', () => {
  const { DistributionConfig } = bare.getOf('AWS::CloudFront::Distribution').Properties;

  test('lets everything through to the function, over TLS, and caches nothing', () => {
    expect(DistributionConfig.DefaultCacheBehavior).toMatchObject({
      ViewerProtocolPolicy: 'https-only',
      AllowedMethods: expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']),
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      FunctionAssociations: [
        {
          EventType: 'viewer-request',
          FunctionARN: { 'Fn::GetAtt': [bare.getOf('AWS::CloudFront::Function').name, 'FunctionARN'] },
        },
      ],
    });
    expect(DistributionConfig.CacheBehaviors).toBeUndefined();
  });

  test('has an origin that can never exist, with no path and no headers for others to inherit', () => {
    expect(DistributionConfig.Origins).toEqual([
      {
        Id: expect.any(String),
        DomainName: 'no-service.invalid',
        CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
      },
    ]);
  });

  test('takes what a distribution takes, and the URL has its first name', () => {
    const { stack, router, getOf } = deploy((stack) => ({
      distribution: {
        domainNames: ['api.example.com', 'staging.example.com'],
        certificate: Certificate.fromCertificateArn(stack, 'Own', 'arn:aws:acm:us-east-1:111122223333:certificate/abc'),
        webAclId: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b',
      },
    }));
    expect(stack.resolve(router.url)).toBe('https://api.example.com/');
    expect(getOf('AWS::CloudFront::Distribution').Properties.DistributionConfig).toMatchObject({
      Aliases: ['api.example.com', 'staging.example.com'],
      WebACLId: expect.stringContaining('webacl'),
    });
  });
});

test('the URL is an output of the stack', () => {
  const [output] = Object.entries(bare.template.findOutputs('*')).filter(([name]) => name.startsWith('EdgeUrl'));
  expect(JSON.stringify(output?.[1].Value)).toContain('DomainName');
});

test.each<[string, Options]>([
  ['stage or byHost: one of them is needed', { stage: undefined }],
  ['stage: is not a stage name', { stage: 'a b' }],
  ['byHost.a.example.com: is not a stage name, or ends in ".public"', { byHost: { 'a.example.com': 'prod.public' } }],
  ['byHost.a.example.com:443: is not a host name', { byHost: { 'a.example.com:443': 'prod' } }],
  ['services: is empty', { services: [] }],
  ['services.0: is not a name', { services: ['a/b'] }],
  ['affinity.header: is not the name of a header', { affinity: { header: 'a b' } }],
  ['trustedHosts: is empty', { trustedHosts: [] }],
  ['trustedHosts: "*.com"', { trustedHosts: ['*.com'] }],
  [
    "byHost: the edge's settings take",
    { byHost: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`h${index}.example.com`, 'prod'])) },
  ],
])('what would fail only when it runs fails the synthesis: %s', (problem, options) => {
  expect(() => deploy(options)).toThrow(`[Stack/Edge] ${problem}`);
});

test('values that only the deployment knows are taken to be good', () => {
  const { router, stack } = deploy((stack) => {
    const value = new CfnParameter(stack, 'Value').valueAsString;
    return { stage: value, byHost: { [`api.${value}`]: 'prod' }, trustedHosts: [value], services: [value] };
  });
  expect(stack.resolve(router.url)).toBeDefined();
});

test('regions of which CloudFront has no key value stores are refused', () => {
  const stack = new Stack(makeApp(), 'China', { env: { region: 'cn-north-1' } });
  const publisher = new SnapshotPublisher(stack, 'Snapshots', {
    registry: new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }),
  });
  const create = () => new EdgeRouter(stack, 'Edge', { publisher, stage: 'prod', trustedHosts: ['*.example.com'] });
  expect(create).toThrow('[China/Edge] CloudFront has no key value stores in the partition of cn-north-1');
});

test('cdk-nag\u2019s AWS Solutions pack passes', () => {
  const app = makeApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Stack');
  const publisher = new SnapshotPublisher(stack, 'Snapshots', {
    registry: new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }),
  });
  new EdgeRouter(stack, 'Edge', { publisher, stage: 'prod', trustedHosts: ['*.example.com'] });
  expect(() => app.synth()).not.toThrow();
});
