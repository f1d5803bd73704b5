import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { answerEvent } from '@amplify-discovery/aws/custom-resource';
import { createWriterError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import { Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import {
  CloudMapBridge,
  DiscoveryAlarms,
  ServiceRegistry,
  SnapshotPublisher,
  type DiscoveryAlarmsProps,
} from '../index.ts';
import { plannedAlarms, type DiscoveryAlarmName } from './plan-alarms.ts';

makeBundles('registrar', 'publisher', 'bridges');

type Arrange = (stack: Stack, registry: ServiceRegistry) => Partial<DiscoveryAlarmsProps>;

function deploy(arrange: Arrange = () => ({})) {
  const app = makeApp();
  const stack = new Stack(app, 'Stack');
  const registry = new ServiceRegistry(stack, 'Registry');
  const notify = new Topic(stack, 'OnCall', { enforceSSL: true });
  const { alarms } = new DiscoveryAlarms(stack, 'Alarms', { registry, notify, ...arrange(stack, registry) });
  const template = Template.fromStack(stack);
  const propertiesOf = (name: DiscoveryAlarmName) => {
    const id = stack.getLogicalId(alarms.get(name)?.node.defaultChild as never);
    return template.findResources('AWS::CloudWatch::Alarm')[id]?.Properties;
  };
  return { app, stack, template, alarms, propertiesOf };
}

const keyExpiry = new Metric({ namespace: 'Test', metricName: 'DaysLeft', statistic: 'Minimum' });
const full = deploy((stack, registry) => {
  const publisher = new SnapshotPublisher(stack, 'Snapshots', { registry });
  const bridges = ['internal', 'partners'].map(
    (namespace) => new CloudMapBridge(stack, namespace, { registry, stages: ['prod'], namespace }),
  );
  return { publisher, auditLog: publisher, bridges, keyExpiry };
});

describe('the alarms', () => {
  test('are those of what is given', () => {
    expect([...full.alarms.keys()]).toEqual(Object.keys(plannedAlarms));
    expect([...deploy().alarms.keys()]).toEqual(
      Object.keys(plannedAlarms).filter((name) => /^(Regist|Table|Failed|Publisher|Audit)/.test(name)),
    );
  });

  test('notify when they fire and when they are over, and say why and what to do', () => {
    const topic = { Ref: expect.stringMatching(/^OnCall/) };
    const found = Object.values(full.template.findResources('AWS::CloudWatch::Alarm'));
    expect(found).toHaveLength(Object.keys(plannedAlarms).length);
    for (const { Properties } of found) {
      expect(Properties).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
      // CloudWatch's limit.
      expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
      expect(Properties.AlarmDescription).toMatch(/See docs\/operations\/[a-z-]+\.md/);
    }
  });

  test('watch the registry’s own API, table and function', () => {
    expect(full.propertiesOf('RegistryErrors')).toMatchObject({
      Namespace: 'AWS/AppSync',
      MetricName: '5XXError',
      Dimensions: [{ Name: 'GraphQLAPIId', Value: expect.anything() }],
      Statistic: 'Sum',
      Threshold: 1,
      Period: 60,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
      TreatMissingData: 'notBreaching',
    });
    const { Metrics } = full.propertiesOf('TableThrottles');
    expect(JSON.stringify(Metrics)).toContain('"GlobalSecondaryIndexName","Value":"byService"');
    expect(full.propertiesOf('RegistrarErrors')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringContaining('Registrar') } }],
    });
    expect(full.propertiesOf('PublisherSilence')).toMatchObject({
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
    });
    expect(full.propertiesOf('KeyExpiresNow')).toMatchObject({ MetricName: 'DaysLeft', Threshold: 14 });
  });

  test('watch the worst of several bridges', () => {
    const expressionOf = (name: DiscoveryAlarmName) =>
      (full.propertiesOf(name).Metrics as { Expression?: string }[]).find(({ Expression }) => Expression)?.Expression;
    expect(expressionOf('BridgeErrors')).toBe('MAX([100 * errors0 / runs0, 100 * errors1 / runs1])');
    expect(expressionOf('BridgeSilence')).toBe('MIN([FILL(runs0, 0), FILL(runs1, 0)])');
    const six = () =>
      deploy((stack, registry) => {
        const one = new CloudMapBridge(stack, 'Bridge', { registry, stages: ['prod'], namespace: 'internal' });
        return { bridges: [one, one, one, one, one, one] };
      });
    expect(six).toThrow('bridges: one alarm watches 5 at most, not 6');
  });

  test('of an imported registry watch what it was imported with', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
      url: 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
      serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
      apiArn: 'arn:aws:appsync:eu-west-1:111122223333:apis/abc',
    });
    const { alarms } = new DiscoveryAlarms(stack, 'Alarms', { registry, notify: new Topic(stack, 'OnCall') });
    expect([...alarms.keys()]).toEqual(['RegistryErrors', 'RegistryRefusals', 'RegistryLatency']);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Name: 'GraphQLAPIId', Value: 'abc' }],
    });
  });

  test('take another rule, or are left out', () => {
    const { alarms, propertiesOf } = deploy(() => ({
      rules: { RegistryLatency: { threshold: 500 }, RegistryRefusals: false },
    }));
    expect(propertiesOf('RegistryLatency')).toMatchObject({ Threshold: 500, Period: 60, ExtendedStatistic: 'p95' });
    expect(alarms.has('RegistryRefusals')).toBe(false);
  });

  test.each([
    [{ rules: { KeyExpiresNow: { threshold: 1 } } }, 'rules: KeyExpiresNow watches something that is not given'],
    [{ rules: { toString: false } as never }, 'rules: "toString" is not an alarm: RegistryErrors,'],
    [{ rules: { RegistryErrors: { breaching: 6 } } }, 'in 6 of 5 periods'],
    [{ notify: [] }, 'notify: alarms without an action reach no one'],
  ])('refuse what could never fire or reach anyone: %j', (props, message) => {
    expect(() => deploy(() => props)).toThrow(`[Stack/Alarms] ${message}`.replace(/^.*(?=in 6)/, ''));
  });

  test('pass cdk-nag’s AWS Solutions pack', () => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new Stack(app, 'Stack');
    const registry = new ServiceRegistry(stack, 'Registry');
    new DiscoveryAlarms(stack, 'Alarms', { registry, notify: new Topic(stack, 'OnCall', { enforceSSL: true }) });
    expect(() => app.synth()).not.toThrow();
  });
});

