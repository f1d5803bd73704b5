import { describe, expect, test } from '@jest/globals';
import { Fn, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import {
  describeDiscovery,
  DiscoveryOrganization,
  ServiceRegistration,
  ServiceRegistry,
  SnapshotReplica,
  type DiscoveryOrganizationProps,
  type OrganizationMembership,
  type ServiceRegistryProps,
} from '../index.ts';

makeBundles('registrar', 'publisher');

const home = { account: '999900001111', region: 'eu-west-1' };
const accounts = ['111122223333', '444455556666'];

function open(props: Partial<DiscoveryOrganizationProps> = {}, options: ServiceRegistryProps = {}) {
  const stack = new Stack(makeApp(), 'Home', { env: home });
  const registry = new ServiceRegistry(stack, 'Registry', {
    name: 'default',
    apiKey: true,
    auditLog: false,
    ...options,
  });
  const organization = new DiscoveryOrganization(stack, 'Organization', { registry, accounts, ...props });
  return { stack, organization, template: Template.fromStack(stack) };
}

function join(membership: Partial<OrganizationMembership> = {}, env: { account?: string; region?: string } = {}) {
  const stack = new Stack(makeApp(), 'Team', { env });
  const account = home.account;
  const registry = ServiceRegistry.fromOrganization(stack, 'Registry', { account, name: 'default', ...membership });
  return { stack, registry };
}

/** What accounts may call. The publisher's schedule may call the publisher. */
const listGrants = (template: Template) =>
  Object.values(template.findResources('AWS::Lambda::Permission'))
    .map(({ Properties }) => Properties)
    .filter(({ Principal }) => !String(Principal).endsWith('amazonaws.com'));

describe('the registry’s account', () => {
  const { template, stack, organization } = open();

  test('gives each account an alias that it alone may call', () => {
    const permissions = listGrants(template);
    const aliases = template.findResources('AWS::Lambda::Alias');
    const found = permissions.map(({ Principal, Action, FunctionName }) => [
      Principal,
      Action,
      aliases[FunctionName.Ref]?.Properties.Name,
    ]);
    expect(found).toEqual(accounts.map((account) => [account, 'lambda:InvokeFunction', `account-${account}`]));
    // The bare function has no policy for anyone: by it an account would be limited by no scope.
    expect(permissions.every(({ FunctionName }) => FunctionName.Ref in aliases)).toBe(true);
  });

  test('lets each read the full snapshots, by the bucket’s policy', () => {
    const [{ Properties }] = Object.values(template.findResources('AWS::S3::BucketPolicy')) as [
      { Properties: { PolicyDocument: { Statement: Record<string, unknown>[] } } },
    ];
    for (const account of accounts) {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Action: ['s3:GetObject', 's3:GetObjectVersion'],
          Principal: { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]] } },
        }),
      );
    }
  });

  test('has the tokens that the other accounts’ stacks make by themselves', () => {
    const { registry, stack: team } = join({}, { account: '111122223333', region: 'eu-west-1' });
    const text = (value: unknown) => JSON.stringify(value);
    expect(text(team.resolve(registry.serviceToken))).toBe(
      text(stack.resolve(organization.serviceTokens.get('111122223333'))),
    );
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'discovery-registrar-default' });
  });

  test('lets its registrar read the parameters that it answers other accounts with, and no others', () => {
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(policies).toContain('ssm:GetParameters');
    expect(policies.match(/parameter\/amplify-discovery\/default\/[\w-]+/g)).toEqual([
      'parameter/amplify-discovery/default/url',
      'parameter/amplify-discovery/default/api-arn',
      'parameter/amplify-discovery/default/api-key',
      'parameter/amplify-discovery/default/snapshot-url',
      'parameter/amplify-discovery/default/full-snapshot-url',
      'parameter/amplify-discovery/default/snapshot-keys',
    ]);
  });

  test('lets in only who belongs to the organization, where that is said', () => {
    const { template: limited } = open({ organizationId: 'o-a1b2c3d4e5' });
    expect(listGrants(limited)).toHaveLength(2);
    for (const grant of listGrants(limited)) expect(grant).toMatchObject({ PrincipalOrgID: 'o-a1b2c3d4e5' });
    const policy = JSON.stringify(limited.findResources('AWS::S3::BucketPolicy'));
    expect(policy.match(/"aws:PrincipalOrgID":"o-a1b2c3d4e5"/g)).toHaveLength(4);
  });

  test('passes cdk-nag’s AWS Solutions pack', () => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const own = new Stack(app, 'Home', { env: home });
    const registry = new ServiceRegistry(own, 'Registry', { name: 'default', tracing: true });
    new DiscoveryOrganization(own, 'Organization', { registry, accounts });
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    [{}, { name: undefined }, 'registry: give it a name'],
    [{ accounts: ['1'] }, {}, 'accounts: "1" is not twelve digits'],
    [{ organizationId: 'org' }, {}, 'organizationId: "org" is not the id of an organization'],
  ] as const)('refuses what other accounts could not use: %j %j', (props, options, message) => {
    expect(() => open(props, options as ServiceRegistryProps)).toThrow(`[Home/Organization] ${message}`);
  });
});

