import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import { DiscoveryRouter, ServiceRegistry } from '@amplify-discovery/cdk';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { findLambdaFunction, type Template as DeployedTemplate } from '@amplify-discovery/test-rig/cloudformation';
import { startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
// oxlint-disable-next-line no-restricted-imports -- the router's own backend for tests, which is published nowhere
import { startBackend, type Backend } from '../../router/test/start-backend.ts';
import { makeApp } from './make-app.ts';
import { makeBundles } from './make-bundles.ts';

// Loading aws-cdk-lib and synthesising takes seconds.
jest.setTimeout(60_000);

/** The router's code and settings out of a synthesised template, run by Lambda's protocol. */
let registry: LocalRegistry;
let backend: Backend;
let runtime: LambdaRuntime;

beforeAll(async () => {
  makeBundles('registrar', 'router');
  [registry, backend] = await Promise.all([startLocalRegistry({ region: 'eu-west-1' }), startBackend()]);
  const app = makeApp({ 'aws:cdk:enable-asset-metadata': true });
  const stack = new Stack(app, 'Platform');
  new DiscoveryRouter(stack, 'Router', {
    registry: new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }),
    stage: 'dev',
    services: ['users', 'signed'],
    auth: { signed: { mode: 'iam' } },
    trustedHosts: ['127.0.0.1:*'],
  });
  const template = Template.fromStack(stack).toJSON() as DeployedTemplate;
  const api = Object.keys(template.Resources).find(
    (name) => template.Resources[name]?.Type === 'AWS::AppSync::GraphQLApi',
  );
  const { folder, handler, environment, timeoutMs } = findLambdaFunction(template, {
    logicalId: 'RouterFunction',
    assemblyFolder: app.outdir,
    values: { [`${api}.GraphQLUrl`]: registry.url, 'AWS::Region': 'eu-west-1' },
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
    },
  });
  for (const service of ['users', 'signed', 'internal']) {
    await registerEndpoint(sigv4Transport(registry), {
      stage: 'dev',
      service,
      kind: 'rest',
      target: `${backend.url}/v1`,
      region: 'eu-west-1',
      signingService: 'execute-api',
      owner: 'test',
    });
  }
});

afterAll(async () => {
  await runtime.stop();
  await Promise.all([registry.stop(), backend.stop()]);
});

const ask = (rawPath: string) =>
  runtime.invoke({
    version: '2.0',
    rawPath,
    rawQueryString: '',
    headers: { host: 'x.lambda-url.eu-west-1.on.aws' },
    requestContext: {
      domainName: 'x.lambda-url.eu-west-1.on.aws',
      stage: '$default',
      http: { method: 'GET', sourceIp: '192.0.2.7' },
    },
    isBase64Encoded: false,
  });

test('what a template deploys forwards a request by name, and signs where the construct says so', async () => {
  expect(await ask('/users/list')).toMatchObject({ value: { statusCode: 200, body: 'ok' } });
  expect(await ask('/signed/list')).toMatchObject({ value: { statusCode: 200 } });
  const [plain, signed] = backend.requests;
  expect([plain?.url, plain?.headers.authorization]).toEqual(['/v1/list', undefined]);
  expect(signed?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=.*\/eu-west-1\/execute-api\/aws4_request/,
  );
});

test('a service that the construct does not list is not there', async () => {
  const before = backend.requests.length;
  expect(await ask('/internal/list')).toMatchObject({ value: { statusCode: 404 } });
  expect(backend.requests).toHaveLength(before);
});
