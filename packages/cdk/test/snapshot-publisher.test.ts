import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { ServiceRegistry, SnapshotPublisher } from '@amplify-discovery/cdk';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { openSnapshot } from '@amplify-discovery/snapshots';
import { getKmsPublicKey } from '@amplify-discovery/snapshots/publish';
import { findLambdaFunction, type Template as DeployedTemplate } from '@amplify-discovery/testing/cloudformation';
import { startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/testing/lambda-runtime';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
// oxlint-disable-next-line no-restricted-imports -- the publisher's own KMS for tests, which is published nowhere
import { startTinyKms, type TinyKms } from '../../snapshots/test/start-tiny-kms.ts';
// oxlint-disable-next-line no-restricted-imports -- and its S3
import { startTinyS3, type TinyS3 } from '../../snapshots/test/tiny-s3.ts';
import { makeApp } from './make-app.ts';
import { makeLambdaBundles } from './make-lambda-bundles.ts';
import { makeRegistrarBundle } from './make-registrar-bundle.ts';

// Loading aws-cdk-lib and synthesising takes seconds.
jest.setTimeout(60_000);

/** The publisher's code and settings out of a synthesised template, run by Lambda's protocol: all real but S3 and KMS. */
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd';
let registry: LocalRegistry;
let s3: TinyS3;
let kms: TinyKms;
let runtime: LambdaRuntime;

beforeAll(async () => {
  makeRegistrarBundle();
  makeLambdaBundles();
  [registry, s3, kms] = await Promise.all([
    startLocalRegistry({ region: 'eu-west-1' }),
    startTinyS3(),
    startTinyKms(keyArn),
  ]);
  const app = makeApp({ 'aws:cdk:enable-asset-metadata': true });
  const stack = new Stack(app, 'Platform');
  new SnapshotPublisher(stack, 'Snapshots', {
    registry: new ServiceRegistry(stack, 'Registry'),
    prefix: 'live/',
    publicServices: ['users'],
  });
  const template = Template.fromStack(stack).toJSON() as DeployedTemplate;
  const idOf = (type: string, start = '') =>
    Object.keys(template.Resources).find((name) => template.Resources[name]?.Type === type && name.startsWith(start));
  const { folder, handler, environment, timeoutMs } = findLambdaFunction(template, {
    logicalId: 'SnapshotsFunction',
    assemblyFolder: app.outdir,
    values: {
      [`${idOf('AWS::AppSync::GraphQLApi')}.GraphQLUrl`]: registry.url,
      [`${idOf('AWS::KMS::Key', 'Snapshots')}.Arn`]: keyArn,
      [String(idOf('AWS::S3::Bucket', 'Snapshots'))]: 'snapshots',
      'AWS::Region': 'eu-west-1',
    },
  });
  const { accessKeyId, secretAccessKey } = registry.credentials;
  runtime = await startLambdaRuntime({
    handlerFile: join(folder, handler.replace(/\.handler$/, '.js')),
    timeoutMs,
    env: {
      ...environment,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
    },
  });
});

afterAll(async () => {
  await runtime.stop();
  await Promise.all([registry.stop(), s3.stop(), kms.stop()]);
});

const register = (service: string) =>
  registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service,
    kind: 'rest',
    target: `https://${service}.example.com`,
    owner: 'test',
  });

test('what a template deploys publishes a changed stage, signed by its key, as a full and a public object', async () => {
  await register('users');
  await register('secret');
  const Records = [{ dynamodb: { SequenceNumber: '1', Keys: { stage: { S: 'dev' } } } }];
  expect(await runtime.invoke({ Records })).toMatchObject({ value: { batchItemFailures: [] } });
  expect(kms.requests).toEqual([`Sign ${keyArn}`, `Sign ${keyArn}`]);

  const { credentials } = registry;
  const trustedKey = await getKmsPublicKey({
    keyId: keyArn,
    region: 'eu-west-1',
    credentials: async () => credentials,
    endpoint: kms.url,
  });
  const open = (object: string, key = trustedKey) => {
    const bytes = s3.versionsOf(`/snapshots/live/${object}`).at(-1)?.bytes as Buffer;
    return openSnapshot(brotliDecompressSync(bytes), { stage: 'dev', trustedKeys: [key] });
  };
  const servicesOf = (endpoints: readonly unknown[]) =>
    endpoints.map((endpoint) => (endpoint as { service: string }).service).sort();
  expect(servicesOf((await open('dev.json')).endpoints)).toEqual(['secret', 'users']);
  expect(servicesOf((await open('dev.public.json')).endpoints)).toEqual(['users']);
  await expect(open('dev.json', { ...trustedKey, kid: 'other' })).rejects.toMatchObject({ code: 'SignatureInvalid' });
});

test('its hourly check finds stages that were there before it', async () => {
  await registerEndpoint(sigv4Transport(registry), {
    stage: 'prod',
    service: 'users',
    kind: 'rest',
    target: 'https://users.example.com',
    owner: 'test',
  });
  expect(await runtime.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event' })).not.toHaveProperty('error');
  expect(s3.versionsOf('/snapshots/live/prod.json')).toHaveLength(1);
});
