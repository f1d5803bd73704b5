import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { bundleHandler, startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import type { RouterResult } from '../src/hosts/lambda/build-result.ts';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'frozen-router-'));
let registry: LocalRegistry;
let service: Server;
let runtime: LambdaRuntime;
let connections = 0;

beforeAll(async () => {
  registry = await startLocalRegistry();
  service = createServer((request, response) => response.end(`${request.method} ${request.url}`));
  service.keepAliveTimeout = 50;
  service.on('connection', () => connections++);
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(service.address() as AddressInfo).port}/base`;
  await registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service: 'orders',
    kind: 'http',
    target,
    owner: 'test',
  });
  runtime = await startLambdaRuntime({
    handlerFile: bundleHandler({ entry: 'packages/router/src/hosts/lambda/main.ts', format: 'cjs', folder }),
    timeoutMs: 10_000,
    env: {
      DISCOVERY_STAGE: 'dev',
      DISCOVERY_ROUTER_LOG: '1',
      DISCOVERY_ROUTER_METRICS: '1',
      DISCOVERY_ROUTER: JSON.stringify({ services: ['orders'], timeoutMs: 5000 }),
      DISCOVERY_REGISTRY_URL: registry.url,
      DISCOVERY_REGISTRY_REGION: registry.region,
      DISCOVERY_TRUSTED_HOSTS: '127.0.0.1:*',
      AWS_ACCESS_KEY_ID: registry.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: registry.credentials.secretAccessKey,
    },
  });
});
afterAll(async () => {
  await runtime.stop();
  await registry.stop();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
  rmSync(folder, { recursive: true });
});

async function ask(method: string, rawPath: string): Promise<RouterResult> {
  const requestContext = { domainName: 'x.lambda-url.eu-west-1.on.aws', http: { method, sourceIp: '192.0.2.1' } };
  const { value, error } = await runtime.invoke({
    version: '2.0',
    rawPath,
    rawQueryString: '',
    headers: {},
    requestContext,
  });
  expect(error).toBeUndefined();
  return value as RouterResult;
}

test('the deployed function asks the registry once, and connections that died in a freeze cost no request', async () => {
  expect(await ask('GET', '/orders/x')).toMatchObject({ statusCode: 200, body: 'GET /base/x' });
  for (let count = 1; count <= 3; count++) {
    // The service closes the idle connection meanwhile.
    await runtime.stayFrozen(300);
    expect(await ask('POST', '/orders/x')).toMatchObject({ statusCode: 200, body: 'POST /base/x' });
  }
  expect(connections).toBe(4);
  expect(registry.requests.snapshot).toBe(1);
});

test('its log has each request and the metrics of discovery, where they are switched on', async () => {
  await ask('GET', '/orders/logged?secret=1');
  const find = (wanted: string) => runtime.lines.filter((line) => line.includes(wanted)).at(-1);
  while (!find('/orders/logged') || !find('CloudWatchMetrics')) await new Promise((resolve) => setImmediate(resolve));
  expect(JSON.parse(find('/orders/logged') as string)).toMatchObject({ service: 'orders', status: 200 });
  expect(find('secret')).toBeUndefined();
  expect(JSON.parse(find('CloudWatchMetrics') as string)).toMatchObject({ Hits: expect.anything() });
});

test('an unknown service is a 404 in the form of a function URL', async () => {
  const result = await ask('GET', '/order/x');
  expect(result.statusCode).toBe(404);
  expect(JSON.parse(result.body)).toMatchObject({ code: 'ServiceNotFound', suggestions: ['orders'] });
});
