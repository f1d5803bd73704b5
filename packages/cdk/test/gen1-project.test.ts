import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { applyConditions, resolveIntrinsics, type Template } from '@amplify-discovery/test-rig/cloudformation';
import fc from 'fast-check';
import { buildGen1Templates } from '../../../amplify-backend/generate/build-gen1-templates.ts';
import { chooseByCondition, type Gen1Template } from '../../../amplify-backend/generate/choose-by-condition.ts';
import { makeBundles } from './make-bundles.ts';

process.env.CDK_VALIDATION = 'false';
makeBundles('registrar', 'publisher', 'router');

const project = join(process.cwd(), 'amplify-backend/gen1');
const backend = join(project, 'amplify/backend');
// oxlint-disable-next-line typescript/no-explicit-any -- files of JSON
const readJson = (file: string): any => JSON.parse(readFileSync(file, 'utf8'));
const readTemplate = (name: string): Template & { readonly Outputs?: object } =>
  readJson(join(backend, `function/${name}/${name}-cloudformation-template.json`));

test('the templates are those that the constructs make today (node amplify-backend/generate.mjs)', () => {
  for (const [file, template] of Object.entries(buildGen1Templates()))
    expect([file, readJson(join(backend, file))]).toEqual([file, JSON.parse(JSON.stringify(template))]);
});

describe('a template that is one of two by a condition', () => {
  const Conditions = { Holds: { 'Fn::Equals': [{ Ref: 'holds' }, 'yes'] } };
  const deploy = (template: Gen1Template, holds: string) => {
    const { Resources, Outputs } = applyConditions({ Resources: {}, ...(template as object), Conditions }, { holds });
    return { Resources, Outputs };
  };

  test('deploys as the first where it holds, and as the second where it does not', () => {
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom<unknown>('a', 'b', 1, true, { Ref: 'One' }, { 'Fn::GetAtt': ['Two', 'Arn'] }),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('A', 'B', 'C'), tie('json'), { maxKeys: 3 }),
      ),
    }));
    const properties = fc.dictionary(fc.constantFrom('P', 'Q', 'R'), json, { maxKeys: 3 });
    const resources = fc.array(fc.tuple(properties, fc.option(properties)), { maxLength: 3 });
    fc.assert(
      fc.property(resources, (pairs) => {
        const make = (Properties: object) => ({ Type: 'AWS::Any::Thing', Properties });
        const first = pairs.map(([one], index) => [`R${index}`, make(one)] as const);
        const second = pairs.flatMap(([, other], index) => (other ? [[`R${index}`, make(other)] as const] : []));
        const one = { Resources: Object.fromEntries(first), Outputs: {} };
        const other = { Resources: Object.fromEntries(second), Outputs: {} };
        const chosen = chooseByCondition('Holds', one, other);
        expect(deploy(chosen, 'yes')).toEqual(one);
        expect(deploy(chosen, 'no')).toEqual(other);
      }),
    );
  });

  test('keeps the order of what depends on each other, in which CloudFormation takes no functions', () => {
    const thing = (DependsOn?: string[]) => ({ Type: 'AWS::Any::Thing', ...(DependsOn && { DependsOn }) });
    const one = { Resources: { A: thing(['B']), B: thing() } };
    const { Resources } = chooseByCondition('Holds', one, { Resources: { A: thing() } });
    expect(Resources).toEqual({ A: thing(['B']), B: { ...thing(), Condition: 'Holds' } });
  });
});

