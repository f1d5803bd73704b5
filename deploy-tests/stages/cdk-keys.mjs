import assert from 'node:assert/strict';
import { describeStack } from '../deploy-stack.mjs';

/** The API key of a registry: what renews it, and how one takes the place of another. */
export async function checkCdkKeys({ check, emulator, deploy }) {
  const send = async (service, path, init = {}) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${emulator.accessKey}/20260101/${emulator.region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const response = await fetch(`${emulator.url}${path}`, { ...init, headers: { authorization, ...init.headers } });
    const text = await response.text();
    assert.ok(response.ok, text);
    return { text, headers: response.headers };
  };
  const listKeys = async (apiId) => {
    const { text } = await send('appsync', `/v1/apis/${apiId}/apikeys`);
    return JSON.parse(text).apiKeys.map(({ id, expires }) => ({ id, expires }));
  };
  const post = (service, path, body) =>
    send(service, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const daysFromNow = (seconds) => (seconds * 1000 - Date.now()) / 86_400_000;
  let first;

  await check('CDK: the function renews a key that would expire, and it stays the same key', async () => {
    const { ApiId, ApiKeyValue, RenewalName } = (await describeStack(emulator, 'Registry')).outputs;
    const inTwoWeeks = Math.floor(Date.now() / 1000) + 14 * 86_400;
    await post('appsync', `/v1/apis/${ApiId}/apikeys/${ApiKeyValue}`, { expires: inTwoWeeks });
    assert.deepEqual(await listKeys(ApiId), [{ id: ApiKeyValue, expires: inTwoWeeks }]);
    const { text, headers } = await post('lambda', `/2015-03-31/functions/${RenewalName}/invocations`, {});
    assert.equal(headers.get('x-amz-function-error'), null, text);
    const [{ id, expires }, ...others] = await listKeys(ApiId);
    assert.deepEqual([id, others], [ApiKeyValue, []]);
    assert.ok(daysFromNow(expires) > 333, `${daysFromNow(expires)} days`);
    first = { ApiId, ApiKeyValue };
  });

  await check('CDK: two keys overlap, then the old one goes; what is deployed meanwhile gets the new one', async () => {
    const both = await deploy('Registry', { publishes: true, apiKey: { name: 'Second', alsoValid: ['Default'] } });
    assert.equal(both.status, 'UPDATE_COMPLETE', both.reason);
    const second = both.outputs.ApiKeyValue;
    assert.notEqual(second, first.ApiKeyValue);
    const ids = async () => (await listKeys(first.ApiId)).map(({ id }) => id).sort();
    assert.deepEqual(await ids(), [first.ApiKeyValue, second].sort());
    const after = await deploy('Registry', { publishes: true, apiKey: { name: 'Second' } });
    assert.equal(after.status, 'UPDATE_COMPLETE', after.reason);
    assert.equal(after.outputs.ApiKeyValue, second);
    assert.deepEqual(await ids(), [second]);
  });
}
