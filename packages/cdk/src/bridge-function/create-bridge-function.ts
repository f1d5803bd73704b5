import { readBridgeSettings } from '@amplify-discovery/bridges/lambda';
import { Duration, Stack, Token } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { findBridgeBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { getStage } from '../stage/get-stage.ts';
import { checkSettings } from '../synthesis/check-settings.ts';
import { allow, createDiscoveryFunction, type DiscoveryFunction } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { BridgeProps } from './bridge-props.ts';

export interface BridgeFunctionOptions {
  readonly props: BridgeProps;
  readonly stages: readonly string[];
  /** What it copies into, as `openTarget` takes it. */
  readonly target: string;
  /** What it may do there. */
  readonly statements: readonly PolicyStatement[];
  /** The target's region. @default the function's */
  readonly targetRegion?: string | undefined;
  /** The role that the target is written as, in another account. @default the function's own */
  readonly targetRole?: string | undefined;
  readonly description: string;
}

export interface BridgeFunction extends DiscoveryFunction {
  readonly mark: string;
}

/** The stages of the props, or the one that other constructs would take. */
export function chooseStages(scope: Construct, { stages, registry }: BridgeProps): readonly string[] {
  if (stages?.length === 0) refuseConstruct(scope, 'stages: it would copy nothing');
  return stages ?? [registry.defaultStage ?? getStage(scope)];
}

/**
 * The function of a bridge, which may read the registry's snapshots and what the target takes, and the schedule that wakes it. Its
 * time is over before the next run begins.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function createBridgeFunction(scope: Construct, options: BridgeFunctionOptions): BridgeFunction {
  const { props, stages, target, statements, targetRole, description } = options;
  const { registry, services, allowEmpty, minimumShare, changesPerSecond, every = Duration.minutes(1) } = props;
  const apiArn =
    registry.apiArn ?? refuseConstruct(scope, 'registry: import it with its apiArn, so that it can be read');
  if (services && props.mark === undefined)
    refuseConstruct(scope, 'services: give the bridge a mark, or another one of the registry would remove its copies');
  const mark = props.mark ?? `discovery/${registry.url}`;
  const limits = {
    services,
    allowEmpty,
    minimumShare,
    changesPerSecond,
    intervalSeconds: every.toSeconds(),
    sourceRegion: findOtherRegion(scope, registry.region),
    targetRegion: findOtherRegion(scope, options.targetRegion),
    targetRole,
  };
  const environment = {
    DISCOVERY_BRIDGE_SOURCE: `registry:${registry.url}`,
    DISCOVERY_BRIDGE_TARGET: target,
    DISCOVERY_BRIDGE_MARK: mark,
    DISCOVERY_STAGE: stages.join(','),
    DISCOVERY_BRIDGE: JSON.stringify(limits),
    ...(props.metrics && { DISCOVERY_BRIDGE_METRICS: '1' }),
  };
  checkSettings(scope, {
    settings: environment,
    read: (env) => readBridgeSettings({ AWS_REGION: 'eu-west-1', ...env }),
    options: { DISCOVERY_BRIDGE_MARK: 'mark', DISCOVERY_STAGE: 'stages' },
  });
  const created = createDiscoveryFunction(scope, {
    runtime: props.runtime,
    logRetention: props.logRetention,
    tracing: props.tracing,
    description,
    bundle: findBridgeBundle(),
    handler: 'bridge.handler',
    memorySize: 256,
    timeout: Duration.seconds(Math.min(every.toSeconds(), 900)),
    environment,
    statements: [allow(['appsync:GraphQL'], `${apiArn}/types/Query/fields/snapshot`), ...statements],
    policyName: 'bridge',
    // The next run does what this one could not.
    delivery: { maxEventAge: Duration.minutes(1), retryAttempts: 0 },
  });
  const rule = new Rule(scope, 'Schedule', {
    description: `Wakes a bridge: ${description}`,
    schedule: Schedule.rate(every),
    targets: [new FunctionTarget(created.function, { maxEventAge: Duration.minutes(1), retryAttempts: 0 })],
  });
  // It must not run while its permissions are on their way.
  rule.node.addDependency(created.role);
  return { ...created, mark };
}

/** The region, where it is known to be another one than the function's. */
function findOtherRegion(scope: Construct, region: string | undefined): string | undefined {
  return region === undefined || Token.isUnresolved(region) || region === Stack.of(scope).region ? undefined : region;
}
