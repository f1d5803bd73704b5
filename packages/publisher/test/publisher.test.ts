import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { registrySource } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { bundleHandler, startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { openSnapshot } from '@amplify-discovery/snapshots';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'publisher-'));
let registry: LocalRegistry;
let s3: TinyS3;
let runtime: LambdaRuntime;

beforeAll(async () => {
  [registry, s3] = await Promise.all([startLocalRegistry(), startTinyS3()]);
  const { accessKeyId, secretAccessKey } = registry.credentials;
  runtime = await startLambdaRuntime({
    handlerFile: bundleHandler({ entry: 'packages/publisher/src/main.ts', format: 'cjs', folder }),
    timeoutMs: 20_000,
    env: {
      AWS_REGION: registry.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL_S3: s3.url,
      DISCOVERY_REGISTRY_URL: registry.url,
      DISCOVERY_SNAPSHOT_BUCKET: 'b',
      DISCOVERY_SNAPSHOT_PREFIX: 'live/',
      DISCOVERY_CATALOG: JSON.stringify({ stage: 'listed', url: 'https://api.example.com' }),
    },
  });
});
afterAll(async () => {
  await runtime.stop();
  await Promise.all([registry.stop(), s3.stop()]);
  rmSync(folder, { recursive: true });
});

const register = (stage: string, service: string) =>
  registerEndpoint(sigv4Transport(registry), {
    stage,
    service,
    kind: 'rest',
    target: `https://${service}.example.com`,
    owner: 'test',
    public: service === 'users',
  });
const record = (stage: string, SequenceNumber = '1') => ({
  eventSource: 'aws:dynamodb',
  dynamodb: { SequenceNumber, Keys: { stage: { S: stage }, key: { S: 'x' } } },
});
const readLast = async (stage: string, kind = 'json') => {
  const bytes = s3.versionsOf(`/b/live/${stage}.${kind}`).at(-1)?.bytes as Buffer;
  return openSnapshot(brotliDecompressSync(bytes), { stage });
};

test('a change in the table becomes two objects in the bucket, and the registry\u2019s revision is the full one\u2019s', async () => {
  await register('dev', 'users');
  await register('dev', 'secret');
  const { revision } = await registrySource({ transport: sigv4Transport(registry) }).load({
    stage: 'dev',
    signal: AbortSignal.timeout(5000),
  });
  await expect(runtime.invoke({ Records: [record('dev'), record('dev', '2')] })).resolves.toMatchObject({
    value: { batchItemFailures: [] },
  });
  const full = await readLast('dev');
  expect(full.revision).toBe(revision);
  expect(full.endpoints).toHaveLength(2);
  expect(JSON.stringify(full.endpoints)).not.toContain('owner');
  expect((await readLast('dev', 'public.json')).endpoints).toMatchObject([{ service: 'users' }]);
});

test('a tick of the schedule finds every stage', async () => {
  await register('prod', 'users');
  await runtime.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
  expect((await readLast('prod')).endpoints).toHaveLength(1);
});

test('the catalog shows the public services of its stage, also before that has any', async () => {
  const readItems = () => {
    const bytes = s3.versionsOf('/b/live/catalog/.well-known/api-catalog').at(-1)?.bytes as Buffer;
    return JSON.parse(String(brotliDecompressSync(bytes))).linkset[0].item;
  };
  await runtime.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
  expect(readItems()).toEqual([]);
  await register('listed', 'users');
  await register('listed', 'secret');
  await runtime.invoke({ Records: [record('listed')] });
  expect(readItems()).toEqual([{ href: 'https://users.example.com', title: 'users' }]);
});

test('a bucket that fails gives the batch back', async () => {
  await register('dev', 'third');
  s3.failWith(500);
  await expect(runtime.invoke({ Records: [record('dev', '7')] })).resolves.toMatchObject({
    value: { batchItemFailures: [{ itemIdentifier: '7' }] },
  });
  s3.failWith(undefined);
  await expect(runtime.invoke({ Records: [record('dev', '7')] })).resolves.toMatchObject({
    value: { batchItemFailures: [] },
  });
  expect((await readLast('dev')).endpoints).toHaveLength(3);
});

test('settings that are wrong fail every invocation with the name of the variable', async () => {
  const misspelt = await startLambdaRuntime({
    handlerFile: join(folder, 'main.cjs'),
    env: { AWS_REGION: 'eu-west-1', DISCOVERY_REGISTRY_URL: registry.url, DISCOVERY_SNAPSHOT_BUKCET: 'b' },
  });
  try {
    for (const attempt of [1, 2])
      expect([attempt, JSON.stringify(await misspelt.invoke({ stages: ['dev'] }))]).toEqual([
        attempt,
        expect.stringMatching(
          /DISCOVERY_SNAPSHOT_BUCKET: is missing; DISCOVERY_SNAPSHOT_BUKCET: is not a known setting/,
        ),
      ]);
  } finally {
    await misspelt.stop();
  }
});
