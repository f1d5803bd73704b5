import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { callService } from '../call-service.mjs';
import { fetchFromAws } from '../fetch-from-aws.mjs';

/** A publisher that is added to a registry in which services are registered, and an app that reads its snapshots. */
export async function checkCdkSnapshots({ check, emulator, deploy, outputsFile }) {
  let trustedKeys;

  await check(
    'CDK: a publisher that is added publishes what is there, and outputs the key that signed it',
    async () => {
      const { status, reason, outputs } = await deploy('Registry', { publishes: true });
      assert.equal(status, 'UPDATE_COMPLETE', reason);
      const find = (start) =>
        Object.entries(outputs).find(([name]) => name.startsWith(`RegistrySnapshots${start}`))?.[1];
      trustedKeys = JSON.parse(find('TrustedKeys'));
      assert.deepEqual(
        trustedKeys.map(({ kid }) => kid),
        [find('KeyId').split('/').at(-1)],
      );
      for (const [url, services] of [
        [find('SnapshotUrl'), ['held-service', 'people-service']],
        [find('PublicSnapshotUrl'), ['people-service']],
      ]) {
        const { status: found, text } = fetchFromAws(emulator, url.replace('{stage}', 'test'));
        assert.equal(found, 200, text);
        const { endpoints } = JSON.parse(text.slice(text.indexOf('\n') + 1));
        assert.deepEqual(endpoints.map(({ service }) => service).sort(), services);
      }
    },
  );

  await check('CDK: an app of a stack that joined by name reads them, and calls with the registry gone', async () => {
    const scenario = { service: 'people-service', version: '1.1.0', publishes: true };
    const { status, reason, outputs } = await deploy('Users', scenario);
    assert.equal(status, 'UPDATE_COMPLETE', reason);
    const { snapshot, ...discovery } = JSON.parse(outputs.Discovery);
    assert.deepEqual(snapshot.trustedKeys, trustedKeys);
    const url = 'https://gone.appsync-api.us-east-1.amazonaws.com/graphql';
    const registry = { ...discovery.registry, url, auth: { mode: 'apiKey', apiKey: 'da2-gone' } };
    const call = (snapshot) => {
      writeFileSync(outputsFile, JSON.stringify({ custom: { discovery: { ...discovery, registry, snapshot } } }));
      return callService(emulator, outputsFile, 'people-service', '/users');
    };
    assert.deepEqual(call(snapshot), { stack: 'Users', path: '/users' });
    const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const other = { ...snapshot, trustedKeys: [{ ...trustedKeys[0], x, y }] };
    assert.throws(() => call(other), /SignatureInvalid|RegistryUnavailable/);
  });
}
