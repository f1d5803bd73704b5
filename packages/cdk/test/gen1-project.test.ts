import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { DiscoveryRouter, ServiceRegistry, SnapshotPublisher } from '@amplify-discovery/cdk';
import { applyConditions, resolveIntrinsics, type Template } from '@amplify-discovery/testing/cloudformation';
import { Stack } from 'aws-cdk-lib';
import { Template as Synthesised } from 'aws-cdk-lib/assertions';
import { makeApp } from './make-app.ts';
import { makeBundles } from './make-bundles.ts';

// Loading aws-cdk-lib and synthesising takes seconds.
jest.setTimeout(60_000);

/**
 * The Gen 1 project writes as plain templates what the constructs make: here they are held against each other, with every
 * reference replaced by what it means. When one of these fails, change amplify-backend/gen1/generate to follow.
 */
const backend = new URL('../../../amplify-backend/gen1/amplify/backend/', import.meta.url);

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;

function readGen1(name: string, parameters: Readonly<Record<string, string>>): Resources {
  const file = new URL(`function/${name}/${name}-cloudformation-template.json`, backend);
  const template = JSON.parse(readFileSync(fileURLToPath(file), 'utf8')) as Template;
  const fromRegistry = { RegistryUrl: 'Api.GraphQLUrl', RegistryApiArn: 'Api.Arn', TableArn: 'Table.Arn' };
  const passed = { ...fromRegistry, TableStreamArn: 'Table.StreamArn' };
  const given = Object.entries(passed).map(([output, meaning]) => [`customdiscoveryRegistry${output}`, `<${meaning}>`]);
  const defaults = Object.entries(template.Parameters ?? {}).map(([key, { Default }]) => [key, Default]);
  const values = {
    ...Object.fromEntries([...defaults, ...given]),
    env: 'dev',
    deploymentBucketName: 'code',
    s3Key: 'code.zip',
    customdiscoveryRegistryRegistryName: 'team',
    ...parameters,
  } as Record<string, string>;
  const { Resources } = applyConditions(template, values);
  return explain(Resources, { ...values, ...describeReferences(Resources, (id) => id) });
}

function synthesise(create: (registry: ServiceRegistry, stack: Stack) => unknown): Resources {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { name: 'team' });
  create(registry, stack);
  const { Resources } = Synthesised.fromStack(stack).toJSON() as Template;
  const names: Readonly<Record<string, string>> = {
    'AWS::AppSync::GraphQLApi': 'Api',
    'AWS::DynamoDB::Table': 'Table',
    'AWS::S3::Bucket': 'Bucket',
    'AWS::KMS::Key': 'Key',
    'AWS::SQS::Queue': 'Failures',
    'AWS::Events::Rule': 'Check',
    'AWS::CloudFront::OriginAccessControl': 'AccessControl',
    'AWS::CloudFront::Distribution': 'Distribution',
    'AWS::Lambda::Function': 'LambdaFunction',
    'AWS::Logs::LogGroup': 'Logs',
    'AWS::IAM::Role': 'LambdaExecutionRole',
    'Custom::SnapshotPublication': 'Publication',
  };
  const nameOf = (id: string) => names[Resources[id]?.Type ?? ''] ?? id;
  const ofConstruct = Object.entries(Resources).filter(([id]) => !id.startsWith('Registry'));
  return explain(Object.fromEntries(ofConstruct), describeReferences(Resources, nameOf));
}

/** What each reference to a resource means: `<Bucket.Arn>`. */
function describeReferences(resources: Template['Resources'], nameOf: (id: string) => string): Record<string, string> {
  const attributes = ['Arn', 'StreamArn', 'GraphQLUrl', 'RegionalDomainName', 'DomainName', 'Id', 'TrustedKeys'];
  const pseudo = ['Partition', 'AccountId', 'Region', 'StackId'].map((name) => [`AWS::${name}`, `<${name}>`]);
  const references = Object.keys(resources).flatMap((id) => [
    [id, `<${nameOf(id)}>`],
    ...attributes.map((attribute) => [`${id}.${attribute}`, `<${nameOf(id)}.${attribute}>`]),
  ]);
  return Object.fromEntries([...pseudo, ...references]) as Record<string, string>;
}

function explain(resources: Template['Resources'], values: Readonly<Record<string, string>>): Resources {
  return Object.fromEntries(
    Object.entries(resources).map(([id, { Type, Properties }]) => [
      id,
      { Type, Properties: minimise(resolveIntrinsics(Properties ?? {}, { 'AWS::StackId': 'a/b/c', ...values })) },
    ]),
  );
}

/** One action or resource is as good as a list of one, and the order of keys says nothing. */
function minimise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(minimise);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => {
    const isOne = ['Action', 'Resource'].includes(key) && Array.isArray(entry) && entry.length === 1;
    return [key, isOne ? (entry as unknown[])[0] : minimise(entry)] as const;
  });
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

// eslint-disable-next-line typescript/no-explicit-any -- properties are JSON
function getOnly(resources: Resources, type: string): any {
  const found = Object.values(resources).filter(({ Type }) => Type === type);
  expect([type, found.length]).toEqual([type, 1]);
  return found[0]?.Properties;
}

