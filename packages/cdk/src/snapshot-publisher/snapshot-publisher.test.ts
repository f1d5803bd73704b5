import { describe, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { ServiceRegistry, SnapshotPublisher, type SnapshotPublisherProps } from '../index.ts';

type Resource = {
  readonly Type: string;
  // eslint-disable-next-line typescript/no-explicit-any -- a template is JSON
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string[];
};

makeBundles('registrar', 'publisher');

function deploy(
  props: Omit<SnapshotPublisherProps, 'registry'> | ((stack: Stack) => Omit<SnapshotPublisherProps, 'registry'>) = {},
  arrange?: (publisher: SnapshotPublisher, stack: Stack) => void,
) {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false });
  const given = typeof props === 'function' ? props(stack) : props;
  const publisher = new SnapshotPublisher(stack, 'Snapshots', { registry, ...given });
  arrange?.(publisher, stack);
  const template = Template.fromStack(stack);
  const find = (type: string) =>
    Object.entries(template.findResources(type)).map(([name, resource]) => ({ name, ...(resource as Resource) }));
  const getOf = (type: string, start: string) => {
    const [found, ...others] = find(type).filter(({ name }) => name.startsWith(start));
    expect(others).toEqual([]);
    return found as Resource & { name: string };
  };
  return { publisher, stack, template, find, getOf, registry };
}

const bare = deploy();
const full = deploy({ distribution: true, prefix: 'live/', tracing: true });
const statementsOf = ({ getOf }: typeof bare): { Action: string | string[]; Resource: unknown }[] =>
  getOf('AWS::IAM::Role', 'SnapshotsRole').Properties.Policies[0].PolicyDocument.Statement;

describe('the function', () => {
  test('runs the publisher with the settings that it reads', () => {
    const { Properties } = full.getOf('AWS::Lambda::Function', 'Snapshots');
    expect(Properties).toMatchObject({ Handler: 'publisher.handler', Runtime: 'nodejs24.x', MemorySize: 256 });
    expect(Properties.Environment.Variables).toEqual({
      DISCOVERY_REGISTRY_URL: { 'Fn::GetAtt': [expect.stringContaining('RegistryApi'), 'GraphQLUrl'] },
      DISCOVERY_REGISTRY_REGION: { Ref: 'AWS::Region' },
      DISCOVERY_SNAPSHOT_BUCKET: { Ref: full.getOf('AWS::S3::Bucket', 'Snapshots').name },
      DISCOVERY_SNAPSHOT_PREFIX: 'live/',
      DISCOVERY_SNAPSHOT_KEY: { 'Fn::GetAtt': [full.getOf('AWS::KMS::Key', 'Snapshots').name, 'Arn'] },
      DISCOVERY_LIFETIME_SECONDS: '604800',
    });
    expect(full.getOf('AWS::Logs::LogGroup', 'Snapshots').Properties.RetentionInDays).toBe(30);
  });

  test('is given the changes of the table in batches, and gives back what it could not publish, within bounds', () => {
    const { Properties } = bare.getOf('AWS::Lambda::EventSourceMapping', 'Snapshots');
    expect(Properties).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': [expect.stringContaining('RegistryTable'), 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      MaximumBatchingWindowInSeconds: 2,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 3600,
      MaximumRetryAttempts: 100,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [bare.getOf('AWS::SQS::Queue', 'Snapshots').name, 'Arn'] } },
      },
    });
  });

  test('is not given the rows that are not endpoints, of which every write changes one', () => {
    const { Properties } = bare.getOf('AWS::Lambda::EventSourceMapping', 'Snapshots');
    const [{ Pattern }] = Properties.FilterCriteria.Filters;
    const { headKey, rulesStage } = registryDefinition.table.bookkeeping;
    expect(JSON.parse(Pattern)).toEqual({
      dynamodb: {
        Keys: { stage: { S: [{ 'anything-but': [rulesStage] }] }, key: { S: [{ 'anything-but': [headKey] }] } },
      },
    });
  });

  test('looks at all stages every hour, so that snapshots are renewed', () => {
    const { Properties } = bare.getOf('AWS::Events::Rule', 'Snapshots');
    expect(Properties.ScheduleExpression).toBe('rate(1 hour)');
    expect(Properties.Targets[0].Arn).toEqual({
      'Fn::GetAtt': [bare.getOf('AWS::Lambda::Function', 'Snapshots').name, 'Arn'],
    });
  });

  test('may do what publishing takes and nothing else', () => {
    expect(statementsOf(full).map(({ Action }) => Action)).toEqual([
      'appsync:GraphQL',
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      'dynamodb:ListStreams',
      ['s3:GetObject', 's3:PutObject'],
      's3:ListBucket',
      'sqs:SendMessage',
      'kms:Sign',
      'kms:GetPublicKey',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    ]);
    const resources = JSON.stringify(statementsOf(full).map(({ Resource }) => Resource));
    expect(resources.match(/types\/\w+\/fields\/\w+/g)).toEqual([
      'types/Query/fields/snapshot',
      'types/Query/fields/stages',
      'types/Mutation/fields/announceStage',
    ]);
    expect(resources).toContain('"/live/*.json"');
    expect(full.find('AWS::IAM::Policy').filter(({ name }) => name.startsWith('Snapshots'))).toEqual([]);
  });
});

