import type { IAlarmAction, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { AlarmRule, DiscoveryAlarmName } from './plan-alarms.ts';

/** A function on the table's stream, with the queue of what it gave up. A `SnapshotPublisher` is one. */
export interface StreamConsumer {
  readonly function: IFunction;
  readonly failures: IQueue;
}

export interface DiscoveryAlarmsProps {
  /** The registry to watch. Of one that was imported, what it was imported with is watched. */
  readonly registry: IServiceRegistry;
  /** Who is notified when an alarm fires and when it is over: an SNS topic, or an action of CloudWatch. */
  readonly notify: ITopic | IAlarmAction | readonly (ITopic | IAlarmAction)[];
  /**
   * The `SnapshotPublisher` of the registry.
   *
   * @default the registry's own
   */
  readonly publisher?: StreamConsumer | undefined;
  /**
   * The log of changes.
   *
   * @default the registry's own
   */
  readonly auditLog?: StreamConsumer | undefined;
  /**
   * The bridges that copy from the registry: `CloudMapBridge`, `DnsBridge`, `RegistryBridge`. Five at most, which is what one alarm
   * of CloudWatch can watch.
   *
   * @default none
   */
  readonly bridges?: readonly { readonly function: IFunction }[] | undefined;
  /**
   * How many days are left until the API key expires.
   *
   * @default what the registry's `keyRenewal` measures
   */
  readonly keyExpiry?: IMetric | undefined;
  /**
   * Alarms with another rule, by their names, or `false` for those that are not wanted.
   *
   * @default the rules of `docs/operations/alarms.md`
   */
  readonly rules?: Readonly<Partial<Record<DiscoveryAlarmName, Partial<AlarmRule> | false>>> | undefined;
}
