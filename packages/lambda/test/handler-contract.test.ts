import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import {
  bundleHandler,
  startLambdaRuntime,
  type LambdaRuntime,
  type LambdaRuntimeOptions,
} from '@amplify-discovery/test-rig/lambda-runtime';
import type { DiscoveryOptions } from '../src/discovery-options.ts';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'handler-contract-'));
const credentialsFile = join(folder, 'registry.json');
const formats = ['esm', 'cjs'] as const;
let files: Record<(typeof formats)[number], string>;
let service: Server;
let serviceUrl: string;
let received: Record<string, unknown>[] = [];
let registry: LocalRegistry;
let runtime: LambdaRuntime | undefined;

beforeAll(async () => {
  const [esm, cjs] = formats.map((format) =>
    bundleHandler({ entry: 'packages/lambda/test/fixtures/handler.ts', format, folder }),
  );
  files = { esm: esm as string, cjs: cjs as string };
  service = createServer((request, response) => {
    received.push(request.headers);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ host: 'first', path: request.url }));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});
beforeEach(async () => {
  received = [];
  registry = await startLocalRegistry({ credentialsFile });
  await register(serviceUrl);
});
afterEach(async () => {
  await runtime?.stop();
  runtime = undefined;
  await registry.stop();
});

const register = (target: string) =>
  registerEndpoint(sigv4Transport(registry), { stage: 'dev', service: 'users', kind: 'http', target, owner: 'test' });
const snapshots = () => registry.requests.snapshot ?? 0;

const middyFile = () =>
  bundleHandler({ entry: 'packages/lambda/test/fixtures/middy-handler.ts', format: 'esm', folder });

async function start(
  discovery: DiscoveryOptions = {},
  more: Partial<LambdaRuntimeOptions> = {},
  format: (typeof formats)[number] = 'esm',
): Promise<LambdaRuntime> {
  const { accessKeyId, secretAccessKey } = registry.credentials;
  const options = {
    registry: { url: registry.url, region: registry.region },
    stage: 'dev',
    trustedHosts: ['127.0.0.1:*'],
    cacheFolder: false,
    recheckSeconds: 0.05,
    ...discovery,
  };
  runtime = await startLambdaRuntime({
    handlerFile: files[format],
    env: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      DISCOVERY_OPTIONS: JSON.stringify(options),
      REGISTRY_AT: registry.url,
    },
    ...more,
  });
  return runtime;
}

describe.each(formats)('in a real execution environment, as %s, a handler', (format) => {
  test('asks the registry once for all concurrent calls, and not again in later invocations', async () => {
    const lambda = await start({}, {}, format);
    expect(snapshots()).toBe(0);
    const first = await lambda.invoke({ calls: 10 });
    expect(first).toMatchObject({ value: { status: 200, answers: 10, bodies: 1 } });
    for (let invocation = 0; invocation < 5; invocation++) await lambda.invoke({ calls: 10 });
    expect(snapshots()).toBe(1);
  });
});

test('prefetching during init costs the first call no request', async () => {
  const lambda = await start({ prefetch: true });
  await lambda.invoke();
  expect(snapshots()).toBe(1);
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { origin: 'memory' } });
});

test('after a freeze longer than the freshness bound the answer is stale at once, and fresh in the next invocation', async () => {
  const lambda = await start({ freshSeconds: 0.5, settleMs: 2000 });
  await lambda.invoke();
  await lambda.stayFrozen(700);
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200, stale: true } });
  expect(snapshots()).toBe(2);
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { stale: false } });
  expect(snapshots()).toBe(2);
});

test('while it is frozen it sends nothing', async () => {
  const lambda = await start({ freshSeconds: 0.1 });
  await lambda.invoke();
  const before = snapshots();
  await lambda.stayFrozen(500);
  expect(snapshots()).toBe(before);
});

