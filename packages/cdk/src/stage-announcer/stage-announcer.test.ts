import { expect, test } from '@jest/globals';
import { Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { ServiceRegistry, StageAnnouncer, type ServiceRegistryProps } from '../index.ts';

makeBundles('registrar', 'publisher');

function deploy(props: ServiceRegistryProps) {
  const app = makeApp();
  const stack = new Stack(app, 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false, ...props });
  const template = Template.fromStack(stack);
  const findOwn = (type: string) =>
    Object.entries(template.findResources(type))
      .filter(([name]) => name.startsWith('RegistryAnnouncer'))
      .map(([name, { Properties, DependsOn }]) => ({ name, Properties, DependsOn }));
  return { app, stack, registry, template, findOwn };
}

const announced = deploy({ announce: true });

test('a registry that publishes nothing announces on demand only', () => {
  expect(announced.findOwn('AWS::Lambda::Function')).toHaveLength(1);
  expect(deploy({}).registry.announcer).toBeUndefined();
  expect(() => deploy({ publish: true, announce: true })).toThrow(
    '[Stack/Registry] announce: the publisher announces changes already',
  );
});

test('its function gets every change of an endpoint at once, and none that is too old to help', () => {
  const [mapping] = announced.findOwn('AWS::Lambda::EventSourceMapping');
  const [created] = announced.findOwn('AWS::Lambda::Function');
  expect(created?.Properties).toMatchObject({
    Handler: 'announce.handler',
    Environment: {
      Variables: {
        DISCOVERY_REGISTRY_URL: { 'Fn::GetAtt': [expect.stringMatching(/^RegistryApi/), 'GraphQLUrl'] },
        DISCOVERY_REGISTRY_REGION: { Ref: 'AWS::Region' },
      },
    },
  });
  expect(mapping?.Properties).toMatchObject({
    FunctionName: { Ref: created?.name },
    StartingPosition: 'TRIM_HORIZON',
    MaximumRecordAgeInSeconds: 300,
  });
  expect(mapping?.Properties.MaximumBatchingWindowInSeconds).toBeUndefined();
  expect(JSON.parse(mapping?.Properties.FilterCriteria.Filters[0].Pattern)).toEqual({
    dynamodb: { Keys: { stage: { S: [{ 'anything-but': ['#rules'] }] }, key: { S: [{ 'anything-but': ['head'] }] } } },
  });
  expect(mapping?.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^RegistryApi/)]));
});

test('its function may read the table\u2019s stream and the registry, and announce, and nothing else', () => {
  const [role] = announced.findOwn('AWS::IAM::Role');
  const Statement = role?.Properties.Policies[0].PolicyDocument.Statement;
  const fields = JSON.stringify(Statement[0].Resource).match(/\/types\/[\w/]+/g);
  expect(fields).toEqual(['/types/Query/fields/snapshot', '/types/Mutation/fields/announceStage']);
  expect(Statement.map(({ Action }: { Action: unknown }) => Action)).toEqual([
    'appsync:GraphQL',
    ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    'dynamodb:ListStreams',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
  ]);
});

test('a registry that was joined without its table is refused', () => {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
    url: 'https://registry.example.com/graphql',
    region: 'eu-west-1',
    serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
  });
  expect(() => new StageAnnouncer(stack, 'Announcer', { registry })).toThrow(
    '[Stack/Announcer] registry: join it with its apiArn and its table',
  );
});

test('it passes the rules of AWS Solutions', () => {
  const { app } = deploy({ announce: true });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});
