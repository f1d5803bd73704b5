import { describe, expect, test } from '@jest/globals';
import { registrarTiming } from '@amplify-discovery/registrar';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AccountPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parse, type ObjectTypeDefinitionNode } from 'graphql';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { Registrar, ServiceRegistry, type ServiceRegistryProps } from '../index.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>; // eslint-disable-line typescript/no-explicit-any -- a template is JSON
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
}

makeBundles('registrar', 'publisher');

function deploy(props?: ServiceRegistryProps, arrange?: (registry: ServiceRegistry, stack: Stack) => void) {
  const app = makeApp();
  const stack = new Stack(app, 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false, ...props });
  arrange?.(registry, stack);
  const template = Template.fromStack(stack);
  const find = (type: string) => Object.entries(template.findResources(type)) as unknown as [string, Resource][];
  const findOne = (type: string) => {
    const found = find(type);
    expect(found).toHaveLength(1);
    return (found[0] as [string, Resource])[1];
  };
  return { registry, stack, template, find, findOne };
}

const bare = deploy();
const full = deploy({ apiKey: true, name: 'default', tracing: true }, (registry, stack) => {
  const role = new Role(stack, 'Deployer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const other = new Role(stack, 'OtherDeployer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  registry.grantRegister(role, { scope: 'team-users' });
  registry.grantRegister(other, { scope: 'team-users' });
  registry.grantRegister(new AccountPrincipal('111122223333'), { scope: 'team-shop' });
  registry.grantRead(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
});

describe('the API', () => {
  test('has a resolver on every field of the schema that the definition names, with its code', () => {
    const { find, findOne } = bare;
    const schema = parse(findOne('AWS::AppSync::GraphQLSchema').Properties.Definition as string);
    const fields = schema.definitions
      .filter((node): node is ObjectTypeDefinitionNode => node.kind === 'ObjectTypeDefinition')
      .filter(({ name }) => ['Query', 'Mutation', 'Subscription'].includes(name.value))
      .flatMap(({ name, fields = [] }) => fields.map((field) => `${name.value}.${field.name.value}`));
    const functions = new Map(find('AWS::AppSync::FunctionConfiguration'));
    const { resolverFiles, resolvers } = registryDefinition;

    const attached = find('AWS::AppSync::Resolver').map(([, { Properties }]) => Properties);
    expect(attached.map(({ TypeName, FieldName }) => `${TypeName}.${FieldName}`).sort()).toEqual(fields.sort());
    for (const { TypeName, FieldName, Code, Kind, PipelineConfig, DataSourceName, Runtime } of attached) {
      const definition = (resolvers as Record<string, any>)[TypeName][FieldName]; // eslint-disable-line typescript/no-explicit-any
      expect(Code).toBe(resolverFiles[definition.file]);
      expect(Runtime).toEqual({ Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' });
      expect(Kind).toBe(definition.kind === 'pipeline' ? 'PIPELINE' : 'UNIT');
      expect(DataSourceName).toBe({ unit: 'registryTable', local: 'registryNone' }[definition.kind as string]);
      if (definition.kind === 'pipeline') {
        const steps = PipelineConfig.Functions.map((step: { 'Fn::GetAtt': string[] }) =>
          functions.get(step['Fn::GetAtt'][0] as string),
        );
        expect(steps.map((step: Resource) => step.Properties.Code)).toEqual(
          definition.functions.map((file: string) => resolverFiles[file]),
        );
      }
    }
  });

  test('takes IAM alone by default, and then the schema names no other mode', () => {
    const { AuthenticationType, AdditionalAuthenticationProviders } =
      bare.findOne('AWS::AppSync::GraphQLApi').Properties;
    expect(AuthenticationType).toBe('AWS_IAM');
    expect(AdditionalAuthenticationProviders).toBeUndefined();
    expect(bare.findOne('AWS::AppSync::GraphQLSchema').Properties.Definition).not.toMatch(/@aws_(api_key|cognito)/);
    expect(bare.registry.auth).toEqual({ mode: 'iam' });
    expect(bare.find('AWS::AppSync::ApiKey')).toEqual([]);
  });

  test('with an API key has one that lives for at most a year, which apps use', () => {
    const { Expires } = full.findOne('AWS::AppSync::ApiKey').Properties;
    const days = (Expires * 1000 - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(330);
    expect(days).toBeLessThanOrEqual(365);
    expect(full.registry.auth).toMatchObject({ mode: 'apiKey' });
    expect(full.findOne('AWS::AppSync::GraphQLSchema').Properties.Definition).toContain('@aws_api_key');
  });

  test('opens to an API key the stages that are listed', () => {
    const { findOne } = deploy({ apiKey: true, openStages: ['Production', 'pr-*'] });
    expect(findOne('AWS::AppSync::GraphQLApi').Properties.EnvironmentVariables).toMatchObject({
      OPEN_STAGES: 'Production,pr-*',
    });
    expect(full.findOne('AWS::AppSync::GraphQLApi').Properties.EnvironmentVariables).toMatchObject({
      OPEN_STAGES: '*',
    });
    const { find } = deploy({ openStages: ['Production', 'pr-*'], publish: true });
    const published = find('AWS::Lambda::Function').map(([, { Properties }]) => Properties.Environment.Variables);
    expect(published.map(({ DISCOVERY_OPEN_STAGES }) => DISCOVERY_OPEN_STAGES as unknown)).toContain('Production,pr-*');
    expect(() => deploy({ openStages: ['a,b'] })).toThrow('[Stack/Registry] openStages: "a,b" is not a stage');
    expect(() => deploy({ openStages: [] })).toThrow('[Stack/Registry] openStages: an empty list');
  });

  test('with another key name has another key: so a leaked one is replaced', () => {
    const [before] = full.find('AWS::AppSync::ApiKey');
    const [after] = deploy({ apiKey: { name: 'Second' } }).find('AWS::AppSync::ApiKey');
    expect(after?.[0]).not.toBe(before?.[0]);
  });

  test('with a user pool lets its users read', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = new ServiceRegistry(stack, 'Registry', { userPool: new UserPool(stack, 'Pool') });
    expect(registry.auth).toEqual({ mode: 'userPool' });
    Template.fromStack(stack).hasResourceProperties('AWS::AppSync::GraphQLApi', {
      AdditionalAuthenticationProviders: [{ AuthenticationType: 'AMAZON_COGNITO_USER_POOLS' }],
    });
  });

  test('may do to the table what the resolvers do, and nothing else', () => {
    const policies = bare.find('AWS::IAM::Policy').flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const actions = policies.flatMap(({ Action }) => Action).filter((action: string) => action.startsWith('dynamodb:'));
    const used = new Set(
      Object.values(registryDefinition.resolverFiles).flatMap((code) =>
        [...code.matchAll(/operation: '(\w+)'/g)].map(([, operation]) => `dynamodb:${operation}`),
      ),
    );
    expect(new Set(actions)).toEqual(used);
  });
});

describe('the table', () => {
  test('has the layout that the resolvers expect', () => {
    const { Properties } = bare.findOne('AWS::DynamoDB::Table');
    const { table } = registryDefinition;
    const keys = (partition: string, sort: string) => [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ];
    expect(Properties.KeySchema).toEqual(keys(table.partitionKey, table.sortKey));
    expect(Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: table.index.name,
        KeySchema: keys(table.index.partitionKey, table.index.sortKey),
        Projection: { ProjectionType: table.index.projection },
      },
    ]);
    expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: table.timeToLive, Enabled: true });
  });

  test('is billed by use, can be restored to any second, streams its changes and is not deleted by accident', () => {
    const { Properties, DeletionPolicy } = bare.findOne('AWS::DynamoDB::Table');
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      DeletionProtectionEnabled: true,
    });
    expect(DeletionPolicy).toBe('Retain');
  });

  test('goes with the registry where that is asked for', () => {
    const { Properties, DeletionPolicy } = deploy({ removalPolicy: RemovalPolicy.DESTROY }).findOne(
      'AWS::DynamoDB::Table',
    );
    expect(Properties.DeletionProtectionEnabled).toBe(false);
    expect(DeletionPolicy).toBe('Delete');
  });
});

