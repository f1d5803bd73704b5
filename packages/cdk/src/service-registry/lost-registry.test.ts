import { describe, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { AttributeType, StreamViewType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { describeDiscovery, Registrar, ServiceRegistry, type ServiceRegistryProps } from '../index.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>; // eslint-disable-line typescript/no-explicit-any -- a template is JSON
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

makeBundles('registrar', 'publisher');

function deploy(props: ServiceRegistryProps | ((stack: Stack) => ServiceRegistryProps)) {
  const stack = new Stack(makeApp(), 'Stack');
  const given = typeof props === 'function' ? props(stack) : props;
  const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false, ...given });
  const template = Template.fromStack(stack);
  const { Resources, Outputs } = template.toJSON() as {
    Resources: Record<string, Resource>;
    Outputs: Record<string, { Value: unknown }>;
  };
  const find = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  return { stack, registry, Resources, Outputs, find };
}

const api = { apiId: 'left', url: 'https://left.appsync-api.eu-west-1.amazonaws.com/graphql', apiKey: 'da2-left' };

describe('a registry whose stack is deleted', () => {
  const kept = (props: ServiceRegistryProps) =>
    Object.values(deploy(props).Resources)
      .filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')
      .map(({ Type }) => Type)
      .sort();

  test('leaves behind what apps and stacks hold, and what has to be there for it to work', () => {
    expect(kept({ name: 'default', apiKey: true, publish: true })).toEqual([
      'AWS::AppSync::ApiKey',
      'AWS::AppSync::GraphQLApi',
      'AWS::CloudFront::Distribution',
      'AWS::CloudFront::OriginAccessControl',
      'AWS::DynamoDB::Table',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
    ]);
  });

  test('leaves nothing behind where that is asked for', () => {
    expect(kept({ name: 'default', apiKey: true, publish: true, removalPolicy: RemovalPolicy.DESTROY })).toEqual([]);
  });

  test('has the ServiceToken and the registrar role again that it had, by its name', () => {
    const { find, stack } = deploy({ name: 'default' });
    expect(find('AWS::Lambda::Function')[0]?.Properties).toMatchObject({
      FunctionName: 'discovery-registrar-default',
      Environment: { Variables: { REGISTRY_NAME: 'default' } },
    });
    const role = find('AWS::IAM::Role').find(({ Properties }) => Properties.RoleName !== undefined);
    expect(stack.resolve(role?.Properties.RoleName)).toEqual({
      'Fn::Join': ['', ['discovery-registrar-default-', { Ref: 'AWS::Region' }]],
    });
    expect(() => deploy({ name: 'x'.repeat(28) })).not.toThrow();
    expect(() => deploy({ name: 'x'.repeat(29) })).toThrow('must be 1 to 28 of A-Z a-z 0-9 _ -');
    expect(() => deploy({ name: 'a.b' })).toThrow('must be 1 to 28');
  });

  test('names a registrar in another region as it is asked to', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = { url: api.url, region: 'eu-west-1', apiArn: 'arn:aws:appsync:eu-west-1:111122223333:apis/x' };
    new Registrar(stack, 'Named', { registry, functionName: 'registrar-default' });
    new Registrar(stack, 'Unnamed', { registry });
    const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')) as Resource[];
    expect(functions.map(({ Properties }) => Properties.FunctionName)).toEqual(['registrar-default', undefined]);
    expect(() => new Registrar(stack, 'Long', { registry, functionName: 'x'.repeat(50) })).toThrow(
      'functionName: "xxx',
    );
  });
});

