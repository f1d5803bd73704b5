import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyAmplifyProject, prepareAmplifyCli } from '../amplify-project.mjs';
import { callService } from '../call-service.mjs';
import { readRecords } from '../read-records.mjs';
import { checkSnapshotsAndRouter, checkSwitchedOff } from './amplify-gen1-snapshots.mjs';

/** The registry, a project that registers in it and a rival for its name, all with the real Amplify CLI. */
export async function runAmplifyGen1({ check, emulator, console, peers, folder }) {
  const amplify = await check('the Amplify CLI takes the plugin', async () => {
    const cli = await prepareAmplifyCli({ emulator, console, peers, folder });
    assert.match((await cli(folder, ['discovery', 'help'])).output, /amplify discovery add/);
    return cli;
  });
  const registry = copyAmplifyProject(amplify, resolve('amplify-backend/gen1'), join(folder, 'registry'));
  const orders = copyAmplifyProject(amplify, resolve('deploy-tests/fixtures/orders-app'), join(folder, 'orders'));
  const rival = copyAmplifyProject(amplify, resolve('deploy-tests/fixtures/orders-app'), join(folder, 'rival'));
  const outputsFile = join(orders.folder, 'src/amplify_discovery.json');
  let table;
  const read = () => readRecords(emulator, table);
  const find = async (stage, service) =>
    (await read()).find((record) => record.stage === stage && record.service === service);

  await check('amplify init and push deploy the registry project', async () => {
    await registry.init('discovery', 'dev');
    registry.setParameters('dev', 'custom', 'discoveryRegistry', { registryName: 'team' });
    await registry.push();
    table = registry.readMeta().custom.discoveryRegistry.output.TableName;
    assert.deepEqual(await read(), []);
  });

  await check('amplify discovery add and push register the API in the stage of its environment', async () => {
    await orders.init('orders', 'dev');
    await orders.run(
      'discovery',
      'add',
      '--api',
      'orders=order-service',
      '--registry',
      'team',
      '--stage',
      'prod=Production',
      '--metadata',
      'team=orders',
    );
    assert.deepEqual(await read(), []);
    await orders.push();
    const { RootUrl } = orders.readMeta().api.orders.output;
    const record = await find('dev', 'order-service');
    assert.equal(record.target, RootUrl);
    assert.equal(record.kind, 'rest');
    assert.match(record.owner, /^arn:aws:cloudformation:.*stack\/amplify-orders-dev-.*customdiscovery.*#OrderService/);
  });

  await check('the app finds it by the exports file that the push wrote, and calls it by name', () => {
    assert.deepEqual(callService(emulator, outputsFile, 'order-service', '/orders'), {
      environment: 'dev',
      path: '/orders',
    });
  });

  await check('a second push without a change leaves the record as it is', async () => {
    const { token } = await find('dev', 'order-service');
    await orders.push();
    assert.equal((await find('dev', 'order-service')).token, token);
  });

  await check('a push on a later day without a change renews the registration, and nothing else', async () => {
    const before = await find('dev', 'order-service');
    await orders.pushOneDayLater();
    const after = await find('dev', 'order-service');
    assert.notEqual(after.token, before.token);
    assert.deepEqual(
      [after.target, after.registeredAt, after.owner],
      [before.target, before.registeredAt, before.owner],
    );
  });

  await check('a changed registration is updated in place', async () => {
    const before = await find('dev', 'order-service');
    await orders.run('discovery', 'add', '--api', 'orders=order-service', '--weight', '50');
    await orders.push();
    const after = await find('dev', 'order-service');
    assert.equal(after.weight, '50');
    assert.equal(after.registeredAt, before.registeredAt);
    assert.equal(after.owner, before.owner);
  });

  await checkSnapshotsAndRouter({ check, emulator, registry, orders, outputsFile });

  await check('a second environment registers in its own stage, and the app calls that', async () => {
    await orders.addEnvironment('prod');
    await orders.push();
    assert.notEqual((await find('Production', 'order-service')).target, (await find('dev', 'order-service')).target);
    assert.equal(JSON.parse(readFileSync(outputsFile, 'utf8')).custom.discovery.stage, 'Production');
    assert.equal(callService(emulator, outputsFile, 'order-service', '/orders').environment, 'prod');
  });

  await check('a rename registers the new name and removes the old one', async () => {
    await orders.run('discovery', 'add', '--api', 'orders=purchase-service');
    await orders.run('discovery', 'remove', 'order-service', '--yes');
    await orders.push();
    assert.ok(await find('Production', 'purchase-service'));
    assert.equal(await find('Production', 'order-service'), undefined);
    assert.ok(await find('dev', 'order-service'));
  });

  await check('a push that claims a name of another project fails, and rolls its own registration back', async () => {
    await rival.init('rival', 'dev');
    await rival.run('discovery', 'add', '--registry', 'team', '--api', 'orders=archive-service');
    await rival.push();
    const archive = await find('dev', 'archive-service');
    const owned = await find('dev', 'order-service');
    await rival.run('discovery', 'add', '--api', 'orders=archive-service', '--weight', '7');
    await rival.run('discovery', 'add', '--api', 'orders=order-service');
    const { code, output } = await rival.tryToPush();
    assert.notEqual(code, 0);
    assert.match(output, /RegistrationConflict/);
    assert.deepEqual(await find('dev', 'order-service'), owned);
    const after = await find('dev', 'archive-service');
    assert.notEqual(after.token, archive.token, 'it was not updated and sent back');
    assert.deepEqual(
      [after.weight, after.target, after.owner, after.registeredAt],
      [archive.weight, archive.target, archive.owner, archive.registeredAt],
    );
  });

  await check(
    'deleting the project that was refused takes its own registration, and nothing from the owner',
    async () => {
      const owned = await find('dev', 'order-service');
      await rival.run('delete', '--force');
      assert.deepEqual(await find('dev', 'order-service'), owned);
      assert.equal(await find('dev', 'archive-service'), undefined);
    },
  );

  await check('amplify discovery remove and push de-register, in this environment only', async () => {
    await orders.run('discovery', 'remove', '--yes');
    await orders.push();
    assert.deepEqual(
      (await read()).map(({ stage }) => stage),
      ['dev'],
    );
  });

  await check('amplify env remove de-registers what the environment had registered', async () => {
    await orders.run('env', 'checkout', 'prod');
    await orders.run(
      'discovery',
      'add',
      '--registry',
      'team',
      '--api',
      'orders=order-service',
      '--stage',
      'prod=Production',
    );
    await orders.push();
    assert.ok(await find('Production', 'order-service'));
    await orders.run('env', 'checkout', 'dev');
    await orders.run('env', 'remove', 'prod', '--force');
    assert.deepEqual(
      (await read()).map(({ stage }) => stage),
      ['dev'],
    );
  });

  await check('amplify delete leaves nothing', async () => {
    await orders.run('delete', '--force');
    assert.deepEqual(await read(), []);
    assert.equal(existsSync(join(orders.folder, 'amplify')), false);
  });

  await checkSwitchedOff({ check, emulator, registry });

  await check('amplify delete of the registry project takes what it has published', async () => {
    const parameter = { Name: '/amplify-discovery/team/url' };
    assert.ok((await emulator.call('ssm', 'GetParameter', parameter)).Parameter.Value);
    await registry.run('delete', '--force');
    assert.equal(existsSync(join(registry.folder, 'amplify')), false);
    await assert.rejects(emulator.call('ssm', 'GetParameter', parameter), /ParameterNotFound/);
  });
}