describe('a stack of another account', () => {
  test('registers with a token of two account numbers and a name, whatever account it is deployed to', () => {
    const { stack, registry } = join();
    new ServiceRegistration(stack, 'Users', {
      registry,
      service: 'users',
      stage: 'prod',
      url: 'https://a.example.com',
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::ServiceEndpoint', {
      ServiceToken: {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':lambda:',
            { Ref: 'AWS::Region' },
            ':999900001111:function:discovery-registrar-default:account-',
            { Ref: 'AWS::AccountId' },
          ],
        ],
      },
    });
    template.resourceCountIs('Custom::ServiceRegistry', 0);
  });

  test('asks once what its apps have to know', () => {
    const { stack, registry } = join();
    const description = describeDiscovery({ registry, stage: 'prod' });
    expect(stack.resolve(registry.fullSnapshotUrl)).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^RegistryDescription/), 'FullSnapshotUrl'],
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::ServiceRegistry', 1);
    const asked = (name: string) => ({ 'Fn::GetAtt': [expect.stringMatching(/^RegistryDescription/), name] });
    expect(stack.resolve(description)).toMatchObject({
      registry: { url: asked('Url'), region: asked('Region'), auth: { mode: 'apiKey', apiKey: asked('ApiKey') } },
      snapshot: { url: asked('SnapshotUrl') },
    });
  });

  test('has a registry that IAM of its own account cannot read, and is told so', () => {
    expect(() => join().registry.grantRead({} as never)).toThrow('grantRead');
  });

  test.each([
    [{ account: '12' }, 'account: "12" is not twelve digits'],
    [{ name: 'a/b' }, 'name: "a/b"'],
    [{ name: 'a.b' }, 'name: "a.b" must be 1 to 28'],
    [{ name: Fn.ref('Name') }, 'give the registry’s registrarName'.replace('’', "'")],
  ])('refuses what leads to no registrar: %j', (membership, message) => {
    expect(() => join(membership)).toThrow(message);
  });
});

describe('a second region', () => {
  const replicated = open({}, { publish: { replicas: ['us-east-1'], prefix: 'live/' } });
  const away = new Stack(makeApp(), 'Away', { env: { ...home, region: 'us-east-1' } });
  const replica = new SnapshotReplica(away, 'Replica', { name: 'default', prefix: 'live/' });
  const bucketName = 'discovery-default-999900001111-us-east-1';

  test('has a bucket by the name that the first region writes to', () => {
    Template.fromStack(away).hasResourceProperties('AWS::S3::Bucket', {
      BucketName: bucketName,
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const variables = Object.values(replicated.template.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Environment?.Variables.DISCOVERY_SNAPSHOT_REPLICAS,
    );
    expect(variables.filter(Boolean)).toEqual([`us-east-1=${bucketName}`]);
    expect(JSON.stringify(replicated.template.findResources('AWS::IAM::Role'))).toContain(
      `:s3:::${bucketName}/live/*.json`,
    );
  });

  test('is read by the distribution while the first is away, and by no distribution of another account', () => {
    const [{ Properties }] = Object.values(replicated.template.findResources('AWS::CloudFront::Distribution')) as [
      { Properties: { DistributionConfig: { OriginGroups: unknown; Origins: { DomainName: unknown }[] } } },
    ];
    expect(Properties.DistributionConfig.OriginGroups).toMatchObject({
      Items: [{ FailoverCriteria: { StatusCodes: { Items: [500, 502, 503, 504] } } }],
    });
    expect(JSON.stringify(Properties.DistributionConfig.Origins)).toContain(`${bucketName}.s3.us-east-1.`);
    expect(JSON.stringify(Template.fromStack(away).findResources('AWS::S3::BucketPolicy'))).toContain(
      '"AWS:SourceAccount":{"Ref":"AWS::AccountId"}',
    );
  });

  test('lets other accounts read the full snapshots, too', () => {
    const stack = new Stack(makeApp(), 'Granting', { env: { ...home, region: 'us-east-1' } });
    new SnapshotReplica(stack, 'Replica', { name: 'default' }).grantRead(new AccountPrincipal('111122223333'));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'))).toContain(
      ':iam::111122223333:root',
    );
    expect(away.resolve(replica.url)).toBeDefined();
  });

  test.each(['Default', 'a_b', 'x'.repeat(26), undefined])('needs a name that a bucket can have: %s', (name) => {
    expect(() => open({}, { name, publish: { replicas: ['us-east-1'] } })).toThrow(
      '[Home/Registry/Snapshots] replicas: the registry needs a name',
    );
  });

  test('passes cdk-nag’s AWS Solutions pack', () => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new SnapshotReplica(new Stack(app, 'Away', { env: { ...home, region: 'us-east-1' } }), 'Replica', {
      name: 'default',
    });
    const own = new Stack(app, 'Home', { env: home });
    new ServiceRegistry(own, 'Registry', { name: 'default', publish: { replicas: ['us-east-1'] }, tracing: true });
    expect(() => app.synth()).not.toThrow();
  });
});
