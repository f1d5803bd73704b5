import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { context, propagation, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createDiscovery } from '../src/index.ts';
import { memoryStorage, startEnvironment, type Environment } from './start-environment.ts';

let environment: Environment;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  environment = await startEnvironment();
  await environment.register('users', 'https://users.example.com');
});
afterEach(() => {
  exporter.reset();
  trace.disable();
});
afterAll(async () => {
  context.disable();
  propagation.disable();
  await environment.stop();
});

const create = () =>
  createDiscovery({
    ...environment.outputs.custom.discovery,
    trustedHosts: ['*.example.com'],
    storage: memoryStorage(),
  });

test('a call by name is a span and a load of the source is one, as in Lambda', async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  await create().resolve('users');
  const spans = exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes] as const);
  expect(Object.fromEntries(spans)).toEqual({
    refresh: {
      'discovery.stage': 'Production',
      'discovery.source': 'registry',
      'discovery.revision': expect.any(String),
      'discovery.unchanged': false,
    },
    resolve: {
      'discovery.service': 'users',
      'discovery.stage': 'Production',
      'discovery.origin': 'registry',
      'discovery.stale': false,
      'discovery.age_seconds': expect.any(Number),
    },
  });
});

test('an error of a call is its span\u2019s, and reaches the caller as it is', async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  await expect(create().resolve('nobody')).rejects.toMatchObject({ code: 'ServiceNotFound' });
  const failed = exporter.getFinishedSpans().find(({ name }) => name === 'resolve');
  expect(failed?.status.code).toBe(2);
});

test('without an SDK there is no span, and an SDK that is registered later is used from then on', async () => {
  const discovery = create();
  await discovery.resolve('users');
  expect(exporter.getFinishedSpans()).toEqual([]);
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  await discovery.resolve('users');
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['resolve']);
});
