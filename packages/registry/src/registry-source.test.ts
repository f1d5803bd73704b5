import { describe, expect, test } from '@jest/globals';
import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { failingTransport, fakeClock, type TransportFault } from '@amplify-discovery/test-rig';
import fc from 'fast-check';
import type { GraphqlResponse, GraphqlTransport } from './graphql-transport.ts';
import { registrySource } from './registry-source.ts';

const ok = (snapshot: unknown): GraphqlResponse => ({ status: 200, body: { data: { snapshot } } });
const page = (more: object = {}) =>
  ok({ revision: '1.2', unchanged: false, endpoints: [{ service: 'users' }], nextToken: null, ...more });
const refused = (status: number, errorType: string, retryAfter: string | null = null): GraphqlResponse => ({
  status,
  body: { errors: [{ errorType, message: `it says ${errorType}` }] },
  retryAfter,
});

function setUp(...faults: TransportFault[]) {
  const clock = fakeClock();
  const fake = failingTransport(() => Promise.resolve(page()));
  fake.failNext(...faults);
  const source = registrySource({ transport: fake.transport, sleep: clock.sleep, random: () => 0.5 });
  const load = (more: { knownRevision?: string; services?: string[]; signal?: AbortSignal } = {}) =>
    source.load({ stage: 'dev', signal: new AbortController().signal, ...more });
  return { clock, load, ...fake };
}

describe('pages', () => {
  test('are followed to the end, and the revision is the last one\u2019s', async () => {
    const { load, requests } = setUp(
      page({ revision: null, endpoints: [1, 2], nextToken: 'two' }),
      page({ revision: null, endpoints: [], nextToken: 'three' }),
      page({ revision: '7.8', endpoints: [3] }),
    );
    expect(await load({ services: ['users'], knownRevision: '0.0' })).toEqual({
      revision: '7.8',
      endpoints: [1, 2, 3],
    });
    expect(requests.map(({ variables }) => variables)).toEqual(
      [undefined, 'two', 'three'].map((n) => ({ s: 'dev', v: ['users'], k: '0.0', n })),
    );
  });

  test('of which the last is unchanged give no endpoints', async () => {
    const { load } = setUp(page({ revision: null, nextToken: 'two' }), page({ unchanged: true, endpoints: [] }));
    expect(await load({ knownRevision: '1.2' })).toEqual({ unchanged: true, revision: '1.2' });
  });

  test('that repeat their token end with RegistryUnavailable', async () => {
    const { load, failAlways, requests } = setUp();
    failAlways(page({ revision: null, nextToken: 'again' }));
    await expect(load()).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    expect(requests).toHaveLength(2);
  });

  test('that never end are given up', async () => {
    let number = 0;
    const transport: GraphqlTransport = async () =>
      page({ revision: null, endpoints: [], nextToken: `page-${++number}` });
    const loading = registrySource({ transport }).load({ stage: 'dev', signal: new AbortController().signal });
    await expect(loading).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    expect(number).toBeLessThan(1001);
  });
});

