import {
  CloudMapBridge,
  describeDiscovery,
  DiscoveryAlarms,
  DiscoveryConsole,
  DiscoveryOrganization,
  DiscoveryRouter,
  DnsBridge,
  EdgeRouter,
  RegistryBridge,
  RegistryBridgeRole,
  ServiceRegistration,
  ServiceRegistry,
  SnapshotPublisher,
  SnapshotReplica,
} from '@amplify-discovery/cdk';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { UserPool, UserPoolClientIdentityProvider } from 'aws-cdk-lib/aws-cognito';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Key } from 'aws-cdk-lib/aws-kms';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Topic } from 'aws-cdk-lib/aws-sns';

// oxlint-disable no-new -- a construct is there once it is made
/** Writes a template with every construct of this package, with and without all options, into the folder. */
export function synthesiseTemplates(outdir) {
  // CDK's own check of templates is a second judge beside cfn-lint.
  const app = new App({ outdir, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  const bare = new Stack(app, 'Default');
  const own = new ServiceRegistry(bare, 'Registry', { removalPolicy: RemovalPolicy.DESTROY });
  new EdgeRouter(bare, 'Edge', { publisher: own.publisher, stage: 'dev', trustedHosts: ['*.example.com'] });
  new DiscoveryRouter(bare, 'Router', { registry: own, stage: 'dev' });
  const full = new Stack(app, 'Full');
  const registry = new ServiceRegistry(full, 'Registry', {
    name: 'default',
    apiKey: { name: 'Second', alsoValid: ['Default'] },
    rateLimit: { requests: 1000 },
    publish: false,
    userPool: new UserPool(full, 'Pool'),
    tracing: true,
    registrars: ['arn:aws:iam::444455556666:role/registrar-*'],
  });
  registry.grantRegister(new AccountPrincipal('111122223333'), { scope: 'team-users' });
  const api = new HttpApi(full, 'Api');
  new ServiceRegistration(full, 'Users', {
    registry,
    service: 'users',
    stage: 'dev',
    api,
    metadata: { team: 'users' },
  });
  const publisher = new SnapshotPublisher(full, 'Snapshots', {
    registry,
    distribution: true,
    prefix: 'live/',
    alsoTrusted: [
      Key.fromKeyArn(full, 'Next', 'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012'),
    ],
    tracing: true,
  });
  const users = new ServiceRegistration(full, 'PublicUsers', {
    registry,
    service: 'public-users',
    stage: 'dev',
    api,
    public: true,
  });
  const discovery = describeDiscovery({ registry, stage: 'dev', registrations: [users], publisher });
  new CfnOutput(full, 'Discovery', { value: full.toJsonString(discovery) });
  new EdgeRouter(full, 'Edge', {
    publisher,
    byHost: { 'dev.example.com': 'dev', 'www.example.com': 'prod' },
    trustedHosts: ['*.example.com'],
    services: ['users'],
    affinity: { header: 'x-user', cookie: 'session' },
    distribution: {
      domainNames: ['dev.example.com', 'www.example.com'],
      certificate: Certificate.fromCertificateArn(
        full,
        'Certificate',
        'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
      ),
    },
  });
  const access = 'public';
  const auth = { users: { mode: 'iam' } };
  new DiscoveryRouter(full, 'Router', { registry, stage: 'dev', auth, access, streaming: true, tracing: true });
  new DiscoveryRouter(full, 'ApiRouter', {
    registry,
    stage: { inPath: ['dev'] },
    entry: 'httpApi',
    services: ['users'],
    snapshot: publisher.snapshot,
  });

  new DiscoveryAlarms(full, 'Alarms', {
    registry,
    publisher,
    auditLog: publisher,
    keyExpiry: new Metric({ namespace: 'AmplifyDiscovery', metricName: 'DaysLeft', statistic: 'Minimum' }),
    notify: new Topic(full, 'OnCall', { enforceSSL: true }),
  });

  new DiscoveryOrganization(full, 'Organization', {
    registry,
    accounts: ['111122223333', '444455556666'],
    organizationId: 'o-a1b2c3d4e5',
  });
  new SnapshotReplica(new Stack(app, 'Away'), 'Replica', { name: 'default', prefix: 'live/' });
  const member = new Stack(app, 'Member');
  const theirs = ServiceRegistry.fromOrganization(member, 'Registry', { account: '999900001111', name: 'default' });
  new ServiceRegistration(member, 'Cart', {
    registry: theirs,
    service: 'cart',
    stage: 'dev',
    url: 'https://a.example.com',
  });
  new CfnOutput(member, 'Discovery', {
    value: member.toJsonString(describeDiscovery({ registry: theirs, stage: 'dev' })),
  });

  const consoles = new Stack(app, 'Console');
  const userPool = new UserPool(consoles, 'People');
  const shown = new ServiceRegistry(consoles, 'Registry', {
    publish: false,
    announce: true,
    auditLog: false,
    userPool,
  });
  new DiscoveryConsole(consoles, 'Console', { registry: shown });
  new DiscoveryConsole(consoles, 'Second', {
    registry: shown,
    userPoolDomain: 'https://login.example.com',
    identityProviders: [UserPoolClientIdentityProvider.custom('Company')],
    createGroup: false,
    stages: ['dev', 'prod'],
    distribution: {
      domainNames: ['services.example.com'],
      certificate: Certificate.fromCertificateArn(
        consoles,
        'Certificate',
        'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
      ),
    },
  });

  const bridges = new Stack(app, 'Bridges');
  const stages = ['dev', 'prod'];
  const theirUrl = 'https://b2.appsync-api.us-east-1.amazonaws.com/graphql';
  const to = ServiceRegistry.fromServiceRegistryAttributes(bridges, 'To', {
    url: theirUrl,
    serviceToken: 'arn:aws:lambda:us-east-1:111122223333:function:registrar',
    apiArn: 'arn:aws:appsync:us-east-1:111122223333:apis/b2',
  });
  const from = new ServiceRegistry(bridges, 'Registry', { publish: false, auditLog: false });
  const namespace = new HttpNamespace(bridges, 'Namespace', { name: 'internal' });
  const cloudMap = new CloudMapBridge(bridges, 'CloudMap', { registry: from, stages: ['dev'], namespace });
  new CloudMapBridge(bridges, 'CloudMaps', {
    registry: from,
    stages,
    namespace: '{stage}.internal',
    services: ['users-*'],
    mark: 'users',
    tracing: true,
  });
  new DnsBridge(bridges, 'Dns', {
    registry: from,
    stages,
    hostedZone: new HostedZone(bridges, 'Zone', { zoneName: 'internal.example.com' }),
  });
  const notify = new Topic(bridges, 'OnCall', { enforceSSL: true });
  new DiscoveryAlarms(bridges, 'Alarms', { registry: from, bridges: [cloudMap], notify });
  new RegistryBridge(bridges, 'Away', { registry: from, stages, to });
  new RegistryBridge(bridges, 'Abroad', { registry: from, stages, to, role: 'arn:aws:iam::444455556666:role/copies' });
  new RegistryBridgeRole(bridges, 'Copies', { registry: from, bridge: '444455556666', roleName: 'copies' });

  const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012';
  const named = new Stack(app, 'Domain');
  const certificate = Certificate.fromCertificateArn(named, 'Certificate', certificateArn);
  new ServiceRegistry(named, 'Registry', {
    name: 'named',
    apiKey: { name: 'Second', alsoValid: ['Default'] },
    domain: { domainName: 'registry.example.com', certificate },
    publish: { distribution: { domainNames: ['snapshots.example.com'], certificate } },
  });

  const rebuilt = new Stack(app, 'Rebuilt');
  new ServiceRegistry(rebuilt, 'Registry', {
    name: 'default',
    api: {
      apiId: 'abcdefghijklmnopqrstuvwxyz',
      url: 'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql',
      apiKey: 'da2-abcdefghijklmnopqrstuvwxyz',
    },
    domain: { domainName: 'registry.example.com' },
    table: Table.fromTableAttributes(rebuilt, 'Table', {
      tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/restored',
      tableStreamArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-01-01T00:00:00.000',
    }),
    restoring: true,
    publish: {
      bucket: Bucket.fromBucketName(rebuilt, 'Bucket', 'left-behind'),
      distribution: Distribution.fromDistributionAttributes(rebuilt, 'Distribution', {
        distributionId: 'E1ABCDEFGHIJKL',
        domainName: 'd111111abcdef8.cloudfront.net',
      }),
    },
  });

  const joining = new Stack(app, 'Joining');
  const shared = ServiceRegistry.fromLookup(joining, 'Registry', {
    name: 'default',
    scope: 'team-users',
    snapshot: true,
  });
  const url = 'https://users.example.com';
  new ServiceRegistration(joining, 'Users', { registry: shared, service: 'users', stage: 'dev', url, weight: 5 });
  const told = describeDiscovery({ registry: shared, stage: 'dev' });
  new CfnOutput(joining, 'Discovery', { value: joining.toJsonString(told) });
  app.synth();
}