/** What is deployed with the parameters; what other resources know is `<Bucket.Arn>`. */
function deploy(name: string, parameters: Readonly<Record<string, string>>) {
  const template = readTemplate(name);
  const declared = Object.entries(template.Parameters ?? {});
  const values = {
    ...Object.fromEntries(declared.map(([parameter, { Default }]) => [parameter, Default ?? `<${parameter}>`])),
    env: 'dev',
    ...parameters,
  };
  const { Resources, Outputs = {} } = applyConditions(template, values);
  const references = Object.keys(Resources).flatMap((id) => [
    [id, `<${id}>`],
    [`${id}.Arn`, `<${id}.Arn>`],
  ]);
  const known = { 'AWS::Region': 'eu-west-1', ...(Object.fromEntries(references) as object), ...values };
  const properties = Resources.LambdaFunction?.Properties as { Environment: { Variables: object } };
  const role = Resources.LambdaExecutionRole?.Properties as {
    Policies: readonly { PolicyDocument: { Statement: readonly { Action: unknown }[] } }[];
  };
  return {
    types: Object.values(Resources)
      .map(({ Type }) => Type)
      .sort(),
    variables: resolveIntrinsics(properties.Environment.Variables, known) as Record<string, string>,
    actions: role.Policies[0]?.PolicyDocument.Statement.flatMap(({ Action }) => Action),
    outputs: Object.keys(Outputs).slice(4),
  };
}

const idle = {
  types: ['AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup'],
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  outputs: [],
};

describe('the log of changes', () => {
  test('is written unless it is switched off, to the bucket of its output', () => {
    const on = deploy('discoveryAudit', {});
    expect(on.types).toEqual(expect.arrayContaining(['AWS::Lambda::EventSourceMapping', 'AWS::S3::Bucket']));
    expect(on.actions).toEqual(expect.arrayContaining(['dynamodb:GetRecords', 's3:PutObject']));
    expect(on.outputs).toEqual(['AuditBucket']);
    expect(on.variables).toEqual({ DISCOVERY_AUDIT_BUCKET: '<Bucket>' });
  });

  test('switched off is a function that nothing calls and that may write its own log', () => {
    expect(deploy('discoveryAudit', { audit: 'no' })).toMatchObject({ ...idle, variables: {} });
  });
});

describe('the function that only announces', () => {
  test('switched off is a function that nothing calls and that may write its log', () => {
    expect(deploy('discoveryAnnouncer', {})).toMatchObject(idle);
  });

  test('switched on announces what the registry\u2019s table streams', () => {
    const on = deploy('discoveryAnnouncer', { announce: 'yes' });
    expect(on.types).toContain('AWS::Lambda::EventSourceMapping');
    expect(on.actions).toEqual(expect.arrayContaining(['appsync:GraphQL', 'dynamodb:GetRecords']));
    expect(on.variables).toEqual({
      DISCOVERY_REGISTRY_URL: '<customdiscoveryRegistryRegistryUrl>',
      DISCOVERY_REGISTRY_REGION: 'eu-west-1',
    });
  });
});

describe('the publisher', () => {
  test('switched off is a function that nothing calls and that may write its log', () => {
    const off = deploy('discoveryPublisher', {});
    expect(off).toMatchObject(idle);
    expect(Object.keys(off.variables)).toEqual([
      'DISCOVERY_REGISTRY_URL',
      'DISCOVERY_REGISTRY_REGION',
      'DISCOVERY_LIFETIME_SECONDS',
    ]);
  });

  test('switched on publishes what the registry\u2019s table streams, to where its outputs say', () => {
    const on = deploy('discoveryPublisher', { publish: 'yes' });
    expect(on.types).toEqual(
      expect.arrayContaining(['AWS::Lambda::EventSourceMapping', 'AWS::CloudFront::Distribution']),
    );
    expect(on.actions).toEqual(expect.arrayContaining(['dynamodb:GetRecords', 's3:PutObject', 'kms:Sign']));
    expect(on.outputs).toEqual(['BucketName', 'SnapshotUrl', 'PublicSnapshotUrl', 'KeyId', 'TrustedKeys']);
    expect(on.variables).toMatchObject({
      DISCOVERY_SNAPSHOT_BUCKET: '<Bucket>',
      DISCOVERY_SNAPSHOT_KEY: '<Key.Arn>',
    });
  });
});

