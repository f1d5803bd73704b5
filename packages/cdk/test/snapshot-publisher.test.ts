import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { ServiceRegistry, SnapshotPublisher } from '@amplify-discovery/cdk';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import type { TrustedKey } from '@amplify-discovery/core';
import { openSnapshot } from '@amplify-discovery/snapshots';
import { getKmsPublicKey } from '@amplify-discovery/publisher/sign';
import {
  findLambdaFunction,
  startCloudFormation,
  startLambda,
  type CloudFormation,
  type Stack as DeployedStack,
  type Template as DeployedTemplate,
} from '@amplify-discovery/test-rig/cloudformation';
import { startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
// oxlint-disable-next-line no-restricted-imports -- the publisher's own KMS for tests, which is published nowhere
import { startTinyKms, type TinyKms } from '@amplify-discovery/test-rig/tiny-kms';
// oxlint-disable-next-line no-restricted-imports -- and its S3
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { makeApp } from './make-app.ts';
import { makeBundles } from './make-bundles.ts';

// Loading aws-cdk-lib and synthesising takes seconds.
jest.setTimeout(60_000);

/** The publisher's code and settings out of a synthesised template, run by Lambda's protocol: all real but S3 and KMS. */
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd';
const nextKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/5678efgh';
let registry: LocalRegistry;
let s3: TinyS3;
let kms: TinyKms;
let runtime: LambdaRuntime;
let cloudFormation: CloudFormation;

beforeAll(async () => {
  makeBundles('registrar', 'publisher');
  [registry, s3, kms] = await Promise.all([
    startLocalRegistry({ region: 'eu-west-1' }),
    startTinyS3(),
    startTinyKms(keyArn, nextKeyArn),
  ]);
  const { template, values, outdir } = synthesise();
  const { folder, handler, environment, timeoutMs } = findLambdaFunction(template, {
    logicalId: 'SnapshotsFunction',
    assemblyFolder: outdir,
    values,
  });
  const { accessKeyId, secretAccessKey } = registry.credentials;
  const env = {
    ...environment,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_KMS: kms.url,
  };
  runtime = await startLambdaRuntime({
    handlerFile: join(folder, handler.replace(/\.handler$/, '.js')),
    timeoutMs,
    env,
  });
  cloudFormation = await startCloudFormation({ lambda: startLambda({ folder, handler, environment: env, timeoutMs }) });
});

afterAll(async () => {
  await runtime.stop();
  await cloudFormation.stop();
  await Promise.all([registry.stop(), s3.stop(), kms.stop()]);
});

/** The template, and values for what nothing here creates. */
function synthesise(props: { readonly alsoTrusted?: string; readonly lifetime?: Duration } = {}) {
  const app = makeApp({ 'aws:cdk:enable-asset-metadata': true });
  const stack = new Stack(app, 'Platform');
  const { alsoTrusted, ...rest } = props;
  new SnapshotPublisher(stack, 'Snapshots', {
    registry: new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }),
    prefix: 'live/',
    ...(alsoTrusted !== undefined && { alsoTrusted: [Key.fromKeyArn(stack, 'Next', alsoTrusted)] }),
    ...rest,
  });
  const template = Template.fromStack(stack).toJSON() as DeployedTemplate;
  const idOf = (type: string, start = '') =>
    Object.keys(template.Resources).find((name) => template.Resources[name]?.Type === type && name.startsWith(start));
  const values = {
    [`${idOf('AWS::AppSync::GraphQLApi')}.GraphQLUrl`]: registry.url,
    [`${idOf('AWS::KMS::Key', 'Snapshots')}.Arn`]: keyArn,
    [`${idOf('AWS::Lambda::Function', 'Snapshots')}.Arn`]: 'arn:aws:lambda:eu-west-1:111122223333:function:publisher',
    [String(idOf('AWS::S3::Bucket', 'Snapshots'))]: 'snapshots',
    'AWS::Region': 'eu-west-1',
  };
  return { template, values, outdir: app.outdir };
}

/** The attributes of the stack's publication, and the id that CloudFormation knows it by. */
function publicationOf(stack: DeployedStack) {
  const [resource] = stack.resources.values();
  return { id: resource?.physicalResourceId, data: resource?.data ?? {} };
}

const register = (service: string) =>
  registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service,
    kind: 'rest',
    target: `https://${service}.example.com`,
    owner: 'test',
    public: service === 'users',
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

test('deploying publishes at once, and finds out the keys that verify it', async () => {
  const stack = await cloudFormation.createStack('platform', synthesise());
  expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
  const { id, data } = publicationOf(stack);
  const { Kid0: kid, X0: x, Y0: y } = data as Record<string, string>;
  const trustedKey = { kid, kty: 'EC', crv: 'P-256', x, y } as TrustedKey;
  expect(JSON.parse(data.TrustedKeys ?? '')).toEqual([trustedKey]);
  const bytes = s3.versionsOf('/snapshots/live/dev.json').at(-1)?.bytes as Buffer;
  const opened = await openSnapshot(brotliDecompressSync(bytes), { stage: 'dev', trustedKeys: [trustedKey] });
  expect(opened.endpoints).toHaveLength(2);

  const before = stack.events.length;
  await cloudFormation.updateStack(stack, synthesise());
  expect(stack.events).toHaveLength(before);
  await cloudFormation.updateStack(stack, synthesise({ lifetime: Duration.days(2) }));
  expect(stack.events).toHaveLength(before + 1);
  await cloudFormation.updateStack(stack, synthesise({ alsoTrusted: nextKeyArn }));
  expect([stack.status, publicationOf(stack).id]).toEqual(['UPDATE_COMPLETE', id]);
  expect(publicationOf(stack).data).toMatchObject({ Kid0: '1234abcd', X0: x, Kid1: '5678efgh' });

  await cloudFormation.deleteStack(stack);
  expect([stack.status, stack.events.at(-1)?.event.RequestType]).toEqual(['DELETE_COMPLETE', 'Delete']);
  expect(s3.versionsOf('/snapshots/live/dev.json').at(-1)?.bytes).toEqual(bytes);
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
