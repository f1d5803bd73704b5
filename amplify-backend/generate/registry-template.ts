import { ServiceRegistry } from '@amplify-discovery/cdk';
import { registryNamePattern } from '@amplify-discovery/registry';
import type { Gen1Resource } from './choose-by-condition.ts';
import { parameter } from './amplify-parameters.ts';
import { registrarRoleName } from './registrar-template.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

/**
 * `custom/discoveryRegistry`: `ServiceRegistry` without its registrar, because Amplify uploads no code for a resource of the
 * category custom.
 */
export function buildRegistryTemplate(): object {
  const { Resources } = synthesiseGen1(
    (stack) =>
      new ServiceRegistry(stack, 'Registry', { name: parameter('registryName'), apiKey: true, publish: false }),
  );
  const own = Object.entries(Resources).filter(([id]) => !/^(Registrar|PublishedServiceToken|KeyRenewal)/.test(id));
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
    },
    Resources: Object.fromEntries(own.map(([id, resource]) => [id, nameRegistrar(takeExpiry(resource))])),
    Outputs: {
      RegistryUrl: { Value: { 'Fn::GetAtt': ['Api', 'GraphQLUrl'] } },
      RegistryApiArn: { Value: { 'Fn::GetAtt': ['Api', 'Arn'] } },
      RegistryApiKey: { Value: { 'Fn::GetAtt': ['ApiDefaultApiKey', 'ApiKey'] } },
      RegistryName: { Value: { Ref: 'registryName' } },
      TableName: { Value: { Ref: 'Table' } },
      TableArn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] } },
      TableStreamArn: { Value: { 'Fn::GetAtt': ['Table', 'StreamArn'] } },
    },
  };
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
