import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { registrarTiming } from '@amplify-discovery/registrar';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { buildTemplate } from '../src/build-template.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const backend = join(process.cwd(), 'amplify-backend/gen1/amplify/backend');
const readResources = (file: string) =>
  (JSON.parse(readFileSync(join(backend, file), 'utf8')) as { Resources: Record<string, Resource> }).Resources;
const registry = readResources('custom/discoveryRegistry/discoveryRegistry-cloudformation-template.json');
const registrar = readResources('function/discoveryRegistrar/discoveryRegistrar-cloudformation-template.json');
const allOf = (type: string) => Object.values(registry).filter(({ Type }) => Type === type);
const getProperties = (resource: Resource | undefined) => resource?.Properties ?? {};

/** When one of these fails: node amplify-backend/gen1/generate.mjs. */
describe("the Gen 1 project has today's registry", () => {
  test('schema, without the user pool that it does not have', () => {
    const [schema] = allOf('AWS::AppSync::GraphQLSchema');
    const expected = registryDefinition.schema.replaceAll(/\s+@aws_cognito_user_pools\b/g, '');
    expect(expected).not.toContain('user_pools');
    expect(getProperties(schema).Definition).toBe(expected);
  });

  test('resolvers, each on its field, and no others', () => {
    const expected = Object.entries(registryDefinition.resolvers).flatMap(([type, fields]) =>
      Object.entries(fields).map(([field, { file }]) => [type, field, registryDefinition.resolverFiles[file]]),
    );
    const found = allOf('AWS::AppSync::Resolver').map(({ Properties }) => [
      Properties.TypeName,
      Properties.FieldName,
      Properties.Code,
    ]);
    expect(found).toEqual(expected);
  });

  test('functions, in the order of their pipelines', () => {
    const pipelines = Object.values(registryDefinition.resolvers)
      .flatMap((fields) => Object.values(fields))
      .flatMap((resolver) => (resolver.kind === 'pipeline' ? [resolver.functions] : []));
    const codeOf = (reference: { 'Fn::GetAtt': [string, string] }) =>
      registry[reference['Fn::GetAtt'][0]]?.Properties.Code;
    const found = allOf('AWS::AppSync::Resolver').flatMap(({ Properties }) => {
      const { PipelineConfig } = Properties as { PipelineConfig?: { Functions: { 'Fn::GetAtt': [string, string] }[] } };
      return PipelineConfig === undefined ? [] : [PipelineConfig.Functions.map(codeOf)];
    });
    expect(found).toEqual(pipelines.map((files) => files.map((file) => registryDefinition.resolverFiles[file])));
    expect(found.length).toBeGreaterThan(0);
  });

  test('table', () => {
    const { partitionKey, sortKey, timeToLive, index } = registryDefinition.table;
    expect(getProperties(registry.Table)).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: partitionKey }, { AttributeName: sortKey }],
      GlobalSecondaryIndexes: [{ IndexName: index.name, Projection: { ProjectionType: index.projection } }],
      TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test('times, of the registrar and of what it is waited for', () => {
    expect(getProperties(registrar.LambdaFunction).Timeout).toBe(registrarTiming.functionTimeoutSeconds);
    expect(getProperties(registrar.DeliverOnce)).toMatchObject({
      MaximumEventAgeInSeconds: registrarTiming.maximumEventAgeSeconds,
      MaximumRetryAttempts: registrarTiming.maximumRetryAttempts,
    });
    const api = { category: 'api', resourceName: 'a', attribute: 'RootUrl' };
    const { Resources } = buildTemplate({
      registry: { by: 'name', name: 'registry', auth: 'iam' },
      stages: {},
      trustedHosts: [],
      registrations: [{ service: 'a', id: 'default', api }],
    });
    const [registration] = Object.values(Resources) as Resource[];
    expect(getProperties(registration).ServiceTimeout).toBe(registrarTiming.serviceTimeoutSeconds);
  });

  test('names, under which the plugin looks for it', () => {
    const parameters = { ...registry, ...registrar };
    const published = Object.values(parameters)
      .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
      .map(({ Properties }) => (Properties.Name as { 'Fn::Sub': string })['Fn::Sub'].split('/').at(-1));
    expect(published.sort()).toEqual(['api-arn', 'api-key', 'service-token', 'url']);
  });
});
