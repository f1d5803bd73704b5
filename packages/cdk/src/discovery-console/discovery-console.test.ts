import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePageHeaders } from '@amplify-discovery/console';
import { describe, expect, test } from '@jest/globals';
import { NestedStack, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { UserPool, UserPoolClientIdentityProvider } from 'aws-cdk-lib/aws-cognito';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles, makePage } from '../../test/make-bundles.ts';
import { DiscoveryConsole, ServiceRegistry, SnapshotPublisher, type DiscoveryConsoleProps } from '../index.ts';
import { getPageFolder } from './deploy-page.ts';

// eslint-disable-next-line typescript/no-explicit-any -- a template is JSON
type Resource = { readonly Properties: Record<string, any>; readonly DeletionPolicy?: string };
type Options = Partial<DiscoveryConsoleProps>;

makeBundles('registrar', 'publisher', 'console');
makePage();

function prepare(withPool = true) {
  const stack = new Stack(makeApp(), 'Stack');
  const userPool = new UserPool(stack, 'People');
  const registry = new ServiceRegistry(stack, 'Registry', {
    publish: false,
    auditLog: false,
    ...(withPool && { userPool }),
  });
  return { stack, userPool, registry };
}

function deploy(given: Options | ((stack: Stack) => Options) = {}) {
  const { stack, registry } = prepare();
  const options = typeof given === 'function' ? given(stack) : given;
  const built = new DiscoveryConsole(stack, 'Console', { registry, ...options });
  const template = Template.fromStack(stack);
  const getOf = (type: string, start = 'Console') => {
    const all = Object.entries(template.findResources(type)).filter(([name]) => name.startsWith(start));
    expect(all).toHaveLength(1);
    const [[name, resource]] = all as [[string, Resource]];
    return { name, ...resource };
  };
  return { stack, built, template, getOf };
}

const bare = deploy();
const distribution = bare.getOf('AWS::CloudFront::Distribution');
const siteUrl = { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [distribution.name, 'DomainName'] }, '/']] };

