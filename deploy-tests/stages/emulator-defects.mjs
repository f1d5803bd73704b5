import assert from 'node:assert/strict';
import { join } from 'node:path';
import { deployStack, describeStack } from '../deploy-stack.mjs';
import { callerTemplate, makeAnyMethodTemplate, pipelineTemplate } from '../emulator/defects/api-templates.mjs';
import { distributionTemplate } from '../emulator/defects/distribution-template.mjs';
import { makeChild, parentTemplate, probeTemplate } from '../emulator/defects/probe-template.mjs';
import { fetchFromAws } from '../fetch-from-aws.mjs';
import { startEmulator } from '../emulator/start-emulator.mjs';
import { putObject } from '../put-object.mjs';

/**
 * For each defect of the emulator that is worked around: what AWS does, as a check of the emulator with the fix, and what the
 * published emulator does instead, which is only reported. Once it does the right thing the fix can go.
 */
export async function runEmulatorDefects({ check, peers, folder }) {
  for (const { name, run } of cases) {
    await check(`emulator, with the fix: ${name}`, () =>
      inEmulator({ peers, folder: join(folder, 'fixed'), fixes: true }, run),
    );
    const seen = await inEmulator({ peers, folder: join(folder, 'published'), fixes: false }, run).then(
      () => 'does it too: the fix can go',
      (error) => `does not: ${String(error.message).split('\n')[0].slice(0, 160)}`,
    );
    process.stdout.write(`     as published ${seen}\n`);
  }
}

const cases = [
  {
    name: 'a parent whose template did not change still updates its nested stacks',
    async run(lab) {
      await lab.deployChild([{ name: 'A' }]);
      await lab.deployChild([{ name: 'A', target: '2' }]);
      assert.deepEqual(await lab.readEvents(), ['Create - A', 'Update id-of-A A']);
    },
  },
  {
    name: 'a changed physical id in a nested stack is a replacement: the old id gets a Delete',
    async run(lab) {
      await lab.deployChild([{ name: 'A' }]);
      await lab.deployChild([{ name: 'A', Name: 'B' }], { changeParent: true });
      assert.deepEqual(await lab.readEvents(), ['Create - A', 'Update id-of-A B', 'Delete id-of-A A']);
    },
  },
  {
    name: 'a resource of a nested stack that did not change keeps its attributes',
    async run(lab) {
      await lab.deployChild([{ name: 'A' }]);
      const { status, reason } = await lab.deployChild([{ name: 'A', target: '2' }], { changeParent: true });
      assert.equal(status, 'UPDATE_COMPLETE', reason);
    },
  },
  {
    name: 'a nested stack whose creation fails leaves nothing behind',
    async run(lab) {
      await lab.deployChild([{ name: 'A' }, { name: 'B', Fail: 'yes' }]);
      const events = await lab.readEvents();
      assert.ok(events.includes('Delete id-of-A A'), `events: ${events.join(', ')}`);
    },
  },
  {
    name: 'a nested stack whose update fails returns to what it was',
    async run(lab) {
      await lab.deployChild([{ name: 'A' }]);
      const { status } = await lab.deployChild(
        [
          { name: 'A', Name: 'A', target: '2' },
          { name: 'B', Fail: 'yes' },
        ],
        { changeParent: true },
      );
      assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE');
      const updates = (await lab.readEvents()).filter((event) => event === 'Update id-of-A A');
      assert.equal(updates.length, 2);
    },
  },
  {
    name: 'a pipeline resolver runs the function that CloudFormation made',
    async run(lab) {
      assert.equal((await lab.putOnce()).errors, undefined);
    },
  },
  {
    name: 'AWSJSON arguments are values in a resolver',
    async run(lab) {
      assert.equal((await lab.putOnce()).data?.put, 'object');
    },
  },
  {
    name: 'a DynamoDB data source refuses a write whose condition does not hold',
    async run(lab) {
      await lab.putOnce();
      assert.equal((await lab.putOnce()).data?.put, 'DynamoDB:ConditionalCheckFailedException');
    },
  },
  {
    name: 'a DynamoDB data source runs an update expression',
    async run(lab) {
      assert.deepEqual([(await lab.count()).n, (await lab.count()).n], [1, 2]);
    },
  },
  {
    name: 'the handlers of a pipeline resolver see the variables of the API',
    async run(lab) {
      assert.equal((await lab.count()).greeting, 'hello');
    },
  },
  {
    name: 'a signed request is one of IAM, with an identity',
    async run(lab) {
      const { auth, userArn } = await lab.count();
      assert.equal(auth, 'IAM Authorization');
      assert.match(userArn, /^arn:aws:/);
    },
  },
  {
    name: 'a function asks as a session of its role',
    async run(lab) {
      const { roleName, userArn } = await lab.countFromFunction();
      assert.match(userArn, new RegExp(`^arn:aws:sts::\\d{12}:assumed-role/${roleName}/`));
    },
  },
  {
    name: 'x-amazon-apigateway-any-method of an imported document answers every method',
    async run(lab) {
      assert.equal(await lab.getAnything(), 200);
    },
  },
  {
    name: 'CloudFront reads a bucket whose policy refuses requests without TLS',
    async run(lab) {
      assert.equal(await lab.getBehindDistribution(), 200);
    },
  },
  {
    name: 'a custom resource calls a function of another account that lets its account in',
    async run(lab) {
      const [letIn, other] = await lab.callFromAccounts('111122223333', '444455556666');
      assert.deepEqual([letIn.status, other.status], ['CREATE_COMPLETE', 'ROLLBACK_COMPLETE'], letIn.reason);
    },
  },
  {
    name: 'an API of another account answers at its host',
    async run(lab) {
      assert.equal(await lab.getAnything('111122223333'), 200);
    },
  },
];

