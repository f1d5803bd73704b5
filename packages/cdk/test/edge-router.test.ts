import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import { EdgeRouter, ServiceRegistry, SnapshotPublisher } from '@amplify-discovery/cdk';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { findLambdaFunction, type Template as DeployedTemplate } from '@amplify-discovery/test-rig/cloudformation';
import { loadEdgeFunction } from '@amplify-discovery/test-rig/edge-function';
import { startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { startTinyKvs, type TinyKvs } from '@amplify-discovery/test-rig/tiny-kvs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
// oxlint-disable-next-line no-restricted-imports -- the publisher's own S3 for tests, which is published nowhere
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { makeApp } from './make-app.ts';
import { makeBundles } from './make-bundles.ts';

// Loading aws-cdk-lib and synthesising takes seconds.
jest.setTimeout(60_000);

/**
 * From a registration to the origin that CloudFront would ask: the publisher and the function at the edge out of one
 * synthesised template, the one run by Lambda's protocol and the other in a sandbox; S3 and the store are small servers.
 */
let registry: LocalRegistry;
let s3: TinyS3;
let kvs: TinyKvs;
let runtime: LambdaRuntime;
let functionCode = '';

beforeAll(async () => {
  makeBundles('registrar', 'publisher');
  [registry, s3] = await Promise.all([startLocalRegistry({ region: 'eu-west-1' }), startTinyS3()]);
  kvs = await startTinyKvs(registry.credentials);
  const app = makeApp({ 'aws:cdk:enable-asset-metadata': true });
  const stack = new Stack(app, 'Platform');
  const publisher = new SnapshotPublisher(stack, 'Snapshots', {
    registry: new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }),
    signed: false,
  });
  new EdgeRouter(stack, 'Edge', {
    publisher,
    stage: 'prod',
    byHost: { 'staging.example.com': 'staging' },
    trustedHosts: ['*.example.com'],
    affinity: { header: 'X-User' },
  });
  const template = Template.fromStack(stack).toJSON() as DeployedTemplate;
  const idOf = (type: string, start = '') =>
    Object.keys(template.Resources).find((name) => template.Resources[name]?.Type === type && name.startsWith(start));
  const { folder, handler, environment, timeoutMs } = findLambdaFunction(template, {
    logicalId: 'SnapshotsFunction',
    assemblyFolder: app.outdir,
    values: {
      [`${idOf('AWS::AppSync::GraphQLApi')}.GraphQLUrl`]: registry.url,
      [`${idOf('AWS::CloudFront::KeyValueStore')}.Arn`]: kvs.arn,
      [String(idOf('AWS::S3::Bucket', 'Snapshots'))]: 'snapshots',
      'AWS::Region': 'eu-west-1',
    },
  });
  functionCode = String(template.Resources[String(idOf('AWS::CloudFront::Function'))]?.Properties?.FunctionCode);
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
      AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE: kvs.url,
    },
  });
});

afterAll(async () => {
  await runtime.stop();
  await Promise.all([registry.stop(), s3.stop(), kvs.stop()]);
});

const register = (stage: string, service: string, host: string, fields: object = {}) =>
  registerEndpoint(sigv4Transport(registry), {
    stage,
    service,
    kind: 'rest',
    target: `https://${host}/v1`,
    owner: 'test',
    ...fields,
  });

async function publish(...stages: string[]): Promise<void> {
  const Records = stages.map((stage) => ({ dynamodb: { SequenceNumber: '1', Keys: { stage: { S: stage } } } }));
  expect(await runtime.invoke({ Records })).toMatchObject({ value: { batchItemFailures: [] } });
}

async function ask(uri: string, headers?: Record<string, string>) {
  const { run, origins } = loadEdgeFunction(functionCode, kvs.keys);
  const { statusCode, uri: path } = await run(uri, headers);
  return statusCode ?? `https://${origins[0]?.domainName}${path}`;
}

test('what is registered, moved and removed is so at the edge', async () => {
  expect(await ask('/users/7')).toBe(503);
  await register('prod', 'users', 'one.example.com');
  await register('prod', 'elsewhere', 'evil.example.net');
  await register('staging', 'users', 'staging-users.example.com');
  await publish('prod', 'staging');
  expect(await ask('/users/7')).toBe('https://one.example.com/v1/7');
  expect(await ask('/users/7', { host: 'staging.example.com' })).toBe('https://staging-users.example.com/v1/7');
  expect(await ask('/elsewhere/7')).toBe(404);

  await register('prod', 'users', 'two.example.com');
  await publish('prod');
  expect(await ask('/users/7')).toBe('https://two.example.com/v1/7');

  await register('prod', 'users', 'canary.example.com', { id: 'canary', weight: 300 });
  await publish('prod');
  const chosen = new Set<unknown>();
  for (let user = 0; user < 60; user++) chosen.add(await ask('/users/7', { 'x-user': `user-${user}` }));
  expect([...chosen].sort()).toEqual(['https://canary.example.com/v1/7', 'https://two.example.com/v1/7']);
  expect(await ask('/users/7', { 'x-user': 'ada' })).toBe(await ask('/users/7', { 'x-user': 'ada' }));

  for (const id of ['default', 'canary'])
    await deregisterEndpoint(sigv4Transport(registry), { stage: 'prod', service: 'users', id, owner: 'test' });
  await publish('prod');
  expect(await ask('/users/7')).toBe(404);
});