describe('a request that fails', () => {
  test.each<[string, TransportFault]>([
    ['with 429', refused(429, 'ThrottlingException')],
    ['with 500', refused(500, 'InternalFailure')],
    ['with 503 and no JSON', { status: 503, body: undefined }],
    ['without an answer', new TypeError('fetch failed')],
    ['because DynamoDB throttles', refused(200, 'DynamoDB:ProvisionedThroughputExceededException')],
  ])('%s is repeated once, after half of the longest pause when the dice say half', async (_, fault) => {
    const { clock, load, requests } = setUp(fault);
    const loading = load();
    await clock.advance(249);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(await loading).toEqual({ revision: '1.2', endpoints: [{ service: 'users' }] });
    expect(requests).toHaveLength(2);
  });

  test('twice is RegistryUnavailable with what the registry said, and is not asked a third time', async () => {
    const { clock, load, requests } = setUp(refused(503, 'First'), refused(503, 'Second'));
    const outcome = expect(load()).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      stage: 'dev',
      message: 'Snapshot of "dev" from registry: it says Second',
    });
    await clock.advance(500);
    await outcome;
    expect(requests).toHaveLength(2);
  });

  test('without an answer keeps its cause', async () => {
    const cause = new TypeError('fetch failed');
    const { clock, load } = setUp(cause, cause);
    const outcome = expect(load()).rejects.toMatchObject({ code: 'RegistryUnavailable', cause });
    await clock.advance(500);
    await outcome;
  });

  test('is repeated when Retry-After says so', async () => {
    const { clock, load, requests } = setUp(refused(429, 'ThrottlingException', '2'));
    const loading = load();
    await clock.advance(1999);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    await expect(loading).resolves.toMatchObject({ revision: '1.2' });
  });

  test.each<[string, GraphqlResponse]>([
    ['401', refused(401, 'UnauthorizedException')],
    ['403', { status: 403, body: undefined }],
    ['an Unauthorized error', refused(200, 'Unauthorized')],
  ])('with %s is RegistryDenied, at once', async (_, answer) => {
    const { load, requests } = setUp(answer);
    await expect(load()).rejects.toMatchObject({ code: 'RegistryDenied', retryable: false });
    expect(requests).toHaveLength(1);
  });

  test.each<[string, GraphqlResponse]>([
    ['400', refused(400, 'MalformedHttpRequestException')],
    ['404', { status: 404, body: '<html>' }],
    ['a GraphQL error', refused(200, 'InvalidOptions')],
    ['no body', { status: 200, body: undefined }],
    ['a body that is null', { status: 200, body: null }],
    ['no data', { status: 200, body: {} }],
    ['a null snapshot', ok(null)],
    ['endpoints that are no list', page({ endpoints: 'x' })],
    ['no revision', page({ revision: null })],
    ['a revision that is no text', page({ revision: 5 })],
    ['unchanged for another revision', page({ unchanged: true, revision: '9.9' })],
  ])('with %s is RegistryUnavailable, and not repeated', async (_, answer) => {
    const { load, requests } = setUp(answer);
    await expect(load({ knownRevision: '1.2' })).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    expect(requests).toHaveLength(1);
  });

  test('with a DiscoveryError of the transport rejects with that', async () => {
    const error = new DiscoveryError('CredentialsMissing', 'nobody is signed in');
    const { load, requests } = setUp(error);
    await expect(load()).rejects.toBe(error);
    expect(requests).toHaveLength(1);
  });
});

test('whatever the registry answers, a load ends in an answer or in a DiscoveryError', async () => {
  const answers = fc.record({
    status: fc.constantFrom(200, 200, 200, 401, 404, 500),
    body: fc.oneof(
      fc.anything(),
      fc.record({
        data: fc.record({
          snapshot: fc.record(
            {
              revision: fc.anything(),
              unchanged: fc.anything(),
              endpoints: fc.oneof(fc.array(fc.anything()), fc.anything()),
              nextToken: fc.oneof(fc.constant(null), fc.anything()),
            },
            { requiredKeys: [] },
          ),
        }),
      }),
      fc.record({ errors: fc.oneof(fc.array(fc.anything()), fc.anything()) }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const clock = {
        sleep: (milliseconds: number) => (milliseconds === 5000 ? new Promise<void>(() => {}) : Promise.resolve()),
      };
      const source = registrySource({
        transport: async () => JSON.parse(JSON.stringify(answer)) as GraphqlResponse,
        ...clock,
      });
      const outcome = await source
        .load({ stage: 'dev', signal: new AbortController().signal })
        .catch((error: unknown) => error);
      if (!isDiscoveryError(outcome)) {
        expect(typeof (outcome as { revision: unknown }).revision).toBe('string');
        expect(Array.isArray((outcome as { endpoints: unknown }).endpoints)).toBe(true);
      }
    }),
  );
});

describe('a load', () => {
  test('that gets no answer within the bound is RegistryUnavailable, and stops the request', async () => {
    const { clock, load, requests } = setUp('hang');
    const outcome = expect(load()).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('5000 ms'),
    });
    await clock.advance(5000);
    await outcome;
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test('is bounded as a whole, not page by page, also when the transport ignores the signal', async () => {
    const clock = fakeClock();
    let number = 0;
    const transport: GraphqlTransport = async () => {
      await clock.sleep(1000);
      return page({ revision: null, nextToken: `page-${++number}` });
    };
    const loading = registrySource({ transport, sleep: clock.sleep }).load({
      stage: 'dev',
      signal: new AbortController().signal,
    });
    const outcome = expect(loading).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    await clock.advance(5000);
    await outcome;
  });

  test('that is aborted while it waits to repeat rejects with the reason and does not repeat', async () => {
    const { clock, load, requests } = setUp(refused(503, 'Down'));
    const controller = new AbortController();
    const reason = new Error('left the page');
    const outcome = expect(load({ signal: controller.signal })).rejects.toBe(reason);
    await clock.advance(1);
    controller.abort(reason);
    await outcome;
    await clock.advance(10_000);
    expect(requests).toHaveLength(1);
  });

  test('leaves nothing behind: no timer, no listener that aborts later requests', async () => {
    const { clock, load, requests } = setUp();
    const controller = new AbortController();
    await load({ signal: controller.signal });
    expect(clock.sleeping()).toEqual([]);
    expect(requests[0]?.signal.aborted).toBe(true);
  });
});