describe('failed registrations', () => {
  const [{ Properties }] = Object.values(full.template.findResources('AWS::Logs::MetricFilter')) as [
    { Properties: { FilterPattern: string; LogGroupName: unknown } },
  ];

  /** What the registrar logs of an event that fails so. */
  async function readLine(error: unknown): Promise<Record<string, unknown>> {
    let line = '';
    const event = {
      RequestType: 'Create',
      RequestId: 'r',
      StackId: 's',
      LogicalResourceId: 'l',
      ResponseURL: 'https://cloudformation.example/',
      ResourceType: 'Custom::ServiceEndpoint',
      ResourceProperties: {},
    };
    await answerEvent(
      event,
      { invokedFunctionArn: 'arn', getRemainingTimeInMillis: () => 30_000 },
      { name: 'The registrar', asks: 'the registry', fallbackId: 'none', work: () => Promise.reject(error) },
      {
        fetch: () => Promise.resolve(new Response()),
        sleep: () => Promise.resolve(),
        startTimeout: () => new AbortController().signal,
        log: (text) => (line = text),
      },
    );
    return JSON.parse(line) as Record<string, unknown>;
  }

  /** CloudWatch's rule for the terms that the pattern uses: `*` at the end stands for any text. */
  function matches(line: Record<string, unknown>): boolean {
    const terms = Properties.FilterPattern.replace(/^\{ | \}$/g, '').split(' && ');
    return terms.every((term) => {
      const [, field = '', operator, value = ''] = /^\$\.(\w+) (=|!=) "(.*)"$/.exec(term) ?? [];
      const text = String(line[field]);
      const isEqual = value.endsWith('*') ? text.startsWith(value.slice(0, -1)) : text === value;
      return operator === '=' ? isEqual : !isEqual;
    });
  }

  test.each(['InvalidRecord', 'RegistrationConflict', 'RegistryDenied', 'ServiceFrozen'] as const)(
    'leave out what the deployer has to mend: %s',
    async (code: DiscoveryErrorCode) => {
      expect(matches(await readLine(createWriterError(code, 'x')))).toBe(false);
    },
  );

  test.each(['RegistryUnavailable', 'CredentialsMissing', 'ClockSkewed', 'InvalidOptions'] as const)(
    'count what the registry’s owner has to mend: %s',
    async (code: DiscoveryErrorCode) => {
      expect(matches(await readLine(createWriterError(code, 'x')))).toBe(true);
    },
  );

  test('count a defect, and no success', async () => {
    expect(matches(await readLine(new TypeError('x is undefined')))).toBe(true);
    expect(matches({ status: 'SUCCESS' })).toBe(false);
  });
});

describe('the page of alarms', () => {
  const page = readFileSync(new URL('../../../../docs/operations/alarms.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const cellsOf = (row: string) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const describePeriod = (seconds: number) =>
    seconds % 86_400 === 0 ? `${seconds / 86_400} d` : `${seconds / 60} min`;

  test('says of each alarm what it watches, when it fires, why, and what to read', () => {
    expect(rows.map(cellsOf)).toEqual(
      Object.entries(plannedAlarms).map(([name, rule]) => [
        `\`${name}\``,
        rule.watches,
        `${rule.fires} ${rule.threshold}, in ${rule.breaching} of ${rule.periods} × ${describePeriod(rule.periodSeconds)}`,
        rule.why,
        `[${rule.runbook}](${rule.runbook})`,
      ]),
    );
  });
});