describe('the bucket', () => {
  test('is private, encrypted, keeps versions, takes TLS only, and stays', () => {
    const { Properties, DeletionPolicy } = bare.getOf('AWS::S3::Bucket', 'Snapshots');
    expect(DeletionPolicy).toBe('Retain');
    expect(Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    expect(bare.getOf('AWS::S3::BucketPolicy', 'Snapshots').Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('can be one that is there, with a key that is there', () => {
    const { find, publisher, stack } = deploy((stack) => ({
      bucket: new Bucket(stack, 'Own'),
      key: Key.fromKeyArn(stack, 'OwnKey', 'arn:aws:kms:eu-west-1:111122223333:key/abc'),
    }));
    expect(find('AWS::S3::Bucket').map(({ name }) => name)).toEqual([expect.stringMatching(/^Own/)]);
    expect(find('AWS::KMS::Key')).toEqual([]);
    expect(stack.resolve(publisher.key?.keyArn)).toBe('arn:aws:kms:eu-west-1:111122223333:key/abc');
  });

  test('and the key go with the publisher where that is asked for', () => {
    const { getOf, find } = deploy({ removalPolicy: RemovalPolicy.DESTROY });
    expect(find('Custom::S3AutoDeleteObjects')).toHaveLength(1);
    expect(getOf('AWS::S3::Bucket', 'Snapshots').DeletionPolicy).toBe('Delete');
    expect(getOf('AWS::KMS::Key', 'Snapshots').DeletionPolicy).toBe('Delete');
  });

  test('can be read by whom it is granted to, under the prefix, with the public key', () => {
    const { getOf } = deploy({ prefix: 'live/' }, (publisher, stack) => {
      publisher.grantRead(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    });
    const statements: { Action: unknown; Resource: unknown }[] = getOf('AWS::IAM::Policy', 'Reader').Properties
      .PolicyDocument.Statement;
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['s3:GetObject', 's3:GetObjectVersion'],
      ['s3:ListBucket', 's3:ListBucketVersions'],
      'kms:GetPublicKey',
    ]);
    expect(JSON.stringify(statements[0]?.Resource)).toContain('/live/*.json');
  });
});

describe('the key', () => {
  test('signs, and is one that WebCrypto can verify for', () => {
    expect(bare.getOf('AWS::KMS::Key', 'Snapshots').Properties).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    });
  });

  test('is left out where nothing is signed', () => {
    const unsigned = deploy({ signed: false });
    expect(unsigned.find('AWS::KMS::Key')).toEqual([]);
    expect(JSON.stringify(statementsOf(unsigned))).not.toContain('kms:');
    expect(unsigned.publisher.key).toBeUndefined();
  });
});

describe('the distribution', () => {
  test('is only there when it is asked for', () => {
    expect(bare.find('AWS::CloudFront::Distribution')).toEqual([]);
    expect(bare.publisher.publicUrl).toBeUndefined();
  });

  test('may read the public snapshots and no full one', () => {
    const { name } = full.getOf('AWS::CloudFront::Distribution', 'Snapshots');
    const { Statement } = full.getOf('AWS::S3::BucketPolicy', 'Snapshots').Properties.PolicyDocument;
    const allowed = Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({ Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' } });
    expect(allowed[0].Resource['Fn::Join'][1].at(-1)).toBe('/live/*.public.json');
    expect(JSON.stringify(allowed[0].Condition)).toContain(name);
  });

  test('has an access control of its own in the account: its name ends with the stack\u2019s own id', () => {
    const { Name } = full.getOf('AWS::CloudFront::OriginAccessControl', 'Snapshots').Properties
      .OriginAccessControlConfig;
    expect(Name['Fn::Join'][1][1]).toEqual({ 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] });
  });

  test('signs what it asks of S3, speaks TLS, and lets scripts of all origins read', () => {
    const { DistributionConfig } = full.getOf('AWS::CloudFront::Distribution', 'Snapshots').Properties;
    expect(DistributionConfig.Origins[0].OriginAccessControlId).toEqual({
      'Fn::GetAtt': [full.getOf('AWS::CloudFront::OriginAccessControl', 'Snapshots').name, 'Id'],
    });
    expect(DistributionConfig.DefaultCacheBehavior).toMatchObject({
      ViewerProtocolPolicy: 'https-only',
      AllowedMethods: ['GET', 'HEAD'],
      ResponseHeadersPolicyId: expect.any(String),
    });
    expect(DistributionConfig.CacheBehaviors).toBeUndefined();
  });

  test('takes what a distribution takes, and the URL has the first name', () => {
    const { publisher, stack } = deploy((stack) => ({
      distribution: {
        domainNames: ['discovery.example.com'],
        certificate: Certificate.fromCertificateArn(
          stack,
          'Certificate',
          'arn:aws:acm:us-east-1:111122223333:certificate/abc',
        ),
      },
    }));
    expect(stack.resolve(publisher.publicUrl)).toBe('https://discovery.example.com/{stage}.public.json');
  });
});

describe('the catalog', () => {
  const listed = deploy({ distribution: true, prefix: 'live/', catalog: { stage: 'prod' } });
  const environmentOf = ({ getOf }: typeof bare) =>
    getOf('AWS::Lambda::Function', 'Snapshots').Properties.Environment.Variables;

  test('is only there when it is asked for', () => {
    expect(environmentOf(full)).not.toHaveProperty('DISCOVERY_CATALOG');
    expect(full.publisher.catalogUrl).toBeUndefined();
  });

  test('is at the root of the distribution, with the link that RFC 9727 wants, and nothing else of its folder is', () => {
    const { DistributionConfig } = listed.getOf('AWS::CloudFront::Distribution', 'Snapshots').Properties;
    expect(DistributionConfig.Origins[1]).toMatchObject({ Id: 'catalog', OriginPath: '/live/catalog' });
    expect(DistributionConfig.CacheBehaviors).toMatchObject([
      {
        PathPattern: '/.well-known/api-catalog',
        TargetOriginId: 'catalog',
        ResponseHeadersPolicyId: { Ref: listed.getOf('AWS::CloudFront::ResponseHeadersPolicy', 'Snapshots').name },
      },
      { PathPattern: '/v0.1/servers', TargetOriginId: 'catalog', ViewerProtocolPolicy: 'https-only' },
    ]);
    const { ResponseHeadersPolicyConfig } = listed.getOf(
      'AWS::CloudFront::ResponseHeadersPolicy',
      'Snapshots',
    ).Properties;
    expect(ResponseHeadersPolicyConfig.CustomHeadersConfig.Items).toEqual([
      { Header: 'Link', Value: '</.well-known/api-catalog>; rel="api-catalog"', Override: true },
    ]);
  });

  test('is written by the publisher and read by the distribution, each in its folder', () => {
    const { Statement } = listed.getOf('AWS::S3::BucketPolicy', 'Snapshots').Properties.PolicyDocument;
    const [allowed] = Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    const endOf = (resource: { 'Fn::Join': [string, unknown[]] }) => resource['Fn::Join'][1].at(-1);
    expect(allowed.Resource.map(endOf)).toEqual(['/live/*.public.json', '/live/catalog/*']);
    const writes = statementsOf(listed).find(({ Action }) => Action.includes('s3:PutObject'));
    expect(([writes?.Resource].flat() as { 'Fn::Join': [string, unknown[]] }[]).map(endOf)).toEqual([
      '/live/*.json',
      '/live/catalog/*',
    ]);
  });

  test('has the distribution\u2019s address, or the one that is given', () => {
    const { name } = listed.getOf('AWS::CloudFront::Distribution', 'Snapshots');
    expect(environmentOf(listed).DISCOVERY_CATALOG).toEqual({
      'Fn::Join': ['', ['{"stage":"prod","url":"https://', { 'Fn::GetAtt': [name, 'DomainName'] }, '"}']],
    });
    const own = deploy({ distribution: true, catalog: { stage: 'prod', url: 'https://api.example.com' } });
    expect(own.publisher.catalogUrl).toBe('https://api.example.com');
    expect(environmentOf(own).DISCOVERY_CATALOG).toBe('{"stage":"prod","url":"https://api.example.com"}');
  });

  test('that could not be served or written fails the synthesis', () => {
    expect(() => deploy({ catalog: { stage: 'prod' } })).toThrow(
      '[Stack/Snapshots] catalog: it is served by the distribution, and there is none',
    );
    expect(() => deploy({ distribution: true, catalog: { stage: 'a.public' } })).toThrow(
      '[Stack/Snapshots] catalog: stage: is not a stage name, or ends in ".public"',
    );
    expect(() =>
      deploy((stack) => ({
        distribution: Distribution.fromDistributionAttributes(stack, 'Own', {
          distributionId: 'E1',
          domainName: 'd1.cloudfront.net',
        }),
        catalog: { stage: 'prod' },
      })),
    ).toThrow('[Stack/Snapshots] catalog.url: say where the distribution that is there already serves the files');
  });
});

test('where snapshots are and which key signs them are outputs of the stack', () => {
  const names = Object.keys(full.template.findOutputs('*')).filter((name) => name.startsWith('Snapshots'));
  expect(names.map((name) => name.replace(/^Snapshots(\w+)\w{8}$/, '$1')).sort()).toEqual([
    'BucketName',
    'KeyId',
    'PublicSnapshotUrl',
    'SnapshotUrl',
    'TrustedKeys',
  ]);
});

describe('the publication', () => {
  const other = (stack: Stack, id: string) =>
    Key.fromKeyArn(stack, id, `arn:aws:kms:eu-west-1:111122223333:key/${id.toLowerCase()}`);
  const publicationOf = ({ find }: typeof bare) => find('Custom::SnapshotPublication')[0] as Resource;

  test('is made by the publisher when all that it needs is there, and gives up in minutes', () => {
    const { Properties, DependsOn = [] } = publicationOf(full);
    const { name } = full.getOf('AWS::Lambda::Function', 'Snapshots');
    expect(Properties).toMatchObject({
      ServiceToken: { 'Fn::GetAtt': [name, 'Arn'] },
      ServiceTimeout: '300',
      Keys: [{ 'Fn::GetAtt': [full.getOf('AWS::KMS::Key', 'Snapshots').name, 'Arn'] }],
    });
    const resolvers = full.find('AWS::AppSync::Resolver').map((resolver) => resolver.name);
    expect(DependsOn).toEqual(expect.arrayContaining([full.getOf('AWS::IAM::Role', 'Snapshots').name, ...resolvers]));
  });

  test('is waited for by the stream, which Lambda refuses while the permissions of the role are on their way', () => {
    const { DependsOn } = full.getOf('AWS::Lambda::EventSourceMapping', 'Snapshots');
    expect(DependsOn).toContain(full.getOf('Custom::SnapshotPublication', 'Snapshots').name);
  });

  test('is made again when any setting of the function changes', () => {
    const settingsOf = (deployed: typeof bare): object => publicationOf(deployed).Properties.Settings;
    const { Environment } = full.getOf('AWS::Lambda::Function', 'Snapshots').Properties;
    expect(settingsOf(full)).toEqual(Environment.Variables);
    const variants = [bare, full, deploy({ lifetime: Duration.days(2) }), deploy({ prefix: 'next/' })];
    expect(new Set(variants.map((deployed) => JSON.stringify(settingsOf(deployed)))).size).toBe(variants.length);
  });

  test('has the keys as tokens: the one that signs, and those that are trusted besides, each once', () => {
    const arns = ['now', 'next', 'now2'].map((id) => `arn:aws:kms:eu-west-1:111122223333:key/${id}`);
    const deployed = deploy((stack) => ({
      key: other(stack, 'Now'),
      alsoTrusted: [other(stack, 'Next'), other(stack, 'Now2'), Key.fromKeyArn(stack, 'Again', arns[0] as string)],
    }));
    expect(publicationOf(deployed).Properties.Keys).toEqual(arns);
    expect(statementsOf(deployed).find(({ Action }) => Action === 'kms:GetPublicKey')?.Resource).toEqual(arns);
    expect(statementsOf(deployed).find(({ Action }) => Action === 'kms:Sign')?.Resource).toBe(arns[0]);
    const name = deployed.find('Custom::SnapshotPublication')[0]?.name;
    const attribute = (of: string) => ({ 'Fn::GetAtt': [name, of] });
    expect(deployed.stack.resolve(deployed.publisher.trustedKeys)).toEqual(
      [0, 1, 2].map((index) => ({
        kid: attribute(`Kid${index}`),
        kty: 'EC',
        crv: 'P-256',
        x: attribute(`X${index}`),
        y: attribute(`Y${index}`),
      })),
    );
  });

  test('has no keys where nothing is signed', () => {
    const unsigned = deploy({ signed: false, distribution: true });
    expect(publicationOf(unsigned).Properties).not.toHaveProperty('Keys');
    expect(unsigned.publisher.trustedKeys).toEqual([]);
    expect(unsigned.publisher.snapshot).toEqual({ url: unsigned.publisher.publicUrl });
    expect(() => deploy((stack) => ({ signed: false, alsoTrusted: [other(stack, 'Old')] }))).toThrow(
      '[Stack/Snapshots] alsoTrusted: nothing is signed',
    );
    expect(() => deploy((stack) => ({ alsoTrusted: ['A', 'B', 'C', 'D', 'E'].map((id) => other(stack, id)) }))).toThrow(
      '[Stack/Snapshots] alsoTrusted: Keys of Custom::SnapshotPublication has 6 keys, and 5 are the most',
    );
    expect(() => deploy((stack) => ({ alsoTrusted: [new Key(stack, 'Key')] }))).toThrow(
      '[Stack/Snapshots] alsoTrusted: is SYMMETRIC_DEFAULT',
    );
  });
});

describe('a registry with a name', () => {
  const parametersOf = (props: Omit<SnapshotPublisherProps, 'registry'>) => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = new ServiceRegistry(stack, 'Registry', { name: 'default', publish: false, auditLog: false });
    new SnapshotPublisher(stack, 'Snapshots', { registry, ...props });
    const found = Object.values(Template.fromStack(stack).findResources('AWS::SSM::Parameter')) as Resource[];
    const named = found.map(({ Properties }) => [
      Properties.Name.replace('/amplify-discovery/default/', ''),
      Properties.Value,
    ]);
    return Object.fromEntries(named.filter(([name]) => name.startsWith('snapshot-'))) as Record<
      string,
      { 'Fn::GetAtt': string[] }
    >;
  };

  test('publishes where the public snapshots are and which keys sign them, for lookups', () => {
    const parameters = parametersOf({ distribution: true, prefix: 'live/' });
    expect(JSON.stringify(parameters['snapshot-url'])).toContain('/live/{stage}.public.json');
    expect(parameters['snapshot-keys']?.['Fn::GetAtt'][1]).toBe('TrustedKeys');
  });

  test('that announces its own snapshots refuses another publisher that would announce its own', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = new ServiceRegistry(stack, 'Registry', { name: 'default' });
    expect(() => new SnapshotPublisher(stack, 'Other', { registry, distribution: true })).toThrow(
      '[Stack/Other] registry: it announces its own snapshots under its name',
    );
  });

  test('publishes no keys where nothing is signed, and no public URL where nothing is public', () => {
    expect(Object.keys(parametersOf({ distribution: true, signed: false }))).toEqual(['snapshot-url']);
    expect(Object.keys(parametersOf({}))).toEqual(['snapshot-keys']);
  });
});