describe('an API that was left behind', () => {
  const { find, registry, Outputs, Resources } = deploy({ api, name: 'default' });

  test('is not created anew; apps go on with its URL and its key', () => {
    expect(find('AWS::AppSync::GraphQLApi')).toEqual([]);
    expect(find('AWS::AppSync::ApiKey')).toEqual([]);
    expect([registry.url, registry.auth]).toEqual([api.url, { mode: 'apiKey', apiKey: 'da2-left' }]);
    expect(Object.values(Outputs).map(({ Value }) => Value)).toContain(api.url);
    const published = find('AWS::SSM::Parameter').map(({ Properties }) => Properties.Value);
    expect(published).toEqual(expect.arrayContaining([api.url, 'da2-left']));
    const { Environment } = find('AWS::Lambda::Function')[0]?.Properties ?? {};
    expect(Environment.Variables.REGISTRY_URL).toBe(api.url);
    expect(JSON.stringify(find('AWS::IAM::Policy'))).toContain(':apis/left/types/Mutation');
  });

  test('gets the schema in its modes and every resolver, and the registrar waits for them', () => {
    const [schema] = find('AWS::AppSync::GraphQLSchema');
    expect(schema?.Properties).toMatchObject({ ApiId: 'left', Definition: expect.stringContaining('@aws_api_key') });
    expect(schema?.Properties.Definition).not.toContain('@aws_cognito');
    const resolvers = find('AWS::AppSync::Resolver');
    const fields = Object.values(registryDefinition.resolvers).flatMap((type) => Object.keys(type));
    expect(resolvers.map(({ Properties }) => Properties.FieldName).sort()).toEqual(fields.sort());
    const [schemaId] = Object.entries(Resources).find(([, { Type }]) => Type === 'AWS::AppSync::GraphQLSchema') ?? [];
    for (const { DependsOn } of resolvers) expect(DependsOn).toContain(schemaId);
    const waitsFor = find('AWS::Lambda::Function')[0]?.DependsOn ?? [];
    const resolverIds = Object.keys(Resources).filter((id) => Resources[id]?.Type === 'AWS::AppSync::Resolver');
    expect(waitsFor).toEqual(expect.arrayContaining(resolverIds));
  });

  test('has the logical ids of one that is created', () => {
    const created = Object.keys(deploy({ name: 'default', apiKey: true }).Resources);
    expect(created).toEqual(expect.arrayContaining(Object.keys(Resources)));
  });

  test('keeps its settings; the output says what they should be', () => {
    const [, { Value }] = Object.entries(Outputs).find(([id]) => id.includes('ApiEnvironment')) ?? ['', { Value: '' }];
    expect(JSON.stringify(Value)).toContain('OPEN_STAGES');
    expect(JSON.stringify(Value)).toContain('REGISTRARS');
  });

  test('refuses a second key, and warns where the registrar would not be believed', () => {
    expect(() => deploy({ api, apiKey: true })).toThrow('[Stack/Registry] apiKey: the key of an API that is there');
    const warned = (props: ServiceRegistryProps) =>
      Annotations.fromStack(deploy(props).stack).findWarning('*', Match.stringLikeRegexp('registrarRole')).length;
    expect([warned({ api }), warned({ api, name: 'default' })]).toEqual([1, 0]);
  });
});

describe('a table that is given', () => {
  const layout = registryDefinition.table;
  const string = (name: string) => ({ name, type: AttributeType.STRING });
  const make = (stack: Stack, props: Partial<TableProps> = {}, index = layout.index.name) => {
    const table = new Table(stack, 'Restored', {
      partitionKey: string(layout.partitionKey),
      sortKey: string(layout.sortKey),
      timeToLiveAttribute: layout.timeToLive,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      ...props,
    });
    table.addGlobalSecondaryIndex({
      indexName: index,
      partitionKey: string(layout.index.partitionKey),
      sortKey: string(layout.index.sortKey),
    });
    return table;
  };

  test('is the one that the resolvers use and the publisher follows', () => {
    const { find } = deploy((stack) => ({
      publish: true,
      table: Table.fromTableAttributes(stack, 'Restored', {
        tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/restored',
        tableStreamArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-01-01T00:00:00.000',
      }),
    }));
    expect(find('AWS::DynamoDB::Table')).toEqual([]);
    const [source] = find('AWS::AppSync::DataSource').filter(({ Properties }) => Properties.DynamoDBConfig);
    expect(source?.Properties.DynamoDBConfig.TableName).toBe('restored');
    expect(JSON.stringify(find('AWS::IAM::Policy'))).toContain('table/restored/index/byService');
    expect(find('AWS::Lambda::EventSourceMapping')[0]?.Properties.EventSourceArn).toContain('restored/stream');
  });

  test('of the right layout is taken', () => {
    expect(() => deploy((stack) => ({ table: make(stack) }))).not.toThrow();
  });

  test.each<[string, (stack: Stack) => Table, string]>([
    ['other keys', (stack) => make(stack, { partitionKey: string('id') }), 'its keys must be stage'],
    ['another index', (stack) => make(stack, {}, 'byOther'), 'it needs the index byService'],
    ['another stream', (stack) => make(stack, { stream: StreamViewType.NEW_IMAGE }), 'its stream must have'],
    ['another time to live', (stack) => make(stack, { timeToLiveAttribute: 'end' }), 'its time to live must be'],
  ])('with %s is refused', (_, table, message) => {
    expect(() => deploy((stack) => ({ table: table(stack) }))).toThrow(`[Stack/Registry] table: ${message}`);
  });

  test('that was imported without its stream can be used, but not published from', () => {
    const imported = (publish: boolean) =>
      deploy((stack) => ({ publish, table: Table.fromTableName(stack, 'Restored', 'restored') }));
    Annotations.fromStack(imported(false).stack).hasWarning('*', Match.stringLikeRegexp('tableStream'));
    expect(() => imported(true)).toThrow('registry: join it with its apiArn and its table');
  });
});

