import { getMaxListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { context, propagation, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { DiscoveryEvent } from '@amplify-discovery/core';
import { createLocalKey, createLocalSigner, sealSnapshot } from '@amplify-discovery/snapshots/seal';
import { fakeClock, memorySource } from '@amplify-discovery/test-rig';
import { createDiscovery, type Discovery } from './create-discovery.ts';
import type { DiscoveryOptions } from './discovery-options.ts';
import { createMetrics } from './metrics.ts';

const folder = mkdtempSync(join(tmpdir(), 'create-discovery-'));
afterAll(() => rmSync(folder, { recursive: true }));
const lambdaContext = (remainingMs = 10_000) => ({
  getRemainingTimeInMillis: () => remainingMs,
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:me',
});

const wrap = <R>(discovery: Discovery, task: () => R) => discovery.wrap<readonly unknown[], R>(task);

function setUp(options: DiscoveryOptions = {}) {
  const source = memorySource('registry');
  source.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
  const base = { source, stage: 'dev', trustedHosts: ['*.example.com'], cacheFolder: false as const, env: {} };
  return { source, discovery: createDiscovery({ ...base, ...options }) };
}

describe('what is configured', () => {
  test('comes from the environment where code says nothing', async () => {
    const requests: string[] = [];
    const env = {
      DISCOVERY_STAGE: 'pr-7, dev',
      DISCOVERY_REGISTRY_URL: 'https://registry.example.com/graphql',
      DISCOVERY_TRUSTED_HOSTS: '*.example.com',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const stage = (await request.text()).includes('"pr-7"') ? 'pr-7' : 'dev';
      requests.push(
        `${request.url} ${stage} ${/Credential=AKID.*eu-west-1\/appsync/.test(request.headers.get('authorization') ?? '')} ${request.headers.get('connection')}`,
      );
      const endpoints = stage === 'dev' ? [{ service: 'users', target: 'https://users.example.com' }] : [];
      return Response.json({ data: { snapshot: { revision: 'r', unchanged: false, endpoints, nextToken: null } } });
    };
    const discovery = createDiscovery({ env, fetch, cacheFolder: false });
    await expect(discovery.resolve('users')).resolves.toMatchObject({ endpoint: { stage: 'dev' } });
    expect(requests.sort()).toEqual([
      'https://registry.example.com/graphql dev true close',
      'https://registry.example.com/graphql pr-7 true close',
    ]);
  });

  test('with an API key from the environment the registry is read by it, unsigned', async () => {
    const keys: (string | null)[] = [];
    const discovery = createDiscovery({
      stage: 'dev',
      cacheFolder: false,
      env: { DISCOVERY_REGISTRY_URL: 'https://registry.example.com/graphql', DISCOVERY_API_KEY: 'da2-key' },
      async fetch(input, init) {
        const { headers } = new Request(input, init);
        keys.push(headers.get('x-api-key'), headers.get('authorization'));
        return Response.json({
          data: { snapshot: { revision: 'r', unchanged: false, endpoints: [], nextToken: null } },
        });
      },
    });
    await discovery.prefetch();
    expect(keys).toEqual(['da2-key', null]);
  });

  test.each<[string, DiscoveryOptions]>([
    ['no stage', { registry: { url: 'https://r.example.com', region: 'x' }, env: {} }],
    ['nothing to ask', { stage: 'dev', env: {} }],
    ['an http registry', { stage: 'dev', registry: { url: 'http://r.example.com', region: 'x' }, env: {} }],
    ['a registry without region', { stage: 'dev', registry: { url: 'https://r.example.com' }, env: {} }],
    [
      'keys that can\u2019t be read',
      { stage: 'dev', env: { DISCOVERY_SNAPSHOT_URL: 'https://c.example.com/{stage}', DISCOVERY_SNAPSHOT_KEYS: '[{' } },
    ],
    [
      'an empty list of keys',
      { stage: 'dev', env: { DISCOVERY_SNAPSHOT_URL: 'https://c.example.com/{stage}', DISCOVERY_SNAPSHOT_KEYS: '[]' } },
    ],
  ])('%s is refused with InvalidOptions', (_, options) => {
    expect(() => createDiscovery(options)).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  });

  test.each([
    [
      ['snapshot', 'registry'],
      ['/dev.json', '/graphql'],
    ],
    [
      ['registry', 'snapshot'],
      ['/graphql', '/dev.json'],
    ],
    [['registry'], ['/graphql']],
  ] as const)('the order %j is the order of requests while none is answered', async (order, expected) => {
    const asked: string[] = [];
    const events: DiscoveryEvent[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(new URL(input instanceof Request ? input.url : String(input)).pathname);
      return new Response('', { status: 403 });
    };
    const discovery = createDiscovery({
      stage: 'dev',
      order,
      fetch,
      cacheFolder: false,
      env: {},
      registry: { url: 'https://r.example.com/graphql', apiKey: 'key' },
      snapshot: { url: 'https://c.example.com/{stage}.json' },
      report: (event) => events.push(event),
    });
    await expect(discovery.resolve('users')).rejects.toMatchObject({ code: 'RegistryDenied' });
    expect(asked).toEqual(expected);
    expect(events.filter(({ type }) => type === 'refresh-failed')).toHaveLength(expected.length);
  });
});

describe('signed snapshots', () => {
  test('an older one than an earlier runtime has seen is refused, and the registry asked', async () => {
    const key = await createLocalKey('k');
    const cacheFolder = mkdtempSync(join(folder, 'sequences-'));
    let sequence = 2;
    const make = () =>
      createDiscovery({
        stage: 'dev',
        cacheFolder,
        env: {},
        trustedHosts: ['*.example.com'],
        staleWhileRevalidateSeconds: 0,
        staleIfErrorSeconds: 0,
        freshSeconds: 0,
        snapshot: { url: 'https://c.example.com/{stage}.json', trustedKeys: [key] },
        registry: { url: 'https://r.example.com/graphql', apiKey: 'key' },
        async fetch(input) {
          if (String(input).includes('/graphql')) return new Response('', { status: 401 });
          const times = { issuedAt: Date.now(), expiresAt: Date.now() + 60_000 };
          const endpoints = [{ service: 'users', target: 'https://users.example.com' }];
          const document = { stage: 'dev', sequence, revision: `r${sequence}`, endpoints, ...times };
          return new Response((await sealSnapshot(document, createLocalSigner(key))) as Uint8Array<ArrayBuffer>);
        },
      });
    await make().prefetch();
    sequence = 1;
    await expect(make().resolve('users')).rejects.toMatchObject({ code: 'SignatureInvalid' });
  });
});

describe('what one discovery stores', () => {
  test('is of use to one that trusts other hosts: each reads what the source answered and applies its own list', async () => {
    const cacheFolder = mkdtempSync(join(folder, 'shared-'));
    const clock = fakeClock();
    const source = memorySource('registry');
    source.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
    source.register({ stage: 'dev', service: 'orders', target: 'https://orders.example.net' });
    const create = (trustedHost: string) =>
      createDiscovery({ source, stage: 'dev', trustedHosts: [trustedHost], cacheFolder, env: {}, now: clock.now });
    const first = create('*.example.com');
    await wrap(first, () => first.resolve('users'))({}, lambdaContext());
    source.failWith(new Error('down'));
    const second = create('*.example.net');
    await expect(second.resolve('orders')).resolves.toMatchObject({ origin: 'storage' });
    await expect(second.resolve('users')).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    await expect(create('*.example.com').resolve('users')).resolves.toMatchObject({ origin: 'storage' });
  });
});

describe('a snapshot baked into the package', () => {
  test('answers at once without a request, and is refreshed behind the answer', async () => {
    const clock = fakeClock();
    const key = await createLocalKey('k');
    const document = {
      stage: 'dev',
      sequence: 1,
      issuedAt: clock.now() - 3_600_000,
      expiresAt: clock.now() + 1e6,
      revision: 'baked',
      endpoints: [{ service: 'users', target: 'https://baked.example.com' }],
    };
    writeFileSync(join(folder, 'dev.json'), await sealSnapshot(document, createLocalSigner(key)));
    const snapshot = { url: 'https://c.example.com/{stage}', trustedKeys: [key] };
    const { discovery, source } = setUp({ bakedFile: join(folder, '{stage}.json'), snapshot, now: clock.now });
    await wrap(discovery, async () => {
      await expect(discovery.resolve('users')).resolves.toMatchObject({
        stale: true,
        ageSeconds: 3600,
        endpoint: { target: 'https://baked.example.com' },
      });
    })({}, lambdaContext());
    expect(source.requests).toHaveLength(1);
    await expect(discovery.resolve('users')).resolves.toMatchObject({
      stale: false,
      endpoint: { target: 'https://users.example.com' },
    });
  });
});

describe('an invocation', () => {
  test('any number of its calls may wait at once: Node warns of no leak', async () => {
    const { discovery } = setUp();
    const invocation = discovery.begin({}, lambdaContext());
    expect(getMaxListeners(invocation.signal)).toBe(Infinity);
    await invocation.end();
  });

  test('refreshes ahead of time, beside the handler', async () => {
    const clock = fakeClock();
    const { discovery, source } = setUp({ now: clock.now, freshSeconds: 100 });
    const handler = wrap(discovery, async () => (await discovery.resolve('users')).stale);
    await handler({}, lambdaContext());
    await clock.advance(79_000);
    await handler({}, lambdaContext());
    expect(source.requests).toHaveLength(1);
    await clock.advance(2_000);
    await expect(handler({}, lambdaContext())).resolves.toBe(false);
    expect(source.requests).toHaveLength(2);
  });

  test('a failing source is not asked in every invocation, and breaks none', async () => {
    const clock = fakeClock();
    const { discovery, source } = setUp({ now: clock.now, freshSeconds: 100 });
    const handler = wrap(discovery, async () => (await discovery.resolve('users')).endpoint.target);
    await handler({}, lambdaContext());
    source.failWith(new Error('down'));
    await clock.advance(200_000);
    for (let invocation = 0; invocation < 10; invocation++)
      await expect(handler({}, lambdaContext())).resolves.toBe('https://users.example.com');
    expect(source.requests).toHaveLength(2);
  });

  test('its end aborts what is still under way, and the next call starts anew', async () => {
    const { discovery, source } = setUp({ settleMs: 0 });
    const release = source.hold();
    const pending: Promise<unknown>[] = [];
    await wrap(
      discovery,
      async () => void pending.push(discovery.resolve('users').catch((error: Error) => error.name)),
    )({}, lambdaContext());
    await expect(pending[0]).resolves.toBe('AbortError');
    release();
    await expect(discovery.resolve('users')).resolves.toMatchObject({ endpoint: { service: 'users' } });
  });

  test('of two at a time the first to end leaves the other its request', async () => {
    const { discovery, source } = setUp({ settleMs: 0 });
    const release = source.hold();
    const handler = discovery.wrap(async (event: { waits: boolean }, ..._context: readonly unknown[]) =>
      event.waits ? (await discovery.resolve('users')).endpoint.service : 'done',
    );
    const waiting = handler({ waits: true }, lambdaContext());
    await expect(handler({ waits: false }, lambdaContext())).resolves.toBe('done');
    release();
    await expect(waiting).resolves.toBe('users');
  });

  test('gives what is at hand when its time is nearly over', async () => {
    const clock = fakeClock();
    const { discovery, source } = setUp({
      now: clock.now,
      freshSeconds: 1,
      staleWhileRevalidateSeconds: 0,
      deadlineMarginMs: 100,
    });
    await discovery.resolve('users');
    await clock.advance(5000);
    source.hold();
    await expect(wrap(discovery, () => discovery.resolve('users'))({}, lambdaContext(110))).resolves.toMatchObject({
      stale: true,
    });
  });

  test('passes its context, its arguments and the handler\u2019s error through, as a streaming handler too', async () => {
    const { discovery } = setUp();
    const stream = { write: () => true };
    await expect(
      discovery.wrap(async (...args: unknown[]) => args.length)({ a: 1 }, stream, lambdaContext()),
    ).resolves.toBe(3);
    await expect(wrap(discovery, () => Promise.reject(new Error('own')))({}, lambdaContext())).rejects.toThrow('own');
    await expect(wrap(discovery, () => 7)()).resolves.toBe(7);
  });

  test('prefetching never rejects and gives up in time', async () => {
    const { discovery, source } = setUp({ prefetchTimeoutMs: 10 });
    source.hold();
    await expect(discovery.prefetch()).resolves.toBeUndefined();
    source.failWith(new Error('down'));
    await expect(discovery.prefetch()).resolves.toBeUndefined();
  });
});

describe('telemetry', () => {
  const exporter = new InMemorySpanExporter();
  beforeAll(() => {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    propagation.setGlobalPropagator({
      inject: (_, carrier, setter) => setter.set(carrier, 'traceparent', 'from-sdk'),
      extract: (given) => given,
      fields: () => [],
    });
  });
  afterEach(() => exporter.reset());
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });

  test('a call is a span, and a load of a source is one', async () => {
    const { discovery } = setUp();
    await discovery.resolve('users');
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name).sort()).toEqual(['refresh', 'resolve']);
    const resolve = spans.find(({ name }) => name === 'resolve');
    expect(resolve?.attributes).toMatchObject({
      'discovery.service': 'users',
      'discovery.stage': 'dev',
      'discovery.origin': 'registry',
      'discovery.stale': false,
    });
  });

  test('a failed one carries its error', async () => {
    const { discovery } = setUp();
    await expect(discovery.resolve('nobody')).rejects.toMatchObject({ code: 'ServiceNotFound' });
    const failed = exporter.getFinishedSpans().find(({ name }) => name === 'resolve');
    expect(failed?.status.code).toBe(2);
    expect(failed?.events.map(({ name }) => name)).toEqual(['exception']);
  });

  test('the active span\u2019s trace goes on to the service, before the one that was received', async () => {
    const headers: Headers[] = [];
    const { discovery } = setUp({
      fetch: async (_, init) => {
        headers.push(new Headers(init?.headers));
        return new Response('');
      },
    });
    await wrap(discovery, () => discovery.fetchService('users', '/'))(
      { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } },
      lambdaContext(),
    );
    expect(headers[0]?.get('traceparent')).toBe('from-sdk');
  });
});

