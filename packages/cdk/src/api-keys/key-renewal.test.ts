import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { DiscoveryAlarms, ServiceRegistry, type ApiKeyOptions } from '../index.ts';

makeBundles('registrar');

function deploy(apiKey: boolean | ApiKeyOptions) {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { apiKey, publish: false, auditLog: false });
  const template = Template.fromStack(stack);
  const keys = template.findResources('AWS::AppSync::ApiKey');
  const [renewal] = Object.values(template.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.Handler === 'renew-keys.handler',
  );
  const inApps = registry.auth.mode === 'apiKey' ? (stack.resolve(registry.auth.apiKey) as unknown) : undefined;
  return { stack, registry, template, keys, renewal, inApps };
}

const partsOf = (id: string) => ({ 'Fn::GetAtt': [id, 'ApiKey'] });

describe('keys overlap while one takes the place of another', () => {
  const before = deploy(true);
  const meanwhile = deploy({ name: 'Second', alsoValid: ['Default'] });
  const afterwards = deploy({ name: 'Second' });
  const [first = ''] = Object.keys(before.keys);
  const [second = ''] = Object.keys(afterwards.keys);

  test('first one, then both, then the other, each under its own logical id all the time', () => {
    expect(first).not.toBe(second);
    expect(Object.keys(meanwhile.keys).sort()).toEqual([first, second].sort());
    expect(meanwhile.keys[first]?.Properties).toEqual(before.keys[first]?.Properties);
    expect(meanwhile.keys[second]?.Properties).toEqual(afterwards.keys[second]?.Properties);
  });

  test('what is deployed meanwhile gets the new one', () => {
    expect([before.inApps, meanwhile.inApps, afterwards.inApps]).toEqual([
      partsOf(first),
      partsOf(second),
      partsOf(second),
    ]);
  });

  test('a function keeps all of them alive, day by day, and may do nothing else', () => {
    const renewed = JSON.stringify(meanwhile.renewal?.Properties.Environment.Variables.DISCOVERY_API_KEY_IDS);
    expect([renewed.includes(first), renewed.includes(second)]).toEqual([true, true]);
    const role = meanwhile.template.findResources('AWS::IAM::Role', {
      Properties: { Policies: [{ PolicyName: 'keys' }] },
    });
    const [statement, ...logs] = Object.values(role).flatMap(
      ({ Properties }) => Properties.Policies[0].PolicyDocument.Statement,
    );
    expect(statement.Action).toEqual(['appsync:ListApiKeys', 'appsync:UpdateApiKey']);
    for (const resource of statement.Resource) expect(JSON.stringify(resource)).toMatch(/ApiId.*apikeys/);
    expect(logs.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
    ]);
    meanwhile.template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 day)' });
  });

  test('without a key there is nothing to renew', () => {
    expect(deploy(false)).toMatchObject({ renewal: undefined, registry: { keyRenewal: undefined } });
  });

  test.each([
    [{ name: 'my key' }, 'apiKey.name: "my key" must be'],
    [{ alsoValid: ['a-b'] }, 'apiKey.alsoValid: "a-b" must be'],
    [{ alsoValid: ['Default'] }, 'apiKey.alsoValid: "Default" is there already'],
    [{ alsoValid: Array.from({ length: 50 }, (_, index) => `Key${index}`) }, 'apiKey.alsoValid: 51 keys are more than'],
  ])('refuses %j', (options, message) => {
    expect(() => deploy(options)).toThrow(`[Stack/Registry] ${message}`);
  });
});

test('the alarms of a registry with a key fire 60 and 14 days before it expires', () => {
  const stack = new Stack(makeApp(), 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry', { apiKey: true, publish: false, auditLog: false });
  new DiscoveryAlarms(stack, 'Alarms', { registry, notify: new Topic(stack, 'OnCall') });
  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  const found = alarms.filter(({ Properties }) => Properties.MetricName === 'ApiKeyDaysLeft');
  expect(found.map(({ Properties }) => Properties.Threshold as number)).toEqual([60, 14]);
  for (const { Properties } of found) {
    expect(Properties).toMatchObject({
      Namespace: 'AmplifyDiscovery',
      Dimensions: [{ Name: 'ApiId' }],
      Statistic: 'Minimum',
      ComparisonOperator: 'LessThanOrEqualToThreshold',
    });
  }
});
