import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { callService } from '../call-service.mjs';
import { fetchFromAws } from '../fetch-from-aws.mjs';

const publishSeconds = 60;

/** Publisher and router of the registry's project, switched on, with an app that reads what is published. */
export async function checkSnapshotsAndRouter({ check, emulator, registry, orders, outputsFile }) {
  const outputsOf = (name) => registry.readMeta().function[name].output;
  const readSnapshot = (url) => openSnapshot(fetchFromAws(emulator, url.replace('{stage}', 'dev')));

  await check('publisher and router are there, and off', () => {
    assert.equal(outputsOf('discoveryPublisher').BucketName, undefined);
    assert.equal(outputsOf('discoveryRouter').Url, undefined);
  });

  await check('a push that switches them on publishes what is registered', async () => {
    registry.writeParameters('function', 'discoveryPublisher', { publish: 'yes' });
    registry.writeParameters('function', 'discoveryRouter', {
      serve: 'public',
      stage: 'dev',
      services: 'order-service',
    });
    await registry.push();
    const { SnapshotUrl, PublicSnapshotUrl } = outputsOf('discoveryPublisher');
    for (const url of [SnapshotUrl, PublicSnapshotUrl]) {
      const { endpoints } = readSnapshot(url);
      assert.deepEqual(
        endpoints.map(({ service, weight }) => [service, weight]),
        [['order-service', 50]],
      );
    }
  });

  await check('the router forwards to the service by its name, and to no other', () => {
    const { Url } = outputsOf('discoveryRouter');
    const { status, json } = fetchFromAws(emulator, `${Url}order-service/orders`);
    assert.deepEqual([status, json()], [200, { environment: 'dev', path: '/orders' }]);
    assert.equal(fetchFromAws(emulator, `${Url}other-service/orders`).status, 404);
  });

  await check(
    'a changed registration is published, and the exports of an app that asked for snapshots have them',
    async () => {
      await orders.run('discovery', 'add', '--snapshot', '--api', 'orders=order-service', '--weight', '60');
      await orders.push();
      const { SnapshotUrl, PublicSnapshotUrl, TrustedKeys } = outputsOf('discoveryPublisher');
      const { snapshot } = readDiscovery(outputsFile);
      assert.deepEqual(snapshot, { url: PublicSnapshotUrl, trustedKeys: JSON.parse(TrustedKeys) });
      assert.equal(snapshot.trustedKeys.length, 1);
      const end = Date.now() + publishSeconds * 1000;
      while (readSnapshot(SnapshotUrl).endpoints[0].weight !== 60) {
        assert.ok(Date.now() < end, 'the change was not published');
        await wait(500);
      }
    },
  );

  await check('the app calls by name with the registry gone, unless another key had to sign', () => {
    const discovery = readDiscovery(outputsFile);
    const url = 'https://gone.invalid/graphql';
    const gone = { ...discovery, registry: { ...discovery.registry, url } };
    const call = (changed) => {
      const file = join(orders.folder, 'changed-outputs.json');
      writeFileSync(file, JSON.stringify({ custom: { discovery: changed } }));
      return callService(emulator, file, 'order-service', '/orders');
    };
    assert.deepEqual(call(gone), { environment: 'dev', path: '/orders' });
    const [key] = gone.snapshot.trustedKeys;
    const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const other = { ...gone, snapshot: { ...gone.snapshot, trustedKeys: [{ ...key, x, y }] } };
    assert.throws(() => call(other), /SignatureInvalid|RegistryUnavailable/);
  });
}

/** The way back, once no app reads any more. */
export async function checkSwitchedOff({ check, emulator, registry }) {
  await check(
    'switched off, the publisher leaves the bucket with its history and the key, and takes the rest',
    async () => {
      const { SnapshotUrl, PublicSnapshotUrl, KeyId } = registry.readMeta().function.discoveryPublisher.output;
      const { Url } = registry.readMeta().function.discoveryRouter.output;
      const parameter = { Name: '/amplify-discovery/team/snapshot-url' };
      assert.equal((await emulator.call('ssm', 'GetParameter', parameter)).Parameter.Value, PublicSnapshotUrl);
      assert.match(fetchFromAws(emulator, `${Url}no-service/`).text, /ServiceNotFound/);
      registry.writeParameters('function', 'discoveryPublisher', { publish: 'no' });
      registry.writeParameters('function', 'discoveryRouter', { serve: 'no' });
      await registry.push();
      // Not by the project's own books: the CLI keeps outputs that are there no more. The router would answer by this code.
      assert.doesNotMatch(fetchFromAws(emulator, `${Url}no-service/`).text, /ServiceNotFound/);
      await assert.rejects(emulator.call('ssm', 'GetParameter', parameter), /ParameterNotFound/);
      assert.equal(fetchFromAws(emulator, SnapshotUrl.replace('{stage}', 'dev')).status, 200);
      assert.equal((await emulator.call('kms', 'DescribeKey', { KeyId })).KeyMetadata.KeyState, 'Enabled');
    },
  );
}

function readDiscovery(outputsFile) {
  return JSON.parse(readFileSync(outputsFile, 'utf8')).custom.discovery;
}

/** What is in the file, its signature left to the app. */
function openSnapshot({ status, text }) {
  assert.equal(status, 200, text);
  return JSON.parse(text.slice(text.indexOf('\n') + 1));
}
