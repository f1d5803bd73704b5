import assert from 'node:assert/strict';
import { deleteStack } from '../deploy-stack.mjs';

/** A bridge from the registry into the emulator's Cloud Map, whose function is called as the schedule calls it. */
export async function checkCdkBridge({ check, emulator, deploy }) {
  const call = (action, parameters) => emulator.call('servicediscovery', action, parameters);
  let functionName;

  async function run() {
    const authorization = `AWS4-HMAC-SHA256 Credential=${emulator.accessKey}/20260101/${emulator.region}/lambda/aws4_request, SignedHeaders=host, Signature=0`;
    const path = `/2015-03-31/functions/${functionName}/invocations`;
    const body = JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
    const response = await fetch(`${emulator.url}${path}`, { method: 'POST', headers: { authorization }, body });
    const text = await response.text();
    assert.equal(response.headers.get('x-amz-function-error'), null, text);
    return JSON.parse(text);
  }

  /** What a program on ECS finds: service, id, URL. */
  async function list() {
    const { Services = [] } = await call('ListServices');
    const found = [];
    for (const { Id, Name } of Services) {
      const { Instances = [] } = await call('ListInstances', { ServiceId: Id });
      found.push(...Instances.map(({ Id: id, Attributes }) => ({ service: Name, id, ...Attributes })));
    }
    return found.filter(({ url }) => url !== undefined).sort((one, other) => (one.service < other.service ? -1 : 1));
  }

  await check('CDK: CloudMapBridge deploys, and what is registered arrives in Cloud Map with its mark', async () => {
    const { status, reason, outputs } = await deploy('Bridge');
    assert.equal(status, 'CREATE_COMPLETE', reason);
    functionName = outputs.FunctionName;
    const [{ outcome, written, mark }] = await run();
    assert.deepEqual([outcome, written], ['done', 2]);
    const copies = await list();
    assert.deepEqual(
      copies.map((copy) => [copy.service, copy.id, copy['discovery.bridge']]),
      ['held-service', 'people-service'].map((service) => [service, 'default', mark]),
    );
    assert.match(copies[0].url, /^https:\/\/.+\.execute-api\./);
    assert.deepEqual(
      (await run()).map((line) => line.outcome),
      ['same'],
    );
  });

  await check(
    'CDK: what its stack removes from the registry leaves Cloud Map, and what is not the bridge’s stays',
    async () => {
      const { Services } = await call('ListServices');
      const ServiceId = Services.find(({ Name }) => Name === 'people-service').Id;
      await call('RegisterInstance', {
        ServiceId,
        InstanceId: 'theirs',
        Attributes: { url: 'https://theirs.example.com' },
      });
      assert.equal((await deleteStack(emulator, 'Rival')).status, 'gone');
      assert.equal((await run())[0].removed, 1);
      assert.deepEqual((await list()).map(({ service, id }) => `${service}/${id}`).sort(), [
        'people-service/default',
        'people-service/theirs',
      ]);
    },
  );
}
