import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callService } from '../call-service.mjs';
import { createCdkApp } from '../cdk-app.mjs';
import { deleteStack } from '../deploy-stack.mjs';
import { fetchFromAws } from '../fetch-from-aws.mjs';
import { getObject } from '../put-object.mjs';
import { routeToEmulator } from '../emulator/start-emulator.mjs';
import { readRecords } from '../read-records.mjs';

const home = '999900001111';
const shop = '111122223333';
const billing = '444455556666';
const stranger = '777788889999';
/** The second region. The first is us-east-1. */
const region = 'eu-west-1';

/** A registry in one account, and stacks of others: two that it lets in, and one that it doesn't. */
export async function runOrganization({ check, emulator, peers, folder }) {
  const outputsFile = join(folder, 'amplify_outputs.json');
  const accountOf = (account) => {
    const own = emulator.inAccount(account);
    const { deploy } = createCdkApp({ emulator: own, peers, folder, program: 'organization-app.mjs' });
    return {
      emulator: own,
      deploy: (stack, scenario) => deploy(stack, { home, assets: `cdk-assets-${account}`, ...scenario }),
    };
  };
  const deployIn = (own, stack, scenario = {}) =>
    createCdkApp({ emulator: own, peers, folder: join(folder, own.region), program: 'organization-app.mjs' }).deploy(
      stack,
      {
        home,
        assets: `cdk-assets-${own.accessKey}-${own.region}`,
        ...scenario,
      },
    );
  const [registryAccount, shopAccount, billingAccount, strangerAccount] = [home, shop, billing, stranger].map(
    accountOf,
  );
  let registry;
  const read = () => readRecords(registryAccount.emulator, registry.TableName);
  const readEndpoints = async () => (await read()).filter(({ stage }) => stage === 'prod');

  /** As `discovery rules set scope` of an operator in the registry's account. */
  const allow = (account, services) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${home}/20260101/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=0`;
    const input = {
      kind: 'scope',
      name: `account-${account}`,
      services,
      verbs: ['register', 'deregister', 'takeover'],
    };
    const query = 'mutation ($input: RuleInput!) { setRule(input: $input) { name } }';
    const init = {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    };
    const { text } = fetchFromAws(registryAccount.emulator, registry.ApiUrl, init);
    assert.match(text, /"setRule"/);
  };

  await check('organization: a registry that lets two accounts in deploys', async () => {
    const { status, reason, outputs } = await registryAccount.deploy('Registry', { accounts: [shop, billing] });
    assert.equal(status, 'CREATE_COMPLETE', reason);
    registry = outputs;
  });

  await check('organization: an account without a rule may register nothing', async () => {
    const { status } = await shopAccount.deploy('Team', { service: 'shop-cart' });
    assert.equal(status, 'ROLLBACK_COMPLETE');
    assert.deepEqual(await readEndpoints(), []);
    assert.equal((await deleteStack(shopAccount.emulator, 'Team')).status, 'gone');
  });

  await check('organization: with a rule its stack registers, and no ARN was copied', async () => {
    allow(shop, ['shop-*']);
    const { status, reason, outputs } = await shopAccount.deploy('Team', { service: 'shop-cart' });
    assert.equal(status, 'CREATE_COMPLETE', reason);
    const [record, ...others] = await readEndpoints();
    assert.deepEqual([record.service, others], ['shop-cart', []]);
    assert.match(record.owner, new RegExp(`^arn:aws:cloudformation:us-east-1:${shop}:stack/Team/`));
    assert.equal(JSON.parse(outputs.Discovery).registry.url, registry.ApiUrl);
    writeFileSync(outputsFile, JSON.stringify({ custom: { discovery: JSON.parse(outputs.Discovery) } }));
  });

  await check('organization: its app reads the registry account’s snapshot and calls the service by name', () => {
    assert.deepEqual(callService(shopAccount.emulator, outputsFile, 'shop-cart', '/items'), { path: '/items' });
  });

  await check('organization: a service outside its scope is refused', async () => {
    const { status } = await shopAccount.deploy('Team', { service: 'billing-invoices' });
    assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE');
    assert.deepEqual(
      (await readEndpoints()).map(({ service }) => service),
      ['shop-cart'],
    );
  });

  await check('organization: an account that was not let in is refused by the registrar’s policy', async () => {
    allow(stranger, ['*']);
    const { status } = await strangerAccount.deploy('Team', { service: 'shop-cart' });
    assert.match(status, /^ROLLBACK_/);
    assert.equal((await readEndpoints()).length, 1);
  });

  await check('organization: another account’s token takes no event of one’s own stack', async () => {
    allow(billing, ['*']);
    const token = `arn:aws:lambda:us-east-1:${home}:function:discovery-registrar-default:account-${shop}`;
    const { status } = await billingAccount.deploy('Team', { service: 'shop-cart', token });
    assert.match(status, /^ROLLBACK_/);
    assert.equal((await readEndpoints()).length, 1);
    await deleteStack(billingAccount.emulator, 'Team');
  });

  await check('organization: two accounts side by side, each with its own', async () => {
    const { status, reason } = await billingAccount.deploy('Team', { service: 'billing-invoices' });
    assert.equal(status, 'CREATE_COMPLETE', reason);
    const owners = (await readEndpoints()).map(({ service, owner }) => [service, owner.split(':')[4]]);
    assert.deepEqual(owners.sort(), [
      ['billing-invoices', billing],
      ['shop-cart', shop],
    ]);
  });

  await check('organization: a second region gets the same snapshots, byte for byte', async () => {
    const { status, reason, outputs } = await deployIn(emulator.inAccount(home, region), 'Away');
    assert.equal(status, 'CREATE_COMPLETE', reason);
    const updated = await registryAccount.deploy('Registry', { accounts: [shop, billing], replicas: [region] });
    assert.equal(updated.status, 'UPDATE_COMPLETE', updated.reason);
    const find = (start) => Object.entries(updated.outputs).find(([name]) => name.includes(start))[1];
    for (const key of ['prod.json', 'prod.public.json']) {
      const [own, replica] = [
        await getObject(registryAccount.emulator, `${find('BucketName')}/${key}`),
        await getObject(emulator.inAccount(home, region), `${outputs.BucketName}/${key}`),
      ];
      assert.ok(own.length > 100 && own.equals(replica), key);
    }
  });

  await check('organization: promoted, the second region has the records, and writes', async () => {
    const standby = emulator.inAccount(home, region);
    const file = join(folder, 'registry.json');
    runCli(registryAccount.emulator, ['backup', file, '--registry', registry.ApiUrl]);
    const { status, reason, outputs } = await deployIn(standby, 'Registry', { accounts: [shop] });
    assert.equal(status, 'CREATE_COMPLETE', reason);
    runCli(standby, ['restore', file, '--registry', outputs.ApiUrl, '--yes']);
    const readStandby = async () =>
      (await readRecords(standby, outputs.TableName)).filter(({ stage }) => stage === 'prod');
    const withoutTimes = (records) => records.map(({ service, owner, token }) => [service, owner, token]).sort();
    assert.deepEqual(withoutTimes(await readStandby()), withoutTimes(await readEndpoints()));
    const moved = await deployIn(emulator.inAccount(shop, region), 'Team', { service: 'shop-search' });
    assert.equal(moved.status, 'CREATE_COMPLETE', moved.reason);
    const services = (await readStandby()).map(({ service }) => service);
    assert.deepEqual(services.sort(), ['billing-invoices', 'shop-cart', 'shop-search']);
    assert.equal((await deleteStack(emulator.inAccount(shop, region), 'Team')).status, 'gone');
  });

  await check('organization: deleting the stacks of other accounts leaves nothing', async () => {
    for (const { emulator: own } of [shopAccount, billingAccount])
      assert.equal((await deleteStack(own, 'Team')).status, 'gone');
    assert.deepEqual(await readEndpoints(), []);
  });
}

/** Runs `discovery` as an operator of the account does. */
function runCli(emulator, args) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--require=${routeToEmulator}`, 'packages/cli/dist/esm/main.js', ...args, '--region', emulator.region],
    { env: emulator.env, encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(status, 0, `discovery ${args[0]}: ${stdout}${stderr}`);
}