test('no connection to the registry is open while it is frozen, and a thaw costs no error and one request', async () => {
  const open = new Set<Socket>();
  let accepted = 0;
  const proxy = createTcpServer((socket) => {
    accepted++;
    open.add(socket);
    const onward = connect(registry.port, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    socket
      .on('error', () => {})
      .on('close', () => {
        open.delete(socket);
        onward.destroy();
      });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/graphql`;
  const lambda = await start({
    registry: { url, region: registry.region },
    freshSeconds: 0.1,
    staleWhileRevalidateSeconds: 0,
    settleMs: 2000,
  });
  for (let round = 1; round < 5; round++) {
    await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200, stale: false } });
    expect([accepted, snapshots()]).toEqual([round, round]);
    await lambda.stayFrozen(200);
    expect(open.size).toBe(0);
  }
  await new Promise((resolve) => proxy.close(resolve));
});

test('connections to a service that died in the freeze are not used after it', async () => {
  const lambda = await start();
  for (let round = 0; round < 5; round++) {
    await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200 } });
    service.closeAllConnections();
    await lambda.stayFrozen(20);
  }
});

test.each([
  ['an async handler', {}],
  ['a callback handler that waits for the empty event loop', { style: 'callback', waitsForEmptyEventLoop: true }],
  ['a callback handler that does not', { style: 'callback', waitsForEmptyEventLoop: false }],
])('%s leaves no timer and no request behind', async (_, event) => {
  const lambda = await start({ freshSeconds: 0.1, settleMs: 2000 }, { timeoutMs: 10_000 });
  for (let round = 0; round < 3; round++) {
    const result = await lambda.invoke(event);
    expect(result).toMatchObject({ value: { status: 200 } });
    expect(result.left.filter((name) => /Timeout|Request/i.test(name))).toEqual([]);
    expect(result.durationMs).toBeLessThan(5000);
    await lambda.stayFrozen(150);
  }
});

test('a restarted runtime starts from the file in /tmp, without a request', async () => {
  const cacheFolder = join(folder, 'cache');
  const { region, apiKey } = registry;
  const lambda = await start({
    cacheFolder,
    registry: { url: 'https://registry.example.com/graphql', region, apiKey },
  });
  await lambda.invoke();
  expect(readdirSync(cacheFolder)).toEqual(['dev.snapshot']);
  expect(statSync(join(cacheFolder, 'dev.snapshot')).mode & 0o777).toBe(0o600);
  await lambda.restart();
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200, origin: 'storage' } });
  expect(snapshots()).toBe(1);
});

test('a restarted runtime asks a registry on this machine, which may have been started with other services, too', async () => {
  const lambda = await start({ cacheFolder: join(folder, 'local-cache') });
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { target: serviceUrl } });
  await registry.stop();
  await lambda.restart();
  await expect(lambda.invoke()).resolves.toMatchObject({ error: { errorType: 'DiscoveryError' } });
  await lambda.restart();
  registry = await startLocalRegistry({ port: registry.port, credentialsFile });
  const other = `${serviceUrl}/v2`;
  await register(other);
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { target: other, origin: 'registry' } });
});

test.each([
  ['nothing', ''],
  ['half of it', '{'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a time that is none', '{"loadedAt":"x"}'],
  ['a time far ahead', '{"loadedAt":9e15,"revision":"r","endpoints":[]}'],
  ['zeros', '\u0000'.repeat(1000)],
])('a file in /tmp that holds %s costs one request and nothing else', async (_, garbage) => {
  const cacheFolder = mkdtempSync(join(folder, 'garbage-'));
  writeFileSync(join(cacheFolder, 'dev.snapshot'), garbage, { mode: 0o600 });
  const lambda = await start({ cacheFolder });
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200, origin: 'registry' } });
  expect(snapshots()).toBe(1);
});

test('a handler never waits past its deadline for a registry that does not answer', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/graphql`;
  const lambda = await start({ registry: { url, region: 'us-east-1' }, deadlineMarginMs: 1500 }, { timeoutMs: 2000 });
  const result = await lambda.invoke();
  expect(result.error).toMatchObject({ errorType: 'TimeoutError', errorMessage: expect.stringContaining('1500 ms') });
  // The function's own deadline.
  expect(result.durationMs).toBeLessThan(2000);
  await expect(lambda.invoke()).resolves.toMatchObject({ error: { errorType: 'TimeoutError' } });
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

test('a refresh that hangs holds an answer back by the time to settle at most, and not in every invocation', async () => {
  const lambda = await start({ freshSeconds: 0.1, recheckSeconds: 60, settleMs: 1500 }, { timeoutMs: 10_000 });
  await lambda.invoke();
  await registry.stop();
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(registry.port, '127.0.0.1', resolve));
  await lambda.stayFrozen(150);
  const durations: number[] = [];
  for (let round = 0; round < 4; round++) {
    const result = await lambda.invoke();
    expect(result).toMatchObject({ value: { status: 200, stale: true } });
    durations.push(result.durationMs);
  }
  expect(durations.filter((duration) => duration >= 1500)).toHaveLength(1);
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

test('under middy an invocation begins before the handler and ends after it, also after an error', async () => {
  const lambda = await start({ freshSeconds: 0.1, settleMs: 2000 }, { handlerFile: middyFile() });
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200, aborted: false } });
  await lambda.stayFrozen(150);
  const result = await lambda.invoke({ fails: true });
  expect(result.error).toMatchObject({ errorMessage: 'own' });
  expect(snapshots()).toBe(2);
  await expect(lambda.invoke()).resolves.toMatchObject({ value: { status: 200 } });
});

test('the trace that an invocation was called with goes on to the service', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const lambda = await start();
  await lambda.invoke({ headers: { TraceParent: traceparent, tracestate: 'a=b' } });
  await lambda.invoke({ headers: { traceparent: 'nonsense' } });
  expect(received.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([
    [traceparent, 'a=b'],
    [undefined, undefined],
  ]);
});
