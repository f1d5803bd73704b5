import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { bundleHandler, startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { startTinyKvs, type TinyKvs } from '@amplify-discovery/test-rig/tiny-kvs';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';

jest.setTimeout(30_000);

/** The publisher with an edge, by Lambda's protocol: all real but S3 and CloudFront's store, which checks signatures. */
const folder = mkdtempSync(join(tmpdir(), 'edge-'));
let registry: LocalRegistry;
let s3: TinyS3;
let kvs: TinyKvs;
const runtimes: LambdaRuntime[] = [];

beforeAll(async () => {
  [registry, s3] = await Promise.all([startLocalRegistry(), startTinyS3()]);
  kvs = await startTinyKvs(registry.credentials);
  bundled = bundleHandler({ entry: 'packages/publisher/src/main.ts', format: 'cjs', folder });
});
afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.stop()));
  await Promise.all([registry.stop(), s3.stop(), kvs.stop()]);
  rmSync(folder, { recursive: true });
});

let bundled = '';
async function start(edge: object): Promise<LambdaRuntime> {
  const { accessKeyId, secretAccessKey } = registry.credentials;
  const runtime = await startLambdaRuntime({
    handlerFile: bundled,
    timeoutMs: 20_000,
    env: {
      AWS_REGION: registry.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE: kvs.url,
      DISCOVERY_REGISTRY_URL: registry.url,
      DISCOVERY_SNAPSHOT_BUCKET: 'b',
      DISCOVERY_EDGE: JSON.stringify({ store: kvs.arn, trustedHosts: ['*.example.com'], ...edge }),
    },
  });
  runtimes.push(runtime);
  return runtime;
}

const register = (stage: string, service: string, fields: object = {}) =>
  registerEndpoint(sigv4Transport(registry), {
    stage,
    service,
    kind: 'rest',
    target: `https://${service}.example.com/v1`,
    owner: 'test',
    ...fields,
  });
const change = (stage: string, SequenceNumber = '1') => ({
  Records: [{ eventSource: 'aws:dynamodb', dynamodb: { SequenceNumber, Keys: { stage: { S: stage } } } }],
});
const succeeded = { value: { batchItemFailures: [] } };

test('a change of a stage that the edge serves is at the edge, and others are not', async () => {
  const runtime = await start({ stage: 'prod', byHost: { 'staging.example.com': 'staging' } });
  await register('prod', 'users');
  await register('prod', 'secret', { target: 'https://elsewhere.example.net' });
  await register('dev', 'users');
  await expect(
    runtime.invoke({ Records: [...change('prod').Records, ...change('dev').Records] }),
  ).resolves.toMatchObject(succeeded);
  expect([...kvs.keys]).toEqual([
    ['prod/users', '[["default",100,"users.example.com","/v1",443]]'],
    ['_settings', '{"stage":"prod","byHost":{"staging.example.com":"staging"}}'],
  ]);
  expect(s3.versionsOf('/b/dev.json')).toHaveLength(1);

  // Nothing has changed: nothing is written.
  const updates = () => kvs.requests.filter((line) => line.startsWith('UpdateKeys')).length;
  const before = updates();
  await expect(runtime.invoke(change('prod'))).resolves.toMatchObject(succeeded);
  expect(updates()).toBe(before);

  await register('staging', 'orders');
  await deregisterEndpoint(sigv4Transport(registry), { stage: 'prod', service: 'users', owner: 'test' });
  await expect(runtime.invoke({ source: 'aws.events' })).resolves.toMatchObject({ value: { batchItemFailures: [] } });
  expect([...kvs.keys.keys()].sort()).toEqual(['_settings', 'staging/orders']);
});

test('when the store fails the batch is returned; the snapshot is published, and the retry fills the edge', async () => {
  const runtime = await start({ stage: 'prod', byHost: { 'staging.example.com': 'staging' } });
  await register('prod', 'users');
  const published = s3.versionsOf('/b/prod.json').length;
  kvs.failWith(500);
  await expect(runtime.invoke(change('prod', '7'))).resolves.toMatchObject({
    value: { batchItemFailures: [{ itemIdentifier: '7' }] },
  });
  expect(s3.versionsOf('/b/prod.json')).toHaveLength(published + 1);
  expect(kvs.keys.has('prod/users')).toBe(false);
  kvs.failWith(undefined);
  await expect(runtime.invoke(change('prod', '7'))).resolves.toMatchObject(succeeded);
  expect(kvs.keys.get('prod/users')).toContain('users.example.com');
});

test('the next tick writes changed settings, even for an empty stage, and removes stages that are no longer served', async () => {
  const runtime = await start({ stage: 'empty', affinity: { cookie: 'session' } });
  await expect(runtime.invoke({ source: 'aws.events' })).resolves.toMatchObject(succeeded);
  expect([...kvs.keys]).toEqual([['_settings', '{"stage":"empty","cookie":"session"}']]);
});

test('invalid settings fail with the name of the variable', async () => {
  const runtime = await start({ stage: 'prod', trustedHosts: ['*.com'] });
  expect(JSON.stringify(await runtime.invoke(change('prod')))).toContain('DISCOVERY_EDGE: trustedHosts');
});