describe('the router', () => {
  const settingsOf = (parameters: Readonly<Record<string, string>>) => {
    const { DISCOVERY_ROUTER = '', ...variables } = deploy('discoveryRouter', parameters).variables;
    return { ...variables, settings: JSON.parse(DISCOVERY_ROUTER) as unknown };
  };

  test('switched off is a function that no caller can reach and that may write its log', () => {
    expect(deploy('discoveryRouter', {})).toMatchObject(idle);
  });

  test.each([
    ['iam', 0],
    ['public', 2],
  ])('for %s callers has a URL', (serve, permissions) => {
    const { types, outputs, actions } = deploy('discoveryRouter', { serve });
    const more = ['AWS::Lambda::Url', ...Array.from({ length: permissions }, () => 'AWS::Lambda::Permission')];
    expect(types).toEqual([...idle.types, ...more].sort());
    expect([actions?.[0], outputs]).toEqual(['appsync:GraphQL', ['Url']]);
  });

  test('serves every service of its environment, unless parameters say which and where', () => {
    expect(settingsOf({ serve: 'iam' })).toEqual({
      DISCOVERY_REGISTRY_URL: '<customdiscoveryRegistryRegistryUrl>',
      DISCOVERY_REGISTRY_REGION: 'eu-west-1',
      DISCOVERY_STAGE: 'dev',
      settings: { timeoutMs: 29_000 },
    });
    const given = { stage: 'Production,dev', services: 'users,orders', trustedHosts: '*.example.com,a.example:8443' };
    expect(settingsOf({ serve: 'iam', ...given })).toMatchObject({
      DISCOVERY_STAGE: 'Production,dev',
      DISCOVERY_TRUSTED_HOSTS: '*.example.com,a.example:8443',
      settings: { services: ['users', 'orders'] },
    });
    expect(settingsOf({ serve: 'public', services: 'users' })).toMatchObject({ settings: { services: ['users'] } });
  });
});

describe('each function of the project', () => {
  const names = readdirSync(join(backend, 'function')).sort();
  const { function: functions } = readJson(join(backend, 'backend-config.json'));
  const { scripts, dependencies } = readJson(join(project, 'package.json'));
  const registry = readJson(join(backend, 'custom/discoveryRegistry/discoveryRegistry-cloudformation-template.json'));

  test('is one that the Amplify CLI knows and builds', () => {
    expect(names).toEqual(['Announcer', 'Audit', 'Publisher', 'Registrar', 'Router'].map((name) => `discovery${name}`));
    expect(Object.keys(functions).sort()).toEqual(names);
    expect(Object.keys(scripts).sort()).toEqual(names.map((name) => `amplify:${name}`));
  });

  test.each(names)('%s takes what the registry gives, and the values that it has a parameter for', (name) => {
    const [needed, ...others] = functions[name].dependsOn;
    expect(needed).toMatchObject({ category: 'custom', resourceName: 'discoveryRegistry' });
    expect(others).toEqual([]);
    const file = join(backend, `function/${name}/parameters.json`);
    const own = existsSync(file) ? Object.keys(readJson(file)) : [];
    const passed = needed.attributes.map((attribute: string) => `customdiscoveryRegistry${attribute}`);
    const parameters = Object.keys(readTemplate(name).Parameters ?? {});
    expect(parameters).toEqual(['env', 'deploymentBucketName', 's3Key', ...passed, ...own]);
    expect(Object.keys(registry.Outputs)).toEqual(expect.arrayContaining(needed.attributes));
  });

  test.each(names)('%s is copied from a package that the project installs, under the name of its handler', (name) => {
    const copy = readFileSync(join(project, 'copy-function.cjs'), 'utf8');
    const [, path = '', owner = ''] = new RegExp(`${name}: '((@[\\w-]+/[\\w-]+)/[^']+)'`).exec(copy) ?? [];
    expect(Object.keys(dependencies)).toContain(owner);
    const manifest = readJson(join('packages', owner.split('/')[1] ?? '', 'package.json'));
    expect(manifest.exports).toHaveProperty([path.replace(owner, '.')]);
    const { LambdaFunction } = readTemplate(name).Resources;
    expect(LambdaFunction?.Properties).toHaveProperty('Handler', path.split('/').at(-1)?.replace(/\.js$/, '.handler'));
  });
});