describe('the registrar', () => {
  test('runs the bundled code on a current runtime, with the times that fence late events', () => {
    const { Properties } = bare.findOne('AWS::Lambda::Function');
    expect(Properties).toMatchObject({
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: registrarTiming.functionTimeoutSeconds,
    });
    expect(bare.findOne('AWS::Lambda::EventInvokeConfig').Properties).toMatchObject({
      MaximumEventAgeInSeconds: registrarTiming.maximumEventAgeSeconds,
      MaximumRetryAttempts: registrarTiming.maximumRetryAttempts,
    });
    expect(bare.find('AWS::Logs::LogGroup').map(([, group]) => group.Properties.RetentionInDays)).toEqual([30, 30]);
  });

  test('is there only when all resolvers are, so that the first registration finds them', () => {
    const { DependsOn = [] } = bare.findOne('AWS::Lambda::Function');
    for (const [name] of bare.find('AWS::AppSync::Resolver')) expect(DependsOn).toContain(name);
    expect(DependsOn).toContain(bare.find('AWS::AppSync::GraphQLSchema')[0]?.[0]);
  });

  test('may run the two mutations, look up GraphQL APIs and write its log', () => {
    const role = bare.find('AWS::IAM::Role').find(([name]) => name.includes('Registrar'))?.[1].Properties;
    const policy = bare.find('AWS::IAM::Policy').find(([name]) => name.includes('Registrar'))?.[1].Properties;
    const statements: { Action: string | string[]; Resource: unknown }[] = [
      ...(policy?.['PolicyDocument'].Statement ?? []),
      ...(role?.['Policies'][0].PolicyDocument.Statement ?? []),
    ];
    expect(statements.flatMap(({ Action }) => Action)).toEqual([
      'appsync:GraphQL',
      'appsync:GetGraphqlApi',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
    const fields = JSON.stringify(statements[0]?.Resource).match(/types\/\w+\/fields\/\w+/g);
    expect(fields).toEqual(['types/Mutation/fields/registerEndpoint', 'types/Mutation/fields/deregisterEndpoint']);
    expect(role?.ManagedPolicyArns).toBeUndefined();
  });

  test('has one alias for each scope, of its name, and no list of services in its settings', () => {
    const aliases = full
      .find('AWS::Lambda::Alias')
      .map(([, { Properties }]) => Properties.Name)
      .sort();
    expect(aliases).toEqual(['team-shop', 'team-users']);
    const [registrar] = full.find('AWS::Lambda::Function').filter(([id]) => id.includes('Registrar'));
    const { Variables } = registrar?.[1].Properties.Environment ?? {};
    expect(Object.keys(Variables)).toEqual(['REGISTRY_URL', 'REGISTRY_REGION', 'REGISTRY_NAME']);
    const fenced = full
      .find('AWS::Lambda::EventInvokeConfig')
      .map(([, { Properties }]) => Properties.MaximumRetryAttempts);
    expect(fenced).toEqual([0, 0, 0]);
  });

  test('may be called by a limited deployer through its alias only', () => {
    const policies = full.find('AWS::IAM::Policy').filter(([name]) => name.includes('Deployer'));
    const [alias] =
      full.find('AWS::Lambda::Alias').find(([, { Properties }]) => Properties.Name === 'team-users') ?? [];
    expect(policies.map(([, { Properties }]) => Properties.PolicyDocument.Statement)).toEqual([
      [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { Ref: alias } }],
      [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { Ref: alias } }],
    ]);
  });

  test('may be called by a limited account through its alias only', () => {
    const permissions = full.find('AWS::Lambda::Permission').filter(([id]) => id.includes('Registrar'));
    expect(permissions).toHaveLength(1);
    const { Principal, FunctionName } = permissions[0]?.[1].Properties ?? {};
    const [alias] = full.find('AWS::Lambda::Alias').find(([, { Properties }]) => Properties.Name === 'team-shop') ?? [];
    expect({ Principal, FunctionName }).toEqual({ Principal: '111122223333', FunctionName: { Ref: alias } });
  });

  test('can stand in another region and write to a registry that is deployed already', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = {
      url: 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
      region: 'eu-west-1',
      apiArn: 'arn:aws:appsync:eu-west-1:111122223333:apis/x',
    };
    const { serviceToken } = new Registrar(stack, 'Registrar', { registry });
    expect(stack.resolve(serviceToken)).toMatchObject({ 'Fn::GetAtt': [expect.stringContaining('Registrar'), 'Arn'] });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { REGISTRY_URL: registry.url, REGISTRY_REGION: 'eu-west-1' } },
    });
  });

  test.each(['user management', '42', 'team.users', ''])(
    'refuses a scope that no alias can be named: "%s"',
    (scope) => {
      const { registry, stack } = deploy();
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      expect(() => registry.grantRegister(role, { scope })).toThrow(
        `[Stack/Registry/Registrar] scope: "${scope}" must be`,
      );
    },
  );

  test('is known to the registry by its role, and others are where they are named', () => {
    const read = ({ findOne, stack, registry }: ReturnType<typeof deploy>) => {
      const { REGISTRARS } = findOne('AWS::AppSync::GraphQLApi').Properties.EnvironmentVariables;
      return [REGISTRARS, stack.resolve(registry.registrar.roleArn)];
    };
    const [own, roleArn] = read(bare);
    expect(own).toEqual(roleArn);
    const [role] = bare.find('AWS::IAM::Role').find(([name]) => name.includes('Registrar')) ?? [];
    expect(JSON.stringify(own)).toContain(`":role/",{"Ref":"${role}"}`);
    const foreign = 'arn:aws:iam::444455556666:role/registrar-*';
    expect(JSON.stringify(read(deploy({ registrars: [foreign] }))[0])).toContain(`,${foreign}`);
    expect(() => deploy({ registrars: ['registrar'] })).toThrow('[Stack/Registry] registrars: "registrar" is not');
    expect(() => deploy({ registrars: ['arn:aws:iam::1:role/path/name'] })).toThrow('without a path');
  });

  test('is named after the registry, or as it is asked to', () => {
    const nameOf = (props: ServiceRegistryProps) =>
      deploy({ ...props, publish: false, auditLog: false }).findOne('AWS::Lambda::Function').Properties.FunctionName;
    expect(nameOf({ name: 'default' })).toBe('discovery-registrar-default');
    expect(nameOf({ name: 'default', registrarName: 'registrar' })).toBe('registrar');
    expect(nameOf({ name: undefined })).toBeUndefined();
  });

  test('may write before the first registration', () => {
    const { DependsOn = [] } = bare.findOne('AWS::Lambda::Function');
    const [policy] = bare.find('AWS::IAM::Policy').find(([name]) => name.includes('Registrar')) ?? [];
    expect(DependsOn).toContain(policy);
  });
});