describe('metrics', () => {
  test('are one line of embedded metric format per invocation, and none when nothing happened', async () => {
    const lines: string[] = [];
    const clock = fakeClock();
    const metrics = createMetrics({
      namespace: 'Shop',
      service: 'orders',
      write: (line) => lines.push(line),
      now: clock.now,
      env: {},
    });
    const { discovery, source } = setUp({ metrics, now: clock.now, freshSeconds: 10 });
    const handler = wrap(
      discovery,
      async () => void (await Promise.all([discovery.resolve('users'), discovery.resolve('users')])),
    );
    await handler({}, lambdaContext());
    await wrap(discovery, () => undefined)({}, lambdaContext());
    source.failWith(new Error('down'));
    await clock.advance(20_000);
    await handler({}, lambdaContext());
    expect(lines).toHaveLength(2);
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ service: 'orders', Hits: 2, Refreshes: 1, Age: [0, 0], RefreshDuration: [0] });
    expect(second).toMatchObject({ Hits: 2, StaleServed: 2, RefreshFailures: 1, Age: [20, 20] });
    expect(first?._aws).toEqual({
      Timestamp: clock.now() - 20_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Shop',
          Dimensions: [['service']],
          Metrics: [
            { Name: 'Refreshes', Unit: 'Count' },
            { Name: 'Hits', Unit: 'Count' },
            { Name: 'RefreshDuration', Unit: 'Seconds' },
            { Name: 'Age', Unit: 'Seconds' },
          ],
        },
      ],
    });
  });

  test('take names from Powertools\u2019 variables and can be switched off by one', () => {
    const lines: string[] = [];
    const env = { POWERTOOLS_METRICS_NAMESPACE: 'Shop', POWERTOOLS_SERVICE_NAME: 'orders' };
    const count = (more: object) => {
      const metrics = createMetrics({ env: { ...env, ...more }, write: (line) => lines.push(line) });
      for (let hit = 0; hit < 150; hit++)
        metrics.report({
          type: 'hit',
          stage: 'dev',
          service: 'x',
          target: 'https://x.example.com',
          origin: 'memory',
          stale: false,
          ageSeconds: 1,
        });
      metrics.flush();
    };
    count({});
    count({ POWERTOOLS_METRICS_DISABLED: 'true' });
    expect(lines).toHaveLength(1);
    const { Hits, Age, service } = JSON.parse(lines[0] as string) as { Hits: number; Age: number[]; service: string };
    expect([Hits, Age.length, service]).toEqual([150, 100, 'orders']);
  });
});
