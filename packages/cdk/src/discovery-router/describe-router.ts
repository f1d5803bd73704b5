import { isName } from '@amplify-discovery/core';
import { Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DiscoveryRouterProps } from './discovery-router-props.ts';
import { getStage } from '../stage/get-stage.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkSnapshotLocation } from '../service-registry/snapshot-location.ts';

/**
 * The router's environment, as its README has it.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function describeRouter(scope: Construct, props: DiscoveryRouterProps): Record<string, string> {
  const {
    registry,
    fallbackStages = [],
    services,
    auth,
    affinity,
    mount,
    suggestNames,
    trustedHosts,
    snapshot,
  } = props;
  const { timeout = Duration.seconds(30), logRequests = false, metrics = false } = props;
  const stage = props.stage ?? registry.defaultStage ?? getStage(scope);
  const rule = typeof stage === 'string' ? { default: stage } : stage;
  const stages = [
    ...(rule.default === undefined ? [] : [rule.default]),
    ...Object.values(rule.byHost ?? {}),
    ...(rule.byHeader?.allow ?? []),
    ...(rule.inPath ?? []),
    ...fallbackStages,
  ];
  checkNames(scope, 'stage', stages);
  if (stages.length === fallbackStages.length) refuseConstruct(scope, 'stage: the rule allows no stage');
  if (fallbackStages.length > 0 && rule.default === undefined)
    refuseConstruct(scope, 'fallbackStages: they serve what the default stage lacks, and there is none');
  if (services?.length === 0) refuseConstruct(scope, 'services: an empty list serves nothing');
  checkNames(scope, 'services', services ?? []);
  checkNames(scope, 'auth', Object.keys(auth ?? {}));
  if (mount !== undefined && !/^(\/[\w.-]+)*$/.test(mount))
    refuseConstruct(scope, `mount: "${mount}" is not like "/r"`);
  if (snapshot) checkSnapshotLocation(scope, snapshot);
  const keys = snapshot?.trustedKeys;
  const settings = {
    ...(typeof stage !== 'string' && { stage }),
    services,
    auth,
    affinity,
    mount,
    suggestNames,
    // The router answers 504 before the function's own time is over.
    timeoutMs: timeout.toMilliseconds() - 1000,
  };
  return {
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_REGISTRY_REGION: registry.region,
    ...(rule.default !== undefined && { DISCOVERY_STAGE: [rule.default, ...fallbackStages].join(',') }),
    DISCOVERY_ROUTER: JSON.stringify(settings),
    ...(trustedHosts && { DISCOVERY_TRUSTED_HOSTS: trustedHosts.join(',') }),
    ...(snapshot && { DISCOVERY_SNAPSHOT_URL: snapshot.url }),
    ...(keys && { DISCOVERY_SNAPSHOT_KEYS: typeof keys === 'string' ? keys : JSON.stringify(keys) }),
    ...(logRequests && { DISCOVERY_ROUTER_LOG: '1' }),
    ...(metrics && { DISCOVERY_ROUTER_METRICS: '1' }),
  };
}

function checkNames(scope: Construct, option: string, names: readonly string[]): void {
  const malformed = names.find((name) => !Token.isUnresolved(name) && !isName(name));
  if (malformed !== undefined)
    refuseConstruct(scope, `${option}: "${malformed}" must be 1 to 128 of A-Z a-z 0-9 . _ -`);
}
