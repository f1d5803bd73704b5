import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startCloudFormation, startLambda, type CloudFormation } from '@amplify-discovery/test-rig/cloudformation';
import { bundleHandler } from '@amplify-discovery/test-rig/lambda-runtime';
import { openSnapshot } from '@amplify-discovery/snapshots';
import { parseTrustedKeys } from '@amplify-discovery/core';
import { startTinyKms, type TinyKms } from '@amplify-discovery/test-rig/tiny-kms';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';

jest.setTimeout(60_000);

/** A deployment of the publisher's bundle: all real but CloudFormation, S3 and KMS. */
const [first, second] = ['first', 'second'].map((id) => `arn:aws:kms:eu-west-1:111122223333:key/${id}`) as [
  string,
  string,
];
const serviceToken = 'arn:aws:lambda:eu-west-1:111122223333:function:publisher';
const folder = mkdtempSync(join(tmpdir(), 'publication-'));
let registry: LocalRegistry;
let s3: TinyS3;
let kms: TinyKms;
let cloudFormation: CloudFormation;

beforeAll(async () => {
  [registry, s3, kms] = await Promise.all([
    startLocalRegistry({ region: 'eu-west-1' }),
    startTinyS3(),
    startTinyKms(first, second),
  ]);
  const { accessKeyId, secretAccessKey } = registry.credentials;
  const file = bundleHandler({ entry: 'packages/publisher/src/main.ts', format: 'cjs', folder });
  const environment = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_KMS: kms.url,
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_SNAPSHOT_BUCKET: 'b',
    DISCOVERY_SNAPSHOT_KEY: first,
  };
  // Lambda finds a handler's file without its ending.
  renameSync(file, join(folder, 'publisher.js'));
  // The time is enough for an answer, and little enough to wait for a failure.
  const lambda = startLambda({ folder, handler: 'publisher.handler', environment, timeoutMs: 9000 });
  cloudFormation = await startCloudFormation({ lambda });
  await Promise.all(['dev', 'prod'].map(register));
});
afterEach(() => s3.failWith(undefined));
afterAll(async () => {
  await cloudFormation.stop();
  await Promise.all([registry.stop(), s3.stop(), kms.stop()]);
  rmSync(folder, { recursive: true });
});

const register = (stage: string) =>
  registerEndpoint(sigv4Transport(registry), {
    stage,
    service: 'users',
    kind: 'rest',
    target: 'https://users.example.com',
    owner: 'test',
  });
const template = (properties: object) => ({
  Resources: {
    Publication: {
      Type: 'Custom::SnapshotPublication',
      Properties: { ServiceToken: serviceToken, ServiceTimeout: 300, ...properties },
    },
  },
});
const deploy = (properties: object) => cloudFormation.createStack('snapshots', { template: template(properties) });
const dataOf = (stack: { resources: ReadonlyMap<string, { data: Readonly<Record<string, string>> }> }) =>
  stack.resources.get('Publication')?.data ?? {};
const open = (stage: string, keys = '') => {
  const bytes = s3.versionsOf(`/b/${stage}.json`).at(-1)?.bytes as Buffer;
  return openSnapshot(brotliDecompressSync(bytes), { stage, trustedKeys: parseTrustedKeys(keys, 'the attribute') });
};

test('creating publishes what is registered, and gives the keys that verify it', async () => {
  kms.denyNext(1);
  const stack = await deploy({ Keys: [first] });
  expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
  const { Kid0, TrustedKeys } = dataOf(stack);
  expect(Kid0).toBe('first');
  for (const stage of ['dev', 'prod']) expect((await open(stage, TrustedKeys)).endpoints).toHaveLength(1);
  expect(stack.events.map(({ response }) => [response.answers.length, response.faults])).toEqual([[1, []]]);
});

test('an update gives a second key, and a removal leaves what is published', async () => {
  const stack = await deploy({ Keys: [first] });
  const id = stack.resources.get('Publication')?.physicalResourceId;
  await cloudFormation.updateStack(stack, { template: template({ Keys: [first, second] }) });
  expect([stack.status, stack.resources.get('Publication')?.physicalResourceId]).toEqual(['UPDATE_COMPLETE', id]);
  const keys = dataOf(stack).TrustedKeys;
  expect(parseTrustedKeys(keys ?? '', 'it').map(({ kid }) => kid)).toEqual(['first', 'second']);
  await cloudFormation.deleteStack(stack);
  expect(stack.status).toBe('DELETE_COMPLETE');
  expect((await open('dev', keys)).endpoints).toHaveLength(1);
});

test('a bucket that refuses fails the first deployment with the stage, and the next ones not', async () => {
  const stack = await deploy({});
  s3.failWith(403);
  const failed = await deploy({});
  expect(failed.status).toBe('ROLLBACK_COMPLETE');
  expect(failed.reason).toMatch(/BucketDenied: Stage "(dev|prod)" could not be published.*HTTP 403/);
  await cloudFormation.updateStack(stack, { template: template({ Settings: 'others' }) });
  expect([stack.status, dataOf(stack)]).toEqual(['UPDATE_COMPLETE', { TrustedKeys: '[]' }]);
});

test('a key that is not there fails an update, whose rollback succeeds', async () => {
  const stack = await deploy({ Keys: [first] });
  await cloudFormation.updateStack(stack, { template: template({ Keys: [first, `${first}-missing`] }) });
  expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(stack.reason).toContain(`The public half of ${first}-missing could not be fetched`);
});
