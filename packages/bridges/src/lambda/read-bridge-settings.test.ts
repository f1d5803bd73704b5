import { expect, test } from '@jest/globals';
import { readBridgeSettings } from './read-bridge-settings.ts';

const valid = {
  AWS_REGION: 'eu-west-1',
  DISCOVERY_BRIDGE_SOURCE: 'registry:https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
  DISCOVERY_BRIDGE_TARGET: 'cloud-map:{stage}.internal',
  DISCOVERY_BRIDGE_MARK: 'blue',
  DISCOVERY_STAGE: 'Production, staging',
};

test('source, target, mark and stages are variables, the rest is JSON in one', () => {
  const limits = {
    services: ['users-*'],
    allowEmpty: true,
    minimumShare: 0,
    changesPerSecond: 5,
    intervalSeconds: 60,
    targetRole: 'arn:aws:iam::111122223333:role/path/bridge',
  };
  expect(
    readBridgeSettings({
      ...valid,
      DISCOVERY_BRIDGE: JSON.stringify(limits),
      OTHER: 'x',
      DISCOVERY_BRIDGE_METRICS: '1',
    }),
  ).toEqual({
    metrics: true,
    region: 'eu-west-1',
    source: valid.DISCOVERY_BRIDGE_SOURCE,
    target: 'cloud-map:{stage}.internal',
    mark: 'blue',
    stages: ['Production', 'staging'],
    ...limits,
  });
});

test.each<[string, Record<string, string>, string]>([
  ['a missing variable', { DISCOVERY_BRIDGE_TARGET: '' }, 'DISCOVERY_BRIDGE_TARGET: is missing'],
  ['a misspelt one', { DISCOVERY_BRIDGE_TARGETS: 'x' }, 'DISCOVERY_BRIDGE_TARGETS: is not a known setting'],
  [
    'a mark that not every system could hold',
    { DISCOVERY_BRIDGE_MARK: 'a b' },
    'DISCOVERY_BRIDGE_MARK: is not 1 to 128',
  ],
  ['a stage that is not a name', { DISCOVERY_STAGE: 'a/b' }, 'DISCOVERY_STAGE: has what is not a name'],
  ['no stage', { DISCOVERY_STAGE: ',' }, 'DISCOVERY_STAGE: is empty'],
  ['what is not JSON', { DISCOVERY_BRIDGE: '{' }, 'DISCOVERY_BRIDGE: is not valid JSON'],
  ['an unknown limit', { DISCOVERY_BRIDGE: '{"service":"x"}' }, 'service: is not a known setting'],
  ['a share above 1', { DISCOVERY_BRIDGE: '{"minimumShare":2}' }, 'minimumShare: is not from 0 to 1'],
  ['no services at all', { DISCOVERY_BRIDGE: '{"services":[]}' }, 'services: is empty'],
  ['what is not a role', { DISCOVERY_BRIDGE: '{"targetRole":"admin"}' }, 'targetRole: is not the ARN of a role'],
])('%s is refused', (_, env, message) => {
  expect(() => readBridgeSettings({ ...valid, ...env })).toThrow(message);
});
