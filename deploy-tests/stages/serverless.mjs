import assert from 'node:assert/strict';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { callService } from '../call-service.mjs';
import { createCdkApp, describeRegistry } from '../cdk-app.mjs';
import { readRecords } from '../read-records.mjs';
import { runProgram } from '../run-program.mjs';

/** A service of the Serverless Framework, deployed and removed by osls, in a registry that CDK made. */
export async function runServerless({ check, emulator, peers, folder }) {
  const app = createCdkApp({ emulator, peers, folder });
  const project = join(folder, 'cart-service');
  cpSync(resolve('deploy-tests/fixtures/cart-service'), project, { recursive: true });
  // Beside the project: the framework would package it.
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const program = join(peers.osls, 'osls/bin/serverless.js');
  const osls = (args, { env, ...options } = {}) =>
    runProgram(process.execPath, [program, ...args], {
      cwd: project,
      env: { ...emulator.env, CI: 'true', ...env },
      ...options,
    });
  let registry;
  const read = () => readRecords(emulator, registry.TableName);
  const find = async (stage, service) =>
    (await read()).find((record) => record.stage === stage && record.service === service);

  await check('a registry is there', async () => {
    const { status, reason, outputs } = await app.deploy('Registry');
    assert.equal(status, 'CREATE_COMPLETE', reason);
    registry = outputs;
  });

  await check('osls deploy registers the service, and the app calls it by name', async () => {
    await osls(['deploy', '--stage', 'dev']);
    assert.equal((await find('dev', 'cart-service')).version, '1.0.0');
    const outputsFile = join(folder, 'amplify_outputs.json');
    writeFileSync(outputsFile, JSON.stringify(describeRegistry(registry, 'dev')));
    assert.deepEqual(callService(emulator, outputsFile, 'cart-service', '/cart'), { stage: 'dev' });
  });

  await check('osls deploy of another stage registers there', async () => {
    await osls(['deploy', '--stage', 'prod']);
    assert.notEqual((await find('prod', 'cart-service')).target, (await find('dev', 'cart-service')).target);
  });

  await check('an update keeps the record and changes what changed', async () => {
    const before = await find('dev', 'cart-service');
    await osls(['deploy', '--stage', 'dev'], { env: { VERSION: '1.1.0' } });
    const after = await find('dev', 'cart-service');
    assert.deepEqual([after.version, after.registeredAt], ['1.1.0', before.registeredAt]);
  });

  await check('a rename registers the new name and removes the old one', async () => {
    await osls(['deploy', '--stage', 'dev'], { env: { SERVICE: 'basket-service' } });
    assert.ok(await find('dev', 'basket-service'));
    assert.equal(await find('dev', 'cart-service'), undefined);
  });

  await check('osls remove de-registers its own stage, and no other', async () => {
    await osls(['remove', '--stage', 'dev'], { env: { SERVICE: 'basket-service' } });
    assert.deepEqual(
      (await read()).map(({ stage }) => stage),
      ['prod'],
    );
    await osls(['remove', '--stage', 'prod']);
    assert.deepEqual(await read(), []);
  });
}