describe('the sign-in', () => {
  test('is by code alone, for a public client, and leads back to the page alone', () => {
    expect(bare.getOf('AWS::Cognito::UserPoolClient').Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['openid'],
      CallbackURLs: [siteUrl],
      LogoutURLs: [siteUrl],
      SupportedIdentityProviders: ['COGNITO'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    });
    const flows = bare.getOf('AWS::Cognito::UserPoolClient').Properties['ExplicitAuthFlows'] as string[] | undefined;
    expect((flows ?? []).filter((flow) => flow !== 'ALLOW_REFRESH_TOKEN_AUTH')).toEqual([]);
  });

  test('has a domain with a name that Cognito takes, unless one is given', () => {
    const [, parts] = bare.getOf('AWS::Cognito::UserPoolDomain').Properties['Domain']['Fn::Join'] as [
      string,
      unknown[],
    ];
    expect(parts).toEqual([
      expect.stringMatching(/^discovery-[0-9a-f]{8}-$/),
      { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
    ]);
    const { template, built } = deploy({ userPoolDomain: 'https://login.example.com' });
    template.resourceCountIs('AWS::Cognito::UserPoolDomain', 0);
    expect(built.domain).toBeUndefined();
  });

  test('knows the group whose members see owners, unless the pool has it', () => {
    expect(bare.getOf('AWS::Cognito::UserPoolGroup').Properties['GroupName']).toBe('discovery-operators');
    deploy({ createGroup: false }).template.resourceCountIs('AWS::Cognito::UserPoolGroup', 0);
  });

  test('takes other providers of the pool', () => {
    const { getOf } = deploy({ identityProviders: [UserPoolClientIdentityProvider.custom('Company')] });
    expect(getOf('AWS::Cognito::UserPoolClient').Properties['SupportedIdentityProviders']).toEqual(['Company']);
  });
});

describe('the distribution', () => {
  const { DistributionConfig } = distribution.Properties;

  test('serves the page by https alone, and keeps nothing', () => {
    expect(DistributionConfig).toMatchObject({
      DefaultRootObject: 'index.html',
      DefaultCacheBehavior: {
        ViewerProtocolPolicy: 'redirect-to-https',
        AllowedMethods: ['GET', 'HEAD'],
        // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      },
    });
  });

  test('sends the headers that the page comes with on every host, and lets it connect to registry and pool alone', () => {
    const { ResponseHeadersPolicyConfig } = bare.getOf('AWS::CloudFront::ResponseHeadersPolicy').Properties;
    const { SecurityHeadersConfig, CustomHeadersConfig } = ResponseHeadersPolicyConfig;
    const domain = bare.getOf('AWS::Cognito::UserPoolDomain').name;
    const policy: unknown[] = SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy['Fn::Join'][1];
    const written = policy.map((part) => (typeof part === 'string' ? part : `<${JSON.stringify(part)}>`)).join('');
    expect(written).toMatch(
      /connect-src 'self' https:\/\/<[^;]*GraphQLUrl[^;]*> wss:\/\/<[^;]*appsync-realtime-api[^;]*> https:\/\/<[^;]*>; img-src/,
    );
    expect(written).toContain(domain);
    const headers = Object.fromEntries([
      ...CustomHeadersConfig.Items.map(({ Header, Value }: { Header: string; Value: string }) => [Header, Value]),
      ['content-security-policy', written.replace(/ https:.*>(?=; img-src)/, '')],
      ['referrer-policy', SecurityHeadersConfig.ReferrerPolicy.ReferrerPolicy],
      ['x-content-type-options', SecurityHeadersConfig.ContentTypeOptions.Override && 'nosniff'],
    ]) as object;
    expect(headers).toEqual(describePageHeaders());
    expect(SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec).toBe(31_536_000);
  });

  test('takes what a distribution takes, and people come back to its first name', () => {
    const { stack, built, getOf } = deploy((stack) => ({
      distribution: {
        domainNames: ['services.example.com'],
        certificate: Certificate.fromCertificateArn(stack, 'Own', 'arn:aws:acm:us-east-1:111122223333:certificate/abc'),
      },
    }));
    expect(stack.resolve(built.url)).toBe('https://services.example.com/');
    expect(getOf('AWS::CloudFront::Distribution').Properties['DistributionConfig']).toMatchObject({
      Aliases: ['services.example.com'],
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
    });
    expect(getOf('AWS::Cognito::UserPoolClient').Properties['CallbackURLs']).toEqual(['https://services.example.com/']);
  });
});

describe('the bucket', () => {
  test('is private, read by this distribution alone, and goes with the stack', () => {
    const { name, Properties, DeletionPolicy } = bare.getOf('AWS::S3::Bucket');
    expect(DeletionPolicy).toBe('Delete');
    expect(Properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const statements = bare.getOf('AWS::S3::BucketPolicy').Properties['PolicyDocument'].Statement as object[];
    const allowed = statements.filter((statement) => (statement as { Effect: string }).Effect === 'Allow');
    expect(allowed).toEqual([
      {
        Action: 's3:GetObject',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [name, 'Arn'] }, '/*']] },
        Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
      },
    ]);
  });

  test('gets the page and its settings, and the function that brings them may not touch the distribution', () => {
    const { name } = bare.getOf('AWS::S3::Bucket');
    const { Properties } = bare.getOf('Custom::CDKBucketDeployment');
    expect(Properties).toMatchObject({ DestinationBucketName: { Ref: name }, RetainOnDelete: false, Prune: true });
    expect(Properties['SourceBucketNames']).toHaveLength(2);
    expect(JSON.stringify(Properties['SourceMarkers'])).toContain(bare.getOf('AWS::Cognito::UserPoolClient').name);
    expect(JSON.stringify(bare.template.findResources('AWS::IAM::Policy'))).not.toContain('cloudfront:');
  });
});

test('the URL is an output of the stack', () => {
  const [output] = Object.entries(bare.template.findOutputs('*')).filter(([name]) => name.startsWith('ConsoleUrl'));
  expect(output?.[1]['Value']).toEqual(siteUrl);
});