describe('the registry', () => {
  test('publishes itself under its name for other stacks', () => {
    const names = full.find('AWS::SSM::Parameter').map(([, { Properties }]) => Properties.Name);
    expect(names).toEqual(
      ['url', 'api-arn', 'service-token', 'api-key'].map((part) => `/amplify-discovery/default/${part}`),
    );
    expect(bare.find('AWS::SSM::Parameter')).toEqual([]);
  });

  test('lets a reader read: every query and the subscription', () => {
    const [, policy] = full.find('AWS::IAM::Policy').find(([name]) => name.startsWith('Reader')) ?? [];
    expect(JSON.stringify(policy).match(/\w+\/fields\/\w+/g)).toEqual(registryDefinition.readFields);
  });

  test('refuses a key name or a registry name that AWS would refuse', () => {
    expect(() => deploy({ apiKey: { name: 'my key' } })).toThrow('[Stack/Registry] apiKey.name: "my key"');
    expect(() => deploy({ name: 'a/b' })).toThrow('[Stack/Registry] name: "a/b"');
  });

  test('passes cdk-nag\u2019s AWS Solutions pack, and what it acknowledges is not everything', () => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new Stack(app, 'Stack');
    new ServiceRegistry(stack, 'Registry', { apiKey: true, name: 'default', tracing: true });
    expect(() => app.synth()).not.toThrow();

    const careless = makeApp();
    Validations.of(careless).addPlugins(new AwsSolutionsChecks(careless));
    new ServiceRegistry(new Stack(careless, 'Stack'), 'Registry', { runtime: Runtime.NODEJS_22_X });
    expect(() => careless.synth()).toThrow('AwsSolutions-L1');
  });
});

test('a registry publishes its snapshots unless that is switched off, by the options that it is given', () => {
  const { registry, find, findOne } = deploy({
    publish: { prefix: 'live/' },
    removalPolicy: RemovalPolicy.DESTROY,
    runtime: Runtime.NODEJS_22_X,
  });
  expect(registry.snapshot).toEqual({
    url: expect.stringContaining('/live/{stage}.public.json'),
    trustedKeys: registry.publisher?.trustedKeys,
  });
  expect(findOne('AWS::CloudFront::Distribution')).toBeDefined();
  expect(findOne('AWS::KMS::Key')).toMatchObject({ DeletionPolicy: 'Delete' });
  const own = find('AWS::Lambda::Function').filter(([id]) => id.startsWith('Registry'));
  expect(own.map(([, { Properties }]) => Properties.Runtime)).toEqual(['nodejs22.x', 'nodejs22.x']);
  expect(bare.registry.snapshot).toBe(undefined);
  expect(bare.find('AWS::CloudFront::Distribution')).toEqual([]);
});
