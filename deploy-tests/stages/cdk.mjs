import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callService } from '../call-service.mjs';
import { createCdkApp, describeRegistry } from '../cdk-app.mjs';
import { deleteStack } from '../deploy-stack.mjs';
import { readRecords } from '../read-records.mjs';
import { checkCdkBridge } from './cdk-bridge.mjs';
import { checkCdkKeys } from './cdk-keys.mjs';
import { checkCdkSnapshots } from './cdk-snapshots.mjs';

/** A registry and the stacks of two teams, synthesised by CDK and deployed through CloudFormation's API. */
export async function runCdk({ check, emulator, peers, folder }) {
  const outputsFile = join(folder, 'amplify_outputs.json');
  const { deploy } = createCdkApp({ emulator, peers, folder });
  let registry;
  const read = async () => (await readRecords(emulator, registry.TableName)).filter(({ stage }) => stage === 'test');
  const getOnly = async () => {
    const records = await read();
    assert.equal(records.length, 1, JSON.stringify(records));
    return records[0];
  };

  await check('CDK: ServiceRegistry deploys', async () => {
    const { status, reason, outputs } = await deploy('Registry');
    assert.equal(status, 'CREATE_COMPLETE', reason);
    registry = outputs;
    assert.deepEqual(await read(), []);
  });

  await check('CDK: ServiceRegistration registers the API, and the app calls it by name', async () => {
    const { status, reason } = await deploy('Users');
    assert.equal(status, 'CREATE_COMPLETE', reason);
    assert.equal((await getOnly()).service, 'user-service');
    writeFileSync(outputsFile, JSON.stringify(describeRegistry(registry, 'test')));
    assert.deepEqual(callService(emulator, outputsFile, 'user-service', '/users'), { stack: 'Users', path: '/users' });
  });

  await check('CDK: an update keeps the record and changes what changed', async () => {
    const before = await getOnly();
    const { status, reason } = await deploy('Users', { version: '1.1.0' });
    assert.equal(status, 'UPDATE_COMPLETE', reason);
    const after = await getOnly();
    assert.deepEqual([after.version, after.registeredAt, after.owner], ['1.1.0', before.registeredAt, before.owner]);
  });

  await check('CDK: a rename is a replacement: the new name comes, then the old one goes', async () => {
    const { status, reason } = await deploy('Users', { service: 'people-service', version: '1.1.0' });
    assert.equal(status, 'UPDATE_COMPLETE', reason);
    assert.equal((await getOnly()).service, 'people-service');
  });

  await check('CDK: a stack that claims a name of another is refused, rolls back, and the owner keeps it', async () => {
    const before = await getOnly();
    const { status } = await deploy('Rival', { service: 'people-service' });
    assert.equal(status, 'ROLLBACK_COMPLETE');
    assert.deepEqual(await getOnly(), before);
    assert.equal((await deleteStack(emulator, 'Rival')).status, 'gone');
    assert.deepEqual(await getOnly(), before);
  });

  await check('CDK: a failed update rolls the registration back to what it was', async () => {
    const { status: rivalStatus, reason } = await deploy('Rival', { service: 'held-service' });
    assert.equal(rivalStatus, 'CREATE_COMPLETE', reason);
    const { status } = await deploy('Users', {
      service: 'people-service',
      version: '2.0.0',
      alsoClaims: 'held-service',
    });
    assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE');
    const records = await read();
    assert.deepEqual(records.map(({ service }) => service).sort(), ['held-service', 'people-service']);
    assert.equal(records.find(({ service }) => service === 'people-service').version, '1.1.0');
    assert.match(records.find(({ service }) => service === 'held-service').owner, /stack\/Rival\//);
  });

  await checkCdkSnapshots({ check, emulator, deploy, outputsFile });
  await checkCdkKeys({ check, emulator, deploy });
  await checkCdkBridge({ check, emulator, deploy });

  await check('CDK: deleting the stacks leaves nothing', async () => {
    assert.equal((await deleteStack(emulator, 'Users')).status, 'gone');
    assert.deepEqual(await read(), []);
  });
}