describe('a domain', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012';
  const withCertificate = (stack: Stack): ServiceRegistryProps => ({
    name: 'default',
    domain: {
      domainName: 'registry.example.com',
      certificate: Certificate.fromCertificateArn(stack, 'Certificate', certificateArn),
    },
  });
  const url = 'https://registry.example.com/graphql';

  test('is what apps, registrar and other stacks are given, and its DNS record is an output', () => {
    const { find, registry, Outputs } = deploy(withCertificate);
    expect(find('AWS::AppSync::DomainName')).toMatchObject([
      {
        Properties: { DomainName: 'registry.example.com', CertificateArn: certificateArn },
        DeletionPolicy: 'Retain',
      },
    ]);
    expect(find('AWS::AppSync::DomainNameApiAssociation')[0]?.DeletionPolicy).toBe(undefined);
    expect(registry.url).toBe(url);
    expect(describeDiscovery({ registry, stage: 'dev' }).registry.url).toBe(url);
    expect(find('AWS::SSM::Parameter').map(({ Properties }) => Properties.Value)).toContain(url);
    expect(find('AWS::Lambda::Function')[0]?.Properties.Environment.Variables.REGISTRY_URL).toBe(url);
    expect(Object.entries(Outputs).find(([id]) => id.includes('DomainTarget'))?.[1].Value).toEqual({
      'Fn::GetAtt': [expect.any(String), 'AppSyncDomainName'],
    });
  });

  test('that AppSync has already leads to the new API, with the same URL', () => {
    const { find, registry } = deploy({ domain: { domainName: 'registry.example.com' } });
    expect(find('AWS::AppSync::DomainName')).toEqual([]);
    expect(find('AWS::AppSync::DomainNameApiAssociation')).toHaveLength(1);
    expect(registry.url).toBe(url);
    expect(() => deploy({ domain: { domainName: 'https://registry.example.com' } })).toThrow('is not a domain name');
  });
});

test('a registry that is being restored refuses to be read, and takes everything else', () => {
  const codes = (restoring: boolean) =>
    new Map(
      deploy({ restoring })
        .find('AWS::AppSync::Resolver')
        .map(({ Properties }) => [Properties.FieldName, Properties.Code]),
    );
  const [open, closed] = [codes(false), codes(true)];
  expect([...closed].filter(([field, code]) => open.get(field) !== code).map(([field]) => field)).toEqual(['snapshot']);
  expect(closed.get('snapshot')).toBe(registryDefinition.resolverFiles['restoring.js']);
});

test('snapshots are published again to the bucket and behind the distribution that were left behind', () => {
  const { find, registry } = deploy((stack) => ({
    publish: {
      bucket: Bucket.fromBucketName(stack, 'Left', 'left'),
      key: Key.fromKeyArn(
        stack,
        'LeftKey',
        'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012',
      ),
      distribution: Distribution.fromDistributionAttributes(stack, 'LeftDistribution', {
        distributionId: 'E1',
        domainName: 'd1.cloudfront.net',
      }),
    },
  }));
  for (const type of ['CloudFront::Distribution', 'S3::Bucket', 'KMS::Key']) expect(find(`AWS::${type}`)).toEqual([]);
  expect(registry.snapshot?.url).toBe('https://d1.cloudfront.net/{stage}.public.json');
});

test('snapshots are announced at the first domain of the distribution', () => {
  const { registry } = deploy((stack) => ({
    publish: {
      distribution: {
        domainNames: ['snapshots.example.com'],
        certificate: Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:us-east-1:1:certificate/x'),
      },
    },
  }));
  expect(registry.snapshot?.url).toBe('https://snapshots.example.com/{stage}.public.json');
});