test('what would fail only when it runs fails the synthesis, with the path of the construct', () => {
  expect(() => deploy({ prefix: '/live' })).toThrow('[Stack/Snapshots] prefix: is not like "discovery/"');
  expect(() => deploy({ lifetime: Duration.seconds(30), checkEvery: Duration.seconds(10) })).toThrow(
    '[Stack/Snapshots] lifetime: is not 60 or more',
  );
  expect(() => deploy({ checkEvery: Duration.days(4) })).toThrow('[Stack/Snapshots] checkEvery: 4 days');
  expect(() => deploy((stack) => ({ key: new Key(stack, 'Key') }))).toThrow(
    '[Stack/Snapshots] key: is SYMMETRIC_DEFAULT',
  );
  expect(() => deploy((stack) => ({ signed: false, key: new Key(stack, 'Key') }))).toThrow('[Stack/Snapshots] key:');
});

test('cdk-nag\u2019s AWS Solutions pack passes, and what is acknowledged is not everything', () => {
  const synthesise = (arrange: (stack: Stack, registry: ServiceRegistry) => void) => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new Stack(app, 'Stack');
    arrange(stack, new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }));
    return () => app.synth();
  };
  const passing = synthesise((stack, registry) => {
    const catalog = { stage: 'prod' };
    new SnapshotPublisher(stack, 'Snapshots', {
      registry,
      distribution: true,
      catalog,
      prefix: 'live/',
      tracing: true,
    });
  });
  expect(passing).not.toThrow();
  const careless = synthesise((stack, registry) => {
    new SnapshotPublisher(stack, 'Snapshots', { registry, bucket: new Bucket(stack, 'Own') });
  });
  expect(careless).toThrow('AwsSolutions-S10');
});