describe('the history', () => {
  const withPublisher = (options: Options = {}, prefix = '') => {
    const { stack, userPool } = prepare();
    const registry = new ServiceRegistry(stack, 'Second', { publish: { prefix }, auditLog: false, userPool });
    new DiscoveryConsole(stack, 'Console', { registry, ...options });
    return { template: Template.fromStack(stack), registry };
  };
  const findBehaviors = (template: Template) => {
    const found = Object.entries(template.findResources('AWS::CloudFront::Distribution'));
    const [, resource] = found.find(([name]) => name.startsWith('Console')) as [string, Resource];
    return resource.Properties['DistributionConfig'].CacheBehaviors as object[] | undefined;
  };
  const findFunctions = (template: Template) =>
    Object.entries(template.findResources('AWS::Lambda::Function')).filter(([name]) =>
      name.startsWith('ConsoleHistory'),
    ) as [string, Resource][];

  test('comes from a function that CloudFront alone may call, and that reads the snapshots and nothing else', () => {
    const { template } = withPublisher({}, 'live/');
    expect(findBehaviors(template)).toEqual([
      expect.objectContaining({
        PathPattern: '/api/history',
        AllowedMethods: ['GET', 'HEAD'],
        ViewerProtocolPolicy: 'https-only',
      }),
    ]);
    const [[, { Properties }] = ['', { Properties: {} }]] = findFunctions(template);
    expect(Properties['Environment'].Variables).toMatchObject({ DISCOVERY_SNAPSHOT_PREFIX: 'live/' });
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')) as Resource[];
    const callers = permissions.filter(({ Properties: { Principal } }) => Principal === 'cloudfront.amazonaws.com');
    expect(callers.length).toBeGreaterThan(0);
    for (const caller of callers) expect(caller.Properties['SourceArn']).toBeDefined();
    const roles = Object.entries(template.findResources('AWS::IAM::Role')) as [string, Resource][];
    const [, role] = roles.find(([name]) => name.startsWith('ConsoleHistoryRole')) as [string, Resource];
    const { Statement } = role.Properties['Policies'][0].PolicyDocument;
    expect(Statement.flatMap(({ Action }: { Action: string | string[] }) => Action)).toEqual([
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucketVersions',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
    expect(JSON.stringify(Statement[0].Resource)).toContain('/live/*.json');
  });

  test.each<[string, () => Template]>([
    ['a registry that publishes nothing', () => bare.template],
    ['a console that is to show none', () => withPublisher({ publisher: false }).template],
  ])('is not there for %s', (_, find) => {
    const template = find();
    expect([findBehaviors(template), findFunctions(template)]).toEqual([undefined, []]);
  });

  test('is that of a publisher that is given', () => {
    const { stack, registry } = prepare();
    const publisher = new SnapshotPublisher(stack, 'Publisher', { registry });
    new DiscoveryConsole(stack, 'Console', { registry, publisher });
    expect(findFunctions(Template.fromStack(stack))).toHaveLength(1);
  });
});

describe('what could not work fails the synthesis', () => {
  test('a registry that no user pool reads', () => {
    const { stack, registry, userPool } = prepare(false);
    const create = () => new DiscoveryConsole(stack, 'Console', { registry, userPool });
    expect(create).toThrow('[Stack/Console] registry: it lets no user pool read: give its userPool');
  });

  test('another pool than the registry\u2019s', () => {
    const options = (stack: Stack) => ({ userPool: new UserPool(stack, 'Others') });
    expect(() => deploy(options)).toThrow('[Stack/Console] userPool: the registry lets the users of another pool read');
  });

  test('an imported registry without a pool; with one it works', () => {
    const { stack, userPool } = prepare();
    const host = 'appsync-api.eu-west-1.amazonaws.com';
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Theirs', {
      url: `https://abcdefghijklmnopqrstuvwxyz.${host}/graphql`,
      serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
    });
    const create = (id: string, options: Options) => new DiscoveryConsole(stack, id, { registry, ...options });
    expect(() => create('Console', {})).toThrow('[Stack/Console] userPool: the registry was imported');
    create('Second', { userPool, userPoolDomain: 'https://login.example.com' });
    const policies = Template.fromStack(stack).findResources('AWS::CloudFront::ResponseHeadersPolicy');
    const [policy] = Object.values(policies) as [Resource];
    const { SecurityHeadersConfig } = policy.Properties['ResponseHeadersPolicyConfig'];
    expect(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy).toBe(
      describePageHeaders([
        `https://abcdefghijklmnopqrstuvwxyz.${host}`,
        `wss://abcdefghijklmnopqrstuvwxyz.${host.replace('appsync', 'appsync-realtime')}`,
        'https://login.example.com',
      ])['content-security-policy'],
    );
  });

  test('what is not a stage', () => {
    expect(() => deploy({ stages: ['dev', 'a b'] })).toThrow('[Stack/Console] stages: "a b" is not a stage name');
  });

  test('a page that was not built', () => {
    const { stack } = prepare();
    const empty = mkdtempSync(join(tmpdir(), 'no-page-'));
    expect(() => getPageFolder(stack, empty)).toThrow(
      `[Stack] the page of @amplify-discovery/console is not in ${empty}: install the package again, or in its repository npm run build:page`,
    );
  });
});

test('pool, registry and console can stand in stacks of their own, as in Amplify Gen 2', () => {
  const root = new Stack(makeApp(), 'Backend');
  const userPool = new UserPool(new NestedStack(root, 'auth'), 'UserPool');
  const registry = new ServiceRegistry(new NestedStack(root, 'discovery'), 'Registry', {
    publish: false,
    auditLog: false,
    userPool,
  });
  const own = new NestedStack(root, 'console');
  new DiscoveryConsole(own, 'Console', { registry });
  expect(() => Template.fromStack(own)).not.toThrow();
});

test('cdk-nag\u2019s AWS Solutions pack passes', () => {
  const app = makeApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Stack');
  // The pool is its owner's.
  const userPool = UserPool.fromUserPoolId(stack, 'People', 'eu-west-1_abc');
  const registry = new ServiceRegistry(stack, 'Registry', { auditLog: false, userPool });
  new DiscoveryConsole(stack, 'Console', { registry });
  expect(() => app.synth()).not.toThrow();
});
