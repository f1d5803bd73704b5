import { createTrust } from '@amplify-discovery/core';
import { readEnvironment } from '@amplify-discovery/lambda';
import { readRouterSettings } from '@amplify-discovery/router/lambda';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { getStage } from '../stage/get-stage.ts';
import { checkSettings } from '../synthesis/check-settings.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { DiscoveryRouterProps } from './discovery-router-props.ts';

/**
 * The router's environment, as its README has it.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function describeRouter(scope: Construct, props: DiscoveryRouterProps): Record<string, string> {
  const { registry, fallbackStages = [], services, auth, affinity, mount, suggestNames, trustedHosts } = props;
  const { snapshot, timeout = Duration.seconds(30), logRequests = false, metrics = false } = props;
  const stage = props.stage ?? registry.defaultStage ?? getStage(scope);
  const rule = typeof stage === 'string' ? { default: stage } : stage;
  if (Object.keys(rule).length === 0) refuseConstruct(scope, 'stage: the rule allows no stage');
  if (fallbackStages.length > 0 && rule.default === undefined)
    refuseConstruct(scope, 'fallbackStages: they serve what the default stage lacks, and there is none');
  const keys = snapshot?.trustedKeys;
  const options = {
    ...(typeof stage !== 'string' && { stage }),
    services,
    auth,
    affinity,
    mount,
    suggestNames,
    // The router answers 504 before the function's own time is over.
    timeoutMs: timeout.toMilliseconds() - 1000,
  };
  const settings = {
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_REGISTRY_REGION: registry.region,
    ...(rule.default !== undefined && { DISCOVERY_STAGE: [rule.default, ...fallbackStages].join(',') }),
    DISCOVERY_ROUTER: JSON.stringify(options),
    ...(trustedHosts && { DISCOVERY_TRUSTED_HOSTS: trustedHosts.join(',') }),
    ...(snapshot && { DISCOVERY_SNAPSHOT_URL: snapshot.url }),
    ...(keys && { DISCOVERY_SNAPSHOT_KEYS: typeof keys === 'string' ? keys : JSON.stringify(keys) }),
    ...(logRequests && { DISCOVERY_ROUTER_LOG: '1' }),
    ...(metrics && { DISCOVERY_ROUTER_METRICS: '1' }),
  };
  checkSettings(scope, {
    settings,
    read: (env) => [createTrust(readEnvironment(env)), readRouterSettings(env)],
    options: {
      DISCOVERY_STAGE: 'stage',
      DISCOVERY_TRUSTED_HOSTS: 'trustedHosts',
      DISCOVERY_SNAPSHOT_URL: 'snapshot.url',
      DISCOVERY_SNAPSHOT_KEYS: 'snapshot.trustedKeys',
    },
    standIns: {
      DISCOVERY_REGISTRY_URL: 'https://known-when-deployed.example/graphql',
      DISCOVERY_SNAPSHOT_URL: 'https://known-when-deployed.example/{stage}',
      DISCOVERY_SNAPSHOT_KEYS: '[{"kid":"1","kty":"EC","crv":"P-256","x":"x","y":"y"}]',
    },
  });
  return settings;
}
