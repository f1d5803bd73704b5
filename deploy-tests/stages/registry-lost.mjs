import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { createCdkApp } from '../cdk-app.mjs';
import { deleteStack, describeStack } from '../deploy-stack.mjs';
import { routeToEmulator } from '../emulator/start-emulator.mjs';
import { fetchFromAws } from '../fetch-from-aws.mjs';
import { readRecords } from '../read-records.mjs';
import { runProgram } from '../run-program.mjs';
import { startVisitors } from '../visit-services.mjs';

const services = Array.from({ length: 40 }, (_, index) => `service-${String(index + 1).padStart(2, '0')}`);
const visitors = 25;

/**
 * A registry with forty services whose stack is deleted whole: first API and key are left, then they are gone as well. It is
 * built anew and restored, and no stack and no app is edited.
 */
export async function runRegistryLost({ check, emulator, peers, folder }) {
  const { synthesise } = createCdkApp({ emulator, peers, folder, program: 'lost-registry-app.mjs' });
  const file = join(folder, 'backup.json');
  const app = startVisitors(emulator);
  let outputs;
  let discovery;
  let before;

  const read = async () => {
    const records = (await readRecords(emulator, outputs.TableName)).map((record) => ({
      ...record,
      restoredBy: undefined,
    }));
    return records.sort((one, other) => (one.service < other.service ? -1 : 1));
  };
  const deployRegistry = async (scenario) => {
    const found = await (await synthesise({ services, ...scenario }))('Registry');
    assert.match(found.status, /^(CREATE|UPDATE)_COMPLETE$/, found.reason);
    return found.outputs;
  };
  /** All forty, some at once. */
  const deployAll = async (scenario, expected) => {
    const deploy = await synthesise({ services, ...scenario });
    const waiting = services.values();
    const work = async () => {
      for (const service of waiting) {
        const { status, reason } = await deploy(service);
        assert.equal(status, expected, `${service}: ${reason}`);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
  };
  const runCli = async (...args) => {
    const env = { ...emulator.env, NODE_OPTIONS: `--require=${routeToEmulator}` };
    const program = resolve('packages/cli/dist/esm/main.js');
    const registry = ['--registry', outputs.ApiUrl, '--region', 'us-east-1'];
    const { output } = await runProgram(process.execPath, [program, ...args, ...registry], { env, cwd: folder });
    return output;
  };
  const visit = async (kind, seen = discovery) => {
    const counts = await app.visit({ visitors: kind, count: visitors, discovery: seen, services });
    assert.deepEqual(
      [counts.discoveries, counts.failed],
      [visitors * services.length, 0],
      `${kind}: ${JSON.stringify(counts)}`,
    );
  };
  /** What an app has that reads the registry alone. */
  const withoutSnapshot = () => ({ ...discovery, snapshot: undefined });
  const updateAll = async (version) => {
    await deployAll({ version }, 'UPDATE_COMPLETE');
    const after = await read();
    assert.deepEqual(
      after.map(({ service, owner, registeredAt, version: found }) => [service, owner, registeredAt, found]),
      before.map(({ service, owner, registeredAt }) => [service, owner, registeredAt, version]),
    );
  };
  /** The stack whole, and what it leaves behind of the table. */
  const lose = async () => {
    assert.equal((await deleteStack(emulator, 'Registry')).status, 'gone');
    const TableName = outputs.TableName;
    await emulator.call('dynamodb', 'UpdateTable', { TableName, DeletionProtectionEnabled: false });
    await emulator.call('dynamodb', 'DeleteTable', { TableName });
  };
  const left = () => ({
    bucket: outputs.BucketName,
    key: outputs.KeyArn,
    distribution: outputs.DistributionId,
    distributionDomain: outputs.DistributionDomain,
  });

  try {
    await check('lost: a registry with a domain deploys, and 40 stacks register', async () => {
      outputs = await deployRegistry({});
      await deployAll({}, 'CREATE_COMPLETE');
      ({
        outputs: { Discovery: discovery },
      } = await describeStack(emulator, services[0]));
      discovery = JSON.parse(discovery);
      assert.equal(discovery.registry.url, 'https://registry.example.com/graphql');
      before = await read();
      assert.deepEqual(
        before.map(({ service }) => service),
        services,
      );
    });

    await check('lost: visitors discover them, from the published snapshot and from the registry', async () => {
      await waitUntilPublished(emulator, discovery, services.length);
      await visit('new');
      await visit('new', withoutSnapshot());
    });

    await check('lost: discovery backup writes all that the registry holds', async () => {
      assert.match(await runCli('backup', file), /40 records/);
    });

    await check('lost: the stack is deleted whole, the table too: new and returning visitors are served', async () => {
      await lose();
      await visit('new');
      await visit('returning');
    });

    await check(
      'lost: built anew over the API that was left, it can be restored, and is not read meanwhile',
      async () => {
        const api = { apiId: outputs.ApiId, url: outputs.ApiUrl, apiKey: outputs.ApiKeyValue };
        const again = await deployRegistry({ api, left: left(), restoring: true });
        assert.deepEqual(
          [again.Token, again.ApiUrl, again.ApiKeyValue],
          [outputs.Token, outputs.ApiUrl, outputs.ApiKeyValue],
        );
        outputs = again;
        assert.deepEqual(await read(), []);
        await visit('new');
        assert.match(await runCli('restore', file, '--yes'), /Restored: 40 restored/);
        await visit('new');
        await visit('returning');
        outputs = await deployRegistry({ api, left: left() });
        assert.deepEqual(await read(), before);
      },
    );

    await check('lost: apps read it with the URL and the key that they have, none was edited', async () => {
      await visit('new', withoutSnapshot());
      await visit('returning');
    });

    await check('lost: the next update of each of the 40 stacks works, none was edited', () => updateAll('2.0.0'));

    await check('lost: with its API and key as well it is built anew at its domain', async () => {
      before = await read();
      await runCli('backup', file);
      await lose();
      const gone = fetchFromAws(emulator, `https://appsync.us-east-1.amazonaws.com/v1/apis/${outputs.ApiId}`, {
        method: 'DELETE',
        headers: { authorization: signature },
      });
      assert.ok(gone.status < 300, gone.text);
      await visit('new');
      await visit('returning');
      const lostUrl = outputs.ApiUrl;
      outputs = await deployRegistry({ left: left(), restoring: true });
      assert.notEqual(outputs.ApiUrl, lostUrl);
      assert.match(await runCli('restore', file, '--yes'), /Restored: 40 restored/);
      outputs = await deployRegistry({ left: left() });
      assert.deepEqual(await read(), before);
      await visit('new', {
        ...withoutSnapshot(),
        registry: { ...discovery.registry, auth: { mode: 'apiKey', apiKey: outputs.ApiKeyValue } },
      });
      await visit('new');
    });

    await check('lost: the next update of each stack works, and a deleted one is de-registered', async () => {
      await updateAll('3.0.0');
      assert.equal((await deleteStack(emulator, services[0])).status, 'gone');
      assert.deepEqual(
        (await read()).map(({ service }) => service),
        services.slice(1),
      );
    });
  } finally {
    app.stop();
  }
}

const signature =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=0';

/** The publisher collects changes for two seconds. */
async function waitUntilPublished(emulator, { snapshot, stage }, count) {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const { status, text } = fetchFromAws(emulator, snapshot.url.replace('{stage}', stage));
    if (status === 200 && JSON.parse(text.slice(text.indexOf('\n') + 1)).endpoints.length === count) return;
  }
  throw new Error(`The snapshot of ${stage} has not had ${count} endpoints for a minute`);
}