const statementsOf = (resources: Resources): unknown =>
  getOnly(resources, 'AWS::IAM::Role')
    .Policies[0].PolicyDocument.Statement.map((statement: unknown) => JSON.stringify(statement))
    .sort();
const functionOf = (resources: Resources): unknown => {
  const { Description, Architectures, MemorySize, Timeout, Environment } = getOnly(resources, 'AWS::Lambda::Function');
  return { Description, Architectures, MemorySize, Timeout, variables: Environment.Variables };
};
const typesOf = (resources: Resources) =>
  Object.values(resources)
    .map(({ Type }) => Type)
    .sort();

makeBundles('registrar', 'publisher', 'router');
const idle = ['AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup'];

describe('the publisher', () => {
  const publicServices = ['orders', 'users'];
  const construct = synthesise(
    (registry, stack) => new SnapshotPublisher(stack, 'Snapshots', { registry, publicServices, distribution: true }),
  );
  const gen1 = readGen1('discoveryPublisher', { publish: 'yes', publicServices: 'orders,users' });

  test('may do what the construct lets it do', () => {
    expect(statementsOf(gen1)).toEqual(statementsOf(construct));
  });

  test('has the same function with the same settings', () => {
    expect(functionOf(gen1)).toEqual(functionOf(construct));
  });

  test('has the same resources around it', () => {
    expect(typesOf(gen1)).toEqual(typesOf(construct));
  });

  test.each([
    'AWS::S3::Bucket',
    'AWS::S3::BucketPolicy',
    'AWS::KMS::Key',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
    'AWS::Lambda::EventSourceMapping',
    'AWS::Lambda::Permission',
    'Custom::SnapshotPublication',
  ])('has the same %s', (type) => {
    expect(getOnly(gen1, type)).toEqual(getOnly(construct, type));
  });

  test('tells where public snapshots are, and who signs them, under the same names', () => {
    const describeParameters = (resources: Resources) =>
      Object.values(resources)
        .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
        .map(({ Properties }) => JSON.stringify(Properties))
        .sort();
    expect(describeParameters(gen1)).toEqual(describeParameters(construct));
  });

  test('has the same schedule, distribution and access to the bucket, whatever they call themselves', () => {
    const describeOthers = (resources: Resources) => {
      const { Name: _name, ...access } = getOnly(resources, 'AWS::CloudFront::OriginAccessControl')
        .OriginAccessControlConfig as Record<string, unknown>;
      const { DistributionConfig } = getOnly(resources, 'AWS::CloudFront::Distribution');
      const { Targets, ...rule } = getOnly(resources, 'AWS::Events::Rule');
      return {
        access,
        distribution: {
          ...DistributionConfig,
          DefaultCacheBehavior: { ...DistributionConfig.DefaultCacheBehavior, TargetOriginId: 'same' },
          Origins: [{ ...DistributionConfig.Origins[0], Id: 'same' }],
        },
        rule: { ...rule, Targets: [{ ...Targets[0], Id: 'same' }] },
      };
    };
    expect(describeOthers(gen1)).toEqual(describeOthers(construct));
  });

  test('switched off is a function that nothing calls and that may write its log', () => {
    const off = readGen1('discoveryPublisher', {});
    expect(typesOf(off)).toEqual(idle);
    expect(statementsOf(off)).toEqual([expect.stringContaining('"logs:PutLogEvents"')]);
  });
});

describe('the router', () => {
  const options = { stage: 'dev', services: ['orders', 'users'], trustedHosts: ['*.example.com', 'a.example:8443'] };
  const parameters = { services: 'orders,users', trustedHosts: '*.example.com,a.example:8443' };

  test.each(['iam', 'public'] as const)('for %s callers is what the construct makes', (access) => {
    const construct = synthesise(
      (registry, stack) => new DiscoveryRouter(stack, 'Router', { registry, access, ...options }),
    );
    const gen1 = readGen1('discoveryRouter', { serve: access, ...parameters });
    expect(statementsOf(gen1)).toEqual(statementsOf(construct));
    expect(functionOf(gen1)).toEqual(functionOf(construct));
    expect(typesOf(gen1)).toEqual(typesOf(construct));
    expect(getOnly(gen1, 'AWS::Lambda::Url')).toEqual(getOnly(construct, 'AWS::Lambda::Url'));
    const permissionsOf = (resources: Resources) =>
      Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::Permission');
    expect(permissionsOf(gen1)).toEqual(permissionsOf(construct));
    expect(permissionsOf(gen1)).toHaveLength(access === 'public' ? 2 : 0);
  });

  test('without a list serves every service, in the stage that it is told', () => {
    const stage = 'Production';
    const construct = synthesise(
      (registry, stack) => new DiscoveryRouter(stack, 'Router', { registry, stage, fallbackStages: ['dev'] }),
    );
    expect(functionOf(readGen1('discoveryRouter', { serve: 'iam', stage: 'Production,dev' }))).toEqual(
      functionOf(construct),
    );
  });

  test('switched off is a function that nobody can call and that may write its log', () => {
    const off = readGen1('discoveryRouter', {});
    expect(typesOf(off)).toEqual(idle);
    expect(statementsOf(off)).toEqual([expect.stringContaining('"logs:PutLogEvents"')]);
  });
});
