import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { registrarTiming } from '@amplify-discovery/registrar';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import type { AmplifyResource } from '../src/amplify-context.ts';
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
const publisher = readResources('function/discoveryPublisher/discoveryPublisher-cloudformation-template.json');
const allOf = (type: string) => Object.values(registry).filter(({ Type }) => Type === type);
const getProperties = (resource: Resource | undefined) => resource?.Properties ?? {};

/** When one of these fails: node amplify-backend/gen1/generate.mjs. */
test('the Gen 1 project has the templates that are generated today', () => {
  execFileSync(process.execPath, ['amplify-backend/gen1/generate.mjs', '--check'], { stdio: 'pipe' });
});

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
    const parameters = { ...registry, ...registrar, ...publisher };
    const published = Object.values(parameters)
      .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
      .map(({ Properties }) => (Properties.Name as { 'Fn::Sub': string })['Fn::Sub'].split('/').at(-1));
    expect(published.sort()).toEqual(['api-arn', 'api-key', 'service-token', 'snapshot-keys', 'snapshot-url', 'url']);
  });
});

describe('each function of the Gen 1 project', () => {
  const names = readdirSync(join(backend, 'function')).sort();
  const readJson = (file: string) =>
    JSON.parse(readFileSync(join(backend, file), 'utf8')) as Readonly<Record<string, object>>;
  const { function: functions = {} } = readJson('backend-config.json');
  const { scripts = {}, dependencies = {} } = readJson('../../package.json');

  test('is one that the Amplify CLI knows and builds', () => {
    expect(names).toEqual(['discoveryPublisher', 'discoveryRegistrar', 'discoveryRouter']);
    expect(Object.keys(functions).sort()).toEqual(names);
    expect(Object.keys(scripts).sort()).toEqual(names.map((name) => `amplify:${name}`));
  });

  test.each(names)('%s takes what the registry gives, and the values that it has a parameter for', (name) => {
    const template = readJson(`function/${name}/${name}-cloudformation-template.json`);
    const parameters = Object.keys(template.Parameters ?? {});
    const [needed, ...others] = (functions as Record<string, AmplifyResource>)[name]?.dependsOn ?? [];
    expect(needed).toMatchObject({ category: 'custom', resourceName: 'discoveryRegistry' });
    expect(others).toEqual([]);
    const attributes = needed?.attributes ?? [];
    const file = `function/${name}/parameters.json`;
    const own = existsSync(join(backend, file)) ? Object.keys(readJson(file)) : [];
    const passed = attributes.map((attribute) => `customdiscoveryRegistry${attribute}`);
    expect(parameters).toEqual(['env', 'deploymentBucketName', 's3Key', ...passed, ...own]);
    expect(Object.keys(readRegistryOutputs())).toEqual(expect.arrayContaining([...attributes]));
  });

  test.each(names)('%s is copied from a package that the project installs', (name) => {
    const copy = readFileSync(join(backend, '../../copy-function.cjs'), 'utf8');
    const [, path = '', owner = ''] = new RegExp(`${name}: '((@[\\w-]+/[\\w-]+)/[^']+)'`).exec(copy) ?? [];
    expect(Object.keys(dependencies)).toContain(owner);
    const manifest = readFileSync(join('packages', owner.split('/')[1] ?? '', 'package.json'), 'utf8');
    expect((JSON.parse(manifest) as { exports: object }).exports).toHaveProperty([path.replace(owner, '.')]);
  });

  function readRegistryOutputs(): object {
    return readJson('custom/discoveryRegistry/discoveryRegistry-cloudformation-template.json').Outputs ?? {};
  }
});
