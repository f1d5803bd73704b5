import { registryDefinition } from '@amplify-discovery/registry/definition';
import { ArnFormat, Duration, Names, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
  type IAlarmAction,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { DiscoveryAlarmsProps, StreamConsumer } from './discovery-alarms-props.ts';
import { plannedAlarms, type AlarmRule, type DiscoveryAlarmName } from './plan-alarms.ts';

type Metrics = Readonly<Partial<Record<DiscoveryAlarmName, IMetric>>>;

/**
 * CloudWatch alarms for a registry and what stands beside it. Each alarm's description says why it fires at this threshold and
 * which page of `docs/operations` says what to do.
 *
 * @example
 * ```ts
 * import { Topic } from 'aws-cdk-lib/aws-sns';
 *
 * new DiscoveryAlarms(stack, 'Alarms', { registry, notify: new Topic(stack, 'OnCall') });
 * ```
 */
export class DiscoveryAlarms extends Construct {
  /** The alarms that were set, by their names. */
  readonly alarms: ReadonlyMap<DiscoveryAlarmName, Alarm>;

  constructor(scope: Construct, id: string, props: DiscoveryAlarmsProps) {
    super(scope, id);
    const { rules = {}, registry } = props;
    const {
      publisher = registry.publisher,
      auditLog = registry.auditLog,
      keyExpiry = registry.keyRenewal?.metricDaysLeft(),
    } = props;
    const actions = listActions(this, props.notify);
    const metrics: Metrics = {
      ...watchApi(this, props),
      ...watchTable(this, props),
      ...watchRegistrar(this, props),
      ...(publisher && watchPublisher(publisher)),
      ...(auditLog && watchAuditLog(auditLog)),
      ...watchBridges(this, props.bridges ?? []),
      ...(keyExpiry && { KeyExpiresSoon: keyExpiry, KeyExpiresNow: keyExpiry }),
    };
    for (const name of Object.keys(rules) as DiscoveryAlarmName[]) {
      if (!Object.hasOwn(plannedAlarms, name))
        refuseConstruct(this, `rules: "${name}" is not an alarm: ${Object.keys(plannedAlarms).join(', ')}`);
      if (metrics[name] === undefined)
        refuseConstruct(this, `rules: ${name} watches something that is not given, so there is no such alarm`);
    }
    const found = Object.entries(metrics) as [DiscoveryAlarmName, IMetric][];
    this.alarms = new Map(
      found.flatMap(([name, metric]) => {
        const rule = rules[name] ?? {};
        return rule === false ? [] : [[name, createAlarm(this, name, metric, rule)] as const];
      }),
    );
    for (const alarm of this.alarms.values()) {
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
    }
  }
}

const missingData = {
  good: TreatMissingData.NOT_BREACHING,
  bad: TreatMissingData.BREACHING,
  nothing: TreatMissingData.MISSING,
};

function createAlarm(scope: Construct, name: DiscoveryAlarmName, metric: IMetric, rule: Partial<AlarmRule>): Alarm {
  const planned = plannedAlarms[name];
  const { threshold, periodSeconds, periods, breaching, fires, missing, watches, why, runbook } = {
    ...planned,
    ...rule,
  };
  if (breaching > periods)
    refuseConstruct(scope, `rules: ${name} can't be past its threshold in ${breaching} of ${periods} periods`);
  return new Alarm(scope, name, {
    alarmDescription: `Service registry: ${watches}. ${why} See docs/operations/${runbook} of amplify-discovery.`,
    metric: withPeriod(metric, Duration.seconds(periodSeconds)),
    threshold,
    evaluationPeriods: periods,
    datapointsToAlarm: breaching,
    comparisonOperator:
      fires === 'at or above'
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: missingData[missing],
  });
}

/** A metric that was made elsewhere may be of another kind, and then has its own period. */
function withPeriod(metric: IMetric, period: Duration): IMetric {
  return metric instanceof Metric || metric instanceof MathExpression ? metric.with({ period }) : metric;
}

function watchApi(scope: Construct, { registry }: DiscoveryAlarmsProps): Metrics {
  if (registry.apiArn === undefined) return {};
  const GraphQLAPIId = findName(scope, registry.apiArn);
  const read = (metricName: string, statistic: string) =>
    new Metric({ namespace: 'AWS/AppSync', metricName, dimensionsMap: { GraphQLAPIId }, statistic });
  return {
    RegistryErrors: read('5XXError', Stats.SUM),
    RegistryRefusals: read('4XXError', Stats.SUM),
    RegistryLatency: read('Latency', Stats.percentile(95)),
  };
}

function watchTable(scope: Construct, { registry }: DiscoveryAlarmsProps): Metrics {
  if (registry.table === undefined) return {};
  const TableName = findName(scope, registry.table.tableArn);
  const count = (metricName: string, dimensions: Record<string, string> = {}) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName, ...dimensions },
      statistic: Stats.SUM,
    });
  const index = { GlobalSecondaryIndexName: registryDefinition.table.index.name };
  return {
    TableThrottles: new MathExpression({
      label: 'Throttled reads and writes',
      // Absent while nothing is throttled.
      expression: 'FILL(reads, 0) + FILL(writes, 0) + FILL(indexReads, 0) + FILL(indexWrites, 0)',
      usingMetrics: {
        reads: count('ReadThrottleEvents'),
        writes: count('WriteThrottleEvents'),
        indexReads: count('ReadThrottleEvents', index),
        indexWrites: count('WriteThrottleEvents', index),
      },
    }),
  };
}

