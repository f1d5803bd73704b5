import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { deregisterEndpoint, findService, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { openBridge } from '../src/lambda/index.ts';

/** Two regions, each with its registry and a bridge into the other one, run as Lambda runs them. */
let folder: string;
let registries: readonly LocalRegistry[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'two-registries-'));
  // One account: the same credentials for both.
  const credentialsFile = join(folder, 'registry.json');
  registries = [await startLocalRegistry({ credentialsFile }), await startLocalRegistry({ credentialsFile })];
});
afterEach(async () => {
  await Promise.all(registries.map((registry) => registry.stop()));
  rmSync(folder, { recursive: true });
});

function arrange() {
  const [eu, us] = registries as [LocalRegistry, LocalRegistry];
  const open = (from: LocalRegistry, to: LocalRegistry, mark: string) => {
    const env = {
      AWS_REGION: from.region,
      AWS_ACCESS_KEY_ID: from.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: from.credentials.secretAccessKey,
      DISCOVERY_BRIDGE_SOURCE: `registry:${from.url}`,
      DISCOVERY_BRIDGE_TARGET: `registry:${to.url}`,
      DISCOVERY_BRIDGE_MARK: mark,
      DISCOVERY_STAGE: 'prod',
      DISCOVERY_BRIDGE: '{"intervalSeconds":60,"changesPerSecond":1000,"allowEmpty":true}',
    };
    let handler: ReturnType<typeof openBridge> | undefined;
    return async ({ isCold = false } = {}) => {
      if (isCold) handler = undefined;
      handler ??= openBridge(env, {});
      return (await handler)({ source: 'aws.events' }, { getRemainingTimeInMillis: () => 60_000 });
    };
  };
  const euToUs = open(eu, us, 'eu-to-us');
  const usToEu = open(us, eu, 'us-to-eu');
  const [inEu, inUs] = [sigv4Transport(eu), sigv4Transport(us)];
  const register = (transport: typeof inEu, service: string, region: string) =>
    registerEndpoint(transport, {
      stage: 'prod',
      service,
      id: region,
      kind: 'rest',
      target: `https://${service}.${region}.example.com`,
      owner: `stack-${region}`,
    });
  const list = async (transport: typeof inEu, service: string) =>
    (await findService(transport, service, { withOwner: true })).map(({ id, owner }) => `${id} of ${owner}`).sort();
  return { euToUs, usToEu, inEu, inUs, register, list };
}

test('bridges in both directions give each region all endpoints, and copy nothing back', async () => {
  const { euToUs, usToEu, inEu, inUs, register, list } = arrange();
  await register(inEu, 'users', 'eu');
  await register(inUs, 'users', 'us');
  for (const _round of [1, 2, 3]) for (const run of [euToUs, usToEu]) await run();
  expect(await list(inEu, 'users')).toEqual(['eu of stack-eu', 'us of bridge:us-to-eu']);
  expect(await list(inUs, 'users')).toEqual(['eu of bridge:eu-to-us', 'us of stack-us']);
  expect(await euToUs()).toMatchObject([{ outcome: 'same' }]);
});

test('an endpoint that is removed goes in both regions and does not come back, in whatever order the bridges run', async () => {
  const { euToUs, usToEu, inEu, inUs, register, list } = arrange();
  await register(inEu, 'users', 'eu');
  await register(inEu, 'orders', 'eu');
  for (const run of [euToUs, usToEu]) await run();
  await deregisterEndpoint(inEu, { stage: 'prod', service: 'users', id: 'eu', owner: 'stack-eu' });
  for (const run of [usToEu, euToUs, usToEu, euToUs]) await run({ isCold: true });
  expect([await list(inEu, 'users'), await list(inUs, 'users')]).toEqual([[], []]);
  expect(await list(inUs, 'orders')).toEqual(['eu of bridge:eu-to-us']);
});
