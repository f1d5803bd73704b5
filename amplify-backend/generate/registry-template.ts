import { ServiceRegistry } from '@amplify-discovery/cdk';
import { registryNamePattern } from '@amplify-discovery/registry';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { chooseByCondition, type Gen1Resource, type Gen1Template } from './choose-by-condition.ts';
import { parameter } from './amplify-parameters.ts';
import { registrarRoleName } from './registrar-template.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

/**
 * `custom/discoveryRegistry`: `ServiceRegistry` without its registrar, because Amplify uploads no code for a resource of the
 * category custom. With the parameters of an API, a table or a domain it takes those instead of creating them.
 */
export function buildRegistryTemplate(): object {
  const { Conditions, Resources } = chooseByCondition(
    'CreatesTable',
    chooseByCondition('CreatesApi', synthesise({}), synthesise({ api })),
    chooseByCondition('CreatesApi', synthesise({ table }), synthesise({ table, api })),
  );
  const { Resources: restoring } = chooseByCondition(
    'CreatesApi',
    synthesise({ restoring: true }),
    synthesise({ restoring: true, api }),
  );
  const { [snapshotResolver]: open, ...others } = Resources;
  const snapshot = chooseByCondition(
    'Restores',
    { Resources: { [snapshotResolver]: restoring[snapshotResolver] as Gen1Resource } },
    { Resources: { [snapshotResolver]: open as Gen1Resource } },
  );
  const apiUrl = createdOr('CreatesApi', { 'Fn::GetAtt': ['Api', 'GraphQLUrl'] }, { Ref: 'apiUrl' });
  const url = createdOr('HasDomain', { 'Fn::Sub': 'https://${domainName}/graphql' }, apiUrl);
  const apiId = createdOr('CreatesApi', { 'Fn::GetAtt': ['Api', 'ApiId'] }, { Ref: 'apiId' });
  const apiArn = { 'Fn::Sub': 'arn:${AWS::Partition}:appsync:${AWS::Region}:${AWS::AccountId}:apis/${apiId}' };
  const tableArn = { 'Fn::Sub': 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}' };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The service registry: an AppSync API over one DynamoDB table. Generated.',
    Parameters: {
      env: { Type: 'String' },
      registryName: {
        Type: 'String',
        AllowedPattern: registryNamePattern,
        Description:
          'The registry publishes itself as SSM parameters /amplify-discovery/NAME/…; once per account and region.',
      },
      apiKeyExpires: {
        Type: 'Number',
        Description: 'Epoch seconds. The hook pre-push moves it on, once a month.',
      },
      ...optional({
        apiId: 'The id of an AppSync API that a lost registry left behind; apiUrl and apiKey are then given, too.',
        apiUrl: 'Its GraphQL endpoint.',
        apiKey: 'The key that apps have.',
        tableName: 'A table that is there already: restored, or left behind. tableStreamArn is then given, too.',
        tableStreamArn: 'The ARN of its stream, with new and old images.',
        domainName: 'A domain name that AppSync has, for this registry: its URL outlives the API.',
      }),
      restoring: {
        Type: 'String',
        Default: 'no',
        AllowedValues: ['no', 'yes'],
        Description: 'Whether the registry refuses to be read, because its records are still to be restored.',
      },
    },
    Conditions: {
      ...Conditions,
      CreatesApi: { 'Fn::Equals': [{ Ref: 'apiId' }, ''] },
      CreatesTable: { 'Fn::Equals': [{ Ref: 'tableName' }, ''] },
      HasDomain: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'domainName' }, ''] }] },
      Restores: { 'Fn::Equals': [{ Ref: 'restoring' }, 'yes'] },
    },
    Resources: {
      ...Object.fromEntries(Object.entries(others).map(([id, resource]) => [id, nameRegistrar(takeExpiry(resource))])),
      ...snapshot.Resources,
      PublishedUrl: publish(others.PublishedUrl, url),
      DomainAssociation: {
        Type: 'AWS::AppSync::DomainNameApiAssociation',
        Condition: 'HasDomain',
        Properties: { ApiId: apiId, DomainName: { Ref: 'domainName' } },
      },
    },
    Outputs: {
      RegistryUrl: { Value: url },
      RegistryApiArn: { Value: createdOr('CreatesApi', { 'Fn::GetAtt': ['Api', 'Arn'] }, apiArn) },
      RegistryApiKey: {
        Value: createdOr('CreatesApi', { 'Fn::GetAtt': ['ApiDefaultApiKey', 'ApiKey'] }, { Ref: 'apiKey' }),
      },
      RegistryName: { Value: { Ref: 'registryName' } },
      TableName: { Value: createdOr('CreatesTable', { Ref: 'Table' }, { Ref: 'tableName' }) },
      TableArn: { Value: createdOr('CreatesTable', { 'Fn::GetAtt': ['Table', 'Arn'] }, tableArn) },
      TableStreamArn: {
        Value: createdOr('CreatesTable', { 'Fn::GetAtt': ['Table', 'StreamArn'] }, { Ref: 'tableStreamArn' }),
      },
    },
  };
}

const snapshotResolver = 'ApiQuerySnapshotResolver';
const api = { apiId: parameter('apiId'), url: parameter('apiUrl'), apiKey: parameter('apiKey') };
const table = 'given';

interface Existing {
  readonly api?: typeof api;
  readonly table?: typeof table;
  readonly restoring?: boolean;
}

/** The resources of a registry over what is there already. */
function synthesise({ table: given, ...existing }: Existing): Gen1Template {
  const { Resources } = synthesiseGen1((stack) => {
    const found = given && {
      table: Table.fromTableAttributes(stack, 'Given', {
        tableName: parameter('tableName'),
        tableStreamArn: parameter('tableStreamArn'),
      }),
    };
    const apiKey = existing.api === undefined;
    // The publisher is a function of the project's own.
    const props = { name: parameter('registryName'), apiKey, publish: false, auditLog: false, ...existing, ...found };
    return new ServiceRegistry(stack, 'Registry', props);
  });
  const own = Object.entries(Resources).filter(([id]) => !/^(Registrar|PublishedServiceToken|KeyRenewal)/.test(id));
  return { Resources: Object.fromEntries(own) };
}

function optional(descriptions: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(descriptions).map(([name, Description]) => [name, { Type: 'String', Default: '', Description }]),
  );
}

function createdOr(condition: string, created: object, given: object): object {
  return { 'Fn::If': [condition, created, given] };
}

function publish(resource: Gen1Resource | undefined, Value: object): object {
  return { ...resource, Properties: { ...(resource?.Properties as object), Value } };
}

/** A key lives for a year from when it was last deployed. CDK knows that time, a template that waits for its push does not. */
function takeExpiry(resource: Gen1Resource): Gen1Resource {
  if (resource.Type !== 'AWS::AppSync::ApiKey') return resource;
  return { ...resource, Properties: { ...(resource.Properties as object), Expires: { Ref: 'apiKeyExpires' } } };
}

/** The registrar is deployed by another template, after this one. */
function nameRegistrar(resource: Gen1Resource): Gen1Resource {
  if (resource.Type !== 'AWS::AppSync::GraphQLApi') return resource;
  const properties = resource.Properties as { readonly EnvironmentVariables?: object };
  const REGISTRARS = { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${registrarRoleName}` };
  const EnvironmentVariables = { ...properties.EnvironmentVariables, REGISTRARS };
  return { ...resource, Properties: { ...properties, EnvironmentVariables } };
}