/** What is wrong with a deployment and not with the registry, by the first word of the reason that is logged. */
const deployersFaults = ['InvalidRecord', 'RegistrationConflict', 'RegistryDenied', 'ServiceFrozen'];

function watchRegistrar(scope: Construct, { registry }: DiscoveryAlarmsProps): Metrics {
  const registrar: LambdaFunction | undefined = registry.registrar?.function;
  if (registrar === undefined) return {};
  const others = deployersFaults.map((code) => `$.reason != "${code}*"`).join(' && ');
  const failures = new MetricFilter(scope, 'FailedRegistrationsFilter', {
    logGroup: registrar.logGroup,
    filterPattern: FilterPattern.literal(`{ $.status = "FAILED" && ${others} }`),
    metricNamespace: 'AmplifyDiscovery/Registry',
    metricName: Names.uniqueResourceName(scope, { maxLength: 128 }),
  });
  return {
    RegistrarErrors: registrar.metricErrors(),
    RegistrarThrottles: registrar.metricThrottles(),
    FailedRegistrations: failures.metric({ statistic: Stats.SUM }),
  };
}

function watchPublisher({ function: publisher, failures }: StreamConsumer): Metrics {
  return {
    PublisherErrors: publisher.metricErrors(),
    PublisherSilence: publisher.metricInvocations(),
    PublisherLag: publisher.metric('IteratorAge', { statistic: Stats.MAXIMUM }),
    PublisherDeadLetters: failures.metricApproximateNumberOfMessagesVisible(),
  };
}

function watchAuditLog({ function: log, failures }: StreamConsumer): Metrics {
  return {
    AuditLogErrors: log.metricErrors(),
    AuditLogLag: log.metric('IteratorAge', { statistic: Stats.MAXIMUM }),
    AuditLogDeadLetters: failures.metricApproximateNumberOfMessagesVisible(),
  };
}

function watchBridges(scope: Construct, bridges: NonNullable<DiscoveryAlarmsProps['bridges']>): Metrics {
  if (bridges.length === 0) return {};
  if (bridges.length > 5)
    refuseConstruct(scope, `bridges: one alarm watches 5 at most, not ${bridges.length}; set others for the rest`);
  const runs = bridges.map((bridge, index) => [`runs${index}`, bridge.function.metricInvocations()] as const);
  const errors = bridges.map((bridge, index) => [`errors${index}`, bridge.function.metricErrors()] as const);
  const each = (render: (index: number) => string) => bridges.map((_, index) => render(index)).join(', ');
  return {
    BridgeErrors: new MathExpression({
      label: 'Failed runs of a bridge, in percent',
      expression: `MAX([${each((index) => `100 * errors${index} / runs${index}`)}])`,
      usingMetrics: Object.fromEntries([...errors, ...runs]),
    }),
    BridgeSilence: new MathExpression({
      label: 'Runs of a bridge',
      expression: `MIN([${each((index) => `FILL(runs${index}, 0)`)}])`,
      usingMetrics: Object.fromEntries(runs),
    }),
  };
}

/** The id of an API, or the name of a table, from its ARN. */
function findName(scope: Construct, arn: string): string {
  const { resourceName } = Stack.of(scope).splitArn(arn, ArnFormat.SLASH_RESOURCE_NAME);
  return resourceName ?? refuseConstruct(scope, `registry: "${arn}" names no resource`);
}

function listActions(scope: Construct, notify: DiscoveryAlarmsProps['notify']): IAlarmAction[] {
  const given = isList(notify) ? notify : [notify];
  if (given.length === 0) refuseConstruct(scope, 'notify: alarms without an action reach no one');
  return given.map((one) => ('topicArn' in one ? new SnsAction(one) : one));
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