/** A fresh emulator with the probe in it, and the means of a case. */
async function inEmulator(options, run) {
  const emulator = await startEmulator(options);
  try {
    const { outputs, status, reason } = await deployStack(emulator, 'probe', probeTemplate);
    assert.equal(status, 'CREATE_COMPLETE', reason);
    await putObject(emulator, 'templates');
    let changes = 0;
    await run({
      async deployChild(names, { changeParent = false } = {}) {
        await putObject(emulator, 'templates/child.json', JSON.stringify(makeChild(outputs.Token, names)));
        changes += changeParent ? 1 : 0;
        // A parent that does change shows the other defects behind the first one.
        const properties = {
          ...parentTemplate.Resources.Child.Properties,
          ...(changes > 0 && { TimeoutInMinutes: 10 + changes }),
        };
        const Child = { ...parentTemplate.Resources.Child, Properties: properties };
        return deployStack(emulator, 'parent', { ...parentTemplate, Resources: { Child } });
      },
      /** Asks an API whose one resolver writes only what is not there yet. */
      async putOnce() {
        const api = await deployStack(emulator, 'api', pipelineTemplate).catch(() => describeStack(emulator, 'api'));
        const query = 'mutation { put(id: "a", data: "{\\"b\\":1}") }';
        const { Url, Key } = api.outputs;
        return fetchFromAws(emulator, Url, {
          method: 'POST',
          headers: { 'x-api-key': Key },
          body: JSON.stringify({ query }),
        }).json();
      },
      /** Asks the same API by a request that looks signed: the emulator verifies no signatures. */
      async count() {
        const api = await deployStack(emulator, 'api', pipelineTemplate).catch(() => describeStack(emulator, 'api'));
        const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appsync/aws4_request, Signature=0';
        return readCount(
          fetchFromAws(emulator, api.outputs.Url, {
            method: 'POST',
            headers: { authorization },
            body: JSON.stringify({ query: 'mutation { count }' }),
          }),
        );
      },
      async countFromFunction() {
        const api = await deployStack(emulator, 'api', pipelineTemplate);
        const { outputs, reason } = await deployStack(emulator, 'caller', callerTemplate);
        assert.ok(outputs.Url, reason);
        const url = new URL(outputs.Url);
        url.searchParams.set('api', api.outputs.Url);
        return { roleName: outputs.RoleName, ...readCount(fetchFromAws(emulator, url.href)) };
      },
      async getAnything(account = 'test') {
        const { outputs, reason } = await deployStack(emulator.inAccount(account), 'rest', makeAnyMethodTemplate());
        assert.ok(outputs.Url, reason);
        return fetchFromAws(emulator, outputs.Url).status;
      },
      async getBehindDistribution() {
        const { outputs, reason } = await deployStack(emulator, 'distribution', distributionTemplate);
        assert.ok(outputs.Url, reason);
        await putObject(emulator, 'behind/object.txt', 'object');
        return fetchFromAws(emulator, outputs.Url).status;
      },
      /** Has stacks of two accounts name the probe, which lets in the first. */
      async callFromAccounts(letIn, other) {
        const Properties = { FunctionName: outputs.Token, Principal: letIn, Action: 'lambda:InvokeFunction' };
        await deployStack(emulator, 'door', { Resources: { Door: { Type: 'AWS::Lambda::Permission', Properties } } });
        const child = makeChild(outputs.Token, [{ name: 'A' }]);
        const deploy = (account) => deployStack(emulator.inAccount(account), 'child', child);
        return [await deploy(letIn), await deploy(other)];
      },
      async readEvents() {
        const { Items } = await emulator.call('dynamodb', 'Query', {
          TableName: 'events',
          KeyConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':id': { S: 'event' } },
        });
        return Items.map(({ seen }) => seen.S);
      },
    });
  } finally {
    await emulator.stop();
  }
}

function readCount(response) {
  const { data, errors } = response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return JSON.parse(data.count);
}
