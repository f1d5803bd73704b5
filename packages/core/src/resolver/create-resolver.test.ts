import { describe, expect, jest, test } from '@jest/globals';
import { memoryStorage } from '../../test/memory-storage.ts';
import { flush, scriptedSource, type OpenRequest } from '../../test/scripted-source.ts';
import { createResolver, type ResolverOptions } from './create-resolver.ts';
import { DiscoveryError } from '../discovery-error.ts';
import type { DiscoveryEvent } from './discovery-event.ts';
import { explainMiss } from './explain-miss.ts';
import { versionRange } from '../selection/version-range.ts';

const start = Date.UTC(2026, 0, 1);
const down = new DiscoveryError('RegistryUnavailable', 'down');

function endpoint(service: string, fields: object = {}) {
  return { service, target: `https://${service}.example.com`, ...fields };
}

function fail(): never {
  throw new Error('Failed to fetch dynamically imported module');
}

/** `services` by stage; a stage that is not there fails, one that is undefined never answers. */
function setUp(stages: Record<string, unknown[] | undefined>, options: Partial<ResolverOptions> = {}) {
  const events: DiscoveryEvent[] = [];
  const clock = { now: start };
  const reply = (request: OpenRequest) => {
    if (!(request.stage in stages)) void request.fail(down);
    const endpoints = stages[request.stage];
    if (endpoints) void request.answer({ revision: `${request.stage}-${JSON.stringify(endpoints)}`, endpoints });
  };
  const source = scriptedSource(reply);
  const resolver = createResolver({
    source,
    stage: Object.keys(stages),
    trustedHosts: ['*.example.com'],
    report: (event) => events.push(event),
    now: () => clock.now,
    ...options,
  });
  return {
    resolver,
    source,
    events,
    stages,
    advance(seconds: number) {
      clock.now += seconds * 1000;
    },
  };
}

describe('createResolver', () => {
  test.each<[string, Partial<ResolverOptions>]>([
    ['no stage', { stage: [] }],
    ['an empty stage', { stage: '' }],
    ['a stage with a slash', { stage: ['dev', 'a/b'] }],
    ['a stage that is missing', { stage: undefined as never }],
    ['a stage list with a hole', { stage: ['dev', undefined as never] }],
    ['a service with a space', { services: ['users', 'my service'] }],
    ['a bad host pattern', { trustedHosts: ['https://a.com'] }],
    ['a bad region', { region: 'x y' }],
  ])('refuses %s', (_, options) => {
    expect(() => setUp({ dev: [] }, options)).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  });

  test('asks nothing before the first call', async () => {
    const { source } = setUp({ dev: [] });
    await flush();
    expect(source.requests).toHaveLength(0);
  });

  test('uses the real clock unless it is given one', async () => {
    const source = scriptedSource((request) => void request.answer({ revision: 'r1', endpoints: [endpoint('users')] }));
    const before = Date.now();
    const { entry } = await createResolver({ source, stage: 'dev', trustedHosts: ['*.example.com'] }).resolve('users');
    expect(entry.loadedAt).toBeGreaterThanOrEqual(before);
    expect(entry.loadedAt).toBeLessThanOrEqual(Date.now());
  });
});

describe('resolve', () => {
  test('gives the endpoint with its revision, its age and where it came from', async () => {
    const { resolver, advance } = setUp({ dev: [endpoint('users')] }, { stage: 'dev', freshSeconds: 60 });
    const revision = expect.stringMatching(/^dev/);
    expect(await resolver.resolve('users')).toMatchObject({
      endpoint: { stage: 'dev', service: 'users', target: 'https://users.example.com' },
      revision,
      ageSeconds: 0,
      stale: false,
      origin: 'script',
    });
    advance(59);
    expect(await resolver.resolve('users')).toMatchObject({ ageSeconds: 59, stale: false, origin: 'memory' });
    advance(2);
    expect(await resolver.resolve('users')).toMatchObject({ ageSeconds: 61, stale: true, origin: 'memory' });
  });

  test('selects by criteria', async () => {
    const { resolver } = setUp({
      dev: [endpoint('users', { id: 'a', version: '1.0.0' }), endpoint('users', { id: 'b', version: '1.5.0' })],
    });
    expect((await resolver.resolve('users', { version: versionRange('^1') })).endpoint.id).toBe('b');
    expect((await resolver.resolve('users', { version: versionRange('~1.0') })).endpoint.id).toBe('a');
  });

  test('asks once for 1,000 callers of a cold stage', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `service-${index}`);
    const { resolver, source } = setUp({ dev: names.map((name) => endpoint(name)) });
    const calls = Array.from({ length: 1000 }, (_, index) => resolver.resolve(names[index % 100] as string));
    expect((await Promise.all(calls)).map(({ endpoint: { service } }) => service).slice(0, 100)).toEqual(names);
    expect(source.requests).toHaveLength(1);
  });

  test('asks for the wanted services only', async () => {
    const { resolver, source } = setUp({ dev: [endpoint('users')] }, { services: ['users'] });
    await resolver.resolve('users');
    expect(source.last.services).toEqual(['users']);
  });

  test('reports a miss once and says what was asked of which stages', async () => {
    const { resolver, events } = setUp({ 'pr-1': [], dev: [endpoint('users')] });
    await expect(resolver.resolve('orders')).rejects.toMatchObject({
      code: 'ServiceNotFound',
      service: 'orders',
      stage: 'pr-1, dev',
      message: 'No endpoint of "orders" in "pr-1", "dev"',
    });
    expect(events.filter(({ type }) => type === 'miss')).toEqual([
      { type: 'miss', stage: 'pr-1, dev', service: 'orders' },
    ]);
  });

  test('says what there is instead', async () => {
    const { resolver } = setUp({ dev: [endpoint('users', { version: '1.4.2' })] }, { explainMiss });
    await expect(resolver.resolve('users', { version: versionRange('^2') })).rejects.toMatchObject({
      code: 'ServiceNotFound',
      message: 'No endpoint of "users" in "dev" has a version in ^2: there are 1.4.2',
    });
    await expect(resolver.resolve('user')).rejects.toThrow('perhaps users is meant');
    await expect(resolver.resolve('users', { version: '^1' as never })).rejects.toThrow('write versionRange("^1")');
    await expect(setUp({ dev: [] }, { explainMiss }).resolver.resolve('users')).rejects.toThrow(
      'nothing at all is registered there',
    );
  });

  test.each<[string, ResolverOptions['explainMiss']]>([
    ['throws', () => fail()],
    ['rejects, as code that can’t be loaded offline', async () => fail()],
    ['never ends', () => new Promise(() => {})],
    ['is not asked for', undefined],
  ])('says that there is none where an explanation %s', async (_, explain) => {
    jest.useFakeTimers();
    try {
      const { resolver } = setUp({ dev: [], test: [] }, { explainMiss: explain });
      const outcome = resolver.resolve('users').catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1000);
      expect(await outcome).toMatchObject({
        code: 'ServiceNotFound',
        message: 'No endpoint of "users" in "dev", "test"',
        service: 'users',
        stage: 'dev, test',
        recoverySuggestion: expect.stringContaining('Check the name'),
      });
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    ['UntrustedEndpoint', { target: 'https://users.evil.com' }],
    ['InvalidRecord', { weight: -1 }],
  ])('says %s when that is why a service can not be served', async (code, fields) => {
    const { resolver } = setUp({
      dev: [endpoint('users', fields), endpoint('orders', { target: 'https://other.evil.com' })],
    });
    await expect(resolver.resolve('users')).rejects.toMatchObject({ code, service: 'users' });
    await expect(resolver.resolve('nobody')).rejects.toMatchObject({ code: 'ServiceNotFound' });
  });

  test('looks again for an unknown service once per recheckSeconds, and finds it when it has come', async () => {
    const { resolver, source, stages, advance } = setUp({ dev: [endpoint('users')] });
    await resolver.resolve('users');
    for (let call = 0; call < 20; call += 1)
      await expect(resolver.resolve('orders')).rejects.toMatchObject({ code: 'ServiceNotFound' });
    expect(source.requests).toHaveLength(1);
    advance(5);
    await expect(Promise.allSettled([resolver.resolve('orders'), resolver.resolve('nobody')])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    expect(source.requests).toHaveLength(2);
    advance(5);
    stages.dev = [endpoint('orders')];
    expect(await resolver.resolve('orders')).toMatchObject({ origin: 'script', ageSeconds: 0 });
    expect(source.requests).toHaveLength(3);
  });

  test('ignores an endpoint that has expired since it was loaded', async () => {
    const { resolver, advance } = setUp({ dev: [endpoint('users', { expiresAt: start + 1000 })] });
    await resolver.resolve('users');
    advance(1);
    await expect(resolver.resolve('users')).rejects.toMatchObject({ code: 'ServiceNotFound' });
  });

  test('is not disturbed by a listener that throws', async () => {
    const { resolver } = setUp(
      { dev: [endpoint('users')] },
      {
        report() {
          throw new Error('listener');
        },
      },
    );
    await expect(resolver.resolve('users')).resolves.toMatchObject({ endpoint: { service: 'users' } });
  });

  test('reports refresh, then hit', async () => {
    const { resolver, events } = setUp({ dev: [endpoint('users')] });
    await resolver.resolve('users');
    await resolver.resolve('users');
    const hit = {
      type: 'hit',
      stage: 'dev',
      service: 'users',
      target: 'https://users.example.com',
      stale: false,
      ageSeconds: 0,
    };
    expect(events).toMatchObject([{ type: 'refresh' }, { ...hit, origin: 'script' }, { ...hit, origin: 'memory' }]);
  });
});

describe('several stages', () => {
  test('are searched in order, service by service: the first that has it wins', async () => {
    const { resolver } = setUp({
      'pr-1': [endpoint('users', { id: 'preview' })],
      dev: [endpoint('users'), endpoint('orders')],
    });
    expect((await resolver.resolve('users')).endpoint).toMatchObject({ stage: 'pr-1', id: 'preview' });
    expect((await resolver.resolve('orders')).endpoint).toMatchObject({ stage: 'dev' });
    expect(resolver.find('orders')).toMatchObject({ stage: 'dev' });
  });

  test('that are named twice are asked once', async () => {
    const { resolver, source } = setUp({ dev: [endpoint('users')] }, { stage: ['dev', 'dev'] });
    await resolver.resolve('users');
    expect(source.requests).toHaveLength(1);
    expect(resolver.inspect()).toHaveLength(1);
  });

  test('are asked at the same time, once each', async () => {
    const { resolver, source } = setUp({ 'pr-1': undefined, dev: undefined });
    const calls = Promise.allSettled([resolver.resolve('users'), resolver.resolve('orders')]);
    await flush();
    expect(source.requests.map(({ stage }) => stage)).toEqual(['pr-1', 'dev']);
    resolver.abort('the end');
    await calls;
  });

  test.each<[what: string, stages: Record<string, unknown[] | undefined>, stage: string[]]>([
    ['fails', { 'pr-1': [endpoint('users')] }, ['pr-1', 'dev']],
    ['never answers', { 'pr-1': [endpoint('users')], dev: undefined }, ['pr-1', 'dev']],
  ])('after the one that has the service break no call, also when the source %s there', async (_, stages, stage) => {
    const { resolver } = setUp(stages, { stage });
    expect((await resolver.resolve('users')).endpoint.stage).toBe('pr-1');
  });

  test('fail while the first can’t be loaded, rather than serve the wrong environment', async () => {
    const { resolver } = setUp({ dev: [endpoint('users')] }, { stage: ['pr-1', 'dev'] });
    await expect(resolver.resolve('users')).rejects.toBe(down);
    expect(resolver.find('users')).toBeUndefined();
  });

  test('are rechecked, adopted and inspected by name', async () => {
    const { resolver, source, advance } = setUp({ 'pr-1': [], dev: [endpoint('users')] });
    const resolution = await resolver.resolve('users');
    advance(5);
    await resolver.recheck(resolution);
    expect(source.requests.map(({ stage }) => stage)).toEqual(['pr-1', 'dev', 'dev']);
    resolver.adopt('nobody', {});
    resolver.adopt('pr-1', { revision: 'r9', endpoints: [endpoint('users')], loadedAt: start + 5000 });
    expect(resolver.inspect()).toMatchObject([
      {
        stage: 'pr-1',
        revision: 'r9',
        ageSeconds: 0,
        freshness: 'fresh',
        origin: 'storage',
        endpoints: [{ service: 'users' }],
        rejected: [],
      },
      { stage: 'dev', origin: 'script', endpoints: [{ service: 'users' }] },
    ]);
  });
});

describe('a caller that aborts', () => {
  test('rejects with its reason at once, and affects no other caller', async () => {
    const { resolver, source } = setUp({ dev: undefined });
    const controller = new AbortController();
    const aborted = resolver.resolve('users', {}, { signal: controller.signal });
    const other = resolver.resolve('users');
    await flush();
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    expect(source.last.signal.aborted).toBe(false);
    await source.last.answer({ revision: 'r1', endpoints: [endpoint('users')] });
    expect((await other).endpoint.service).toBe('users');
    expect(source.requests).toHaveLength(1);
  });

  test('also while an unknown service is looked for again', async () => {
    const { resolver, source, stages, advance } = setUp({ dev: [] });
    await resolver.prefetch();
    advance(10);
    stages.dev = undefined;
    const controller = new AbortController();
    const call = resolver.resolve('users', {}, { signal: controller.signal });
    await flush();
    expect(source.requests).toHaveLength(2);
    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
  });
});

describe('the other methods', () => {
  test('prefetch loads what is missing and leaves a stale snapshot alone', async () => {
    const { resolver, source, advance } = setUp({ 'pr-1': [], dev: [endpoint('users')] }, { freshSeconds: 1 });
    await resolver.prefetch();
    advance(10);
    await resolver.prefetch();
    await flush();
    expect(source.requests).toHaveLength(2);
    await expect(setUp({}, { stage: 'dev' }).resolver.prefetch()).rejects.toBe(down);
  });

  test('find answers from memory alone', async () => {
    const { resolver, source } = setUp({ dev: [endpoint('users')] });
    expect(resolver.find('users')).toBeUndefined();
    await flush();
    expect(source.requests).toHaveLength(0);
    await resolver.prefetch();
    expect(resolver.find('users')).toMatchObject({ service: 'users' });
    expect(resolver.find('users', { id: 'other' })).toBeUndefined();
  });

  test('findFresh answers at once as resolve would, and reports the hit', async () => {
    const { resolver, source, events, advance } = setUp({
      dev: [endpoint('users')],
      main: [endpoint('orders', { version: '2.0.0' }), endpoint('orders', { id: 'old', version: '1.0.0' })],
    });
    expect(resolver.findFresh('users')).toBeUndefined();
    await resolver.prefetch();
    advance(10);
    const criteria = { version: versionRange('1') };
    for (const [service, asked] of [['users'], ['orders', criteria]] as const) {
      events.length = 0;
      const found = resolver.findFresh(service, asked);
      expect(events).toEqual([expect.objectContaining({ type: 'hit', service, origin: 'memory', ageSeconds: 10 })]);
      expect(found).toEqual(await resolver.resolve(service, asked));
    }
    expect(source.requests).toHaveLength(2);
  });

  test('findFresh gives nothing where resolve would wait: an unknown name, a stage that is stale or not there', async () => {
    const { resolver, source, events, advance, stages } = setUp({
      dev: [endpoint('users')],
      main: [endpoint('orders')],
    });
    stages.main = undefined;
    const loading = resolver.prefetch();
    await flush();
    expect(resolver.findFresh('users')).toBeDefined();
    events.length = 0;
    expect([resolver.findFresh('orders'), resolver.findFresh('nobody')]).toEqual([undefined, undefined]);
    advance(300);
    expect(resolver.findFresh('users')).toBeUndefined();
    expect([events, source.requests.length]).toEqual([[], 2]);
    resolver.abort('the end');
    await expect(loading).rejects.toBe('the end');
  });

  test('refresh asks every stage now and rejects when one fails', async () => {
    const { resolver, source, stages } = setUp({ 'pr-1': [], dev: [] });
    await resolver.prefetch();
    await resolver.refresh();
    expect(source.requests).toHaveLength(4);
    delete stages.dev;
    await expect(resolver.refresh()).rejects.toBe(down);
  });

  test('inspect shows a stage without a snapshot, and why records were left out', async () => {
    const { resolver } = setUp({ dev: [endpoint('users', { target: 'https://evil.com' })] });
    expect(resolver.inspect()).toEqual([{ stage: 'dev' }]);
    await resolver.prefetch();
    expect(resolver.inspect()).toMatchObject([
      { stage: 'dev', endpoints: [], rejected: [{ code: 'UntrustedEndpoint' }] },
    ]);
  });

  test('findTrust is the rule of the options', () => {
    const { findTrust } = setUp({ dev: [] }).resolver;
    expect([findTrust('https://a.example.com/x'), findTrust('https://a.evil.com/x')]).toEqual(['listed', undefined]);
  });

  test('settle waits for refreshes behind the callers and for storage', async () => {
    const storage = memoryStorage();
    const { resolver, stages, advance } = setUp({ dev: [] }, { storage, freshSeconds: 1 });
    await resolver.prefetch();
    advance(10);
    stages.dev = [endpoint('users')];
    await resolver.resolve('users').catch(() => {});
    await resolver.settle();
    expect(storage.kept.get('dev')).toMatchObject({ endpoints: [{ service: 'users' }], loadedAt: start + 10_000 });
  });

  test('abort ends the requests of all stages with the reason', async () => {
    const { resolver, source } = setUp({ 'pr-1': undefined, dev: undefined });
    const call = resolver.resolve('users');
    await flush();
    resolver.abort('closing');
    await expect(call).rejects.toBe('closing');
    expect(source.requests.map(({ signal }) => signal.reason)).toEqual(['closing', 'closing']);
  });
});

describe('an endpoint that a caller found unreachable', () => {
  const two = [
    endpoint('users', { region: 'eu-west-1' }),
    endpoint('users', { id: 'other', target: 'https://other.example.com', region: 'us-east-1', priority: 1 }),
  ];

  test('is left out for recheckSeconds, then tried again, then left out for longer', async () => {
    const { resolver, advance } = setUp({ dev: two });
    const idNow = async () => (await resolver.resolve('users')).endpoint.id;
    await resolver.recheck(await resolver.resolve('users'));
    expect(await idNow()).toBe('other');
    expect(resolver.find('users')?.id).toBe('other');
    advance(5);
    expect(await idNow()).toBe('default');
    await resolver.recheck(await resolver.resolve('users'));
    advance(9.9);
    expect(await idNow()).toBe('other');
    advance(0.1);
    expect(await idNow()).toBe('default');
  });

  test('does not keep its caller waiting for the registry when another endpoint is at hand', async () => {
    const { resolver, source, stages, advance } = setUp({ dev: two });
    const resolution = await resolver.resolve('users');
    advance(10);
    // From now on it never answers.
    stages['dev'] = undefined;
    await resolver.recheck(resolution);
    await flush();
    expect(source.requests).toHaveLength(2);
    expect((await resolver.resolve('users')).endpoint.id).toBe('other');
    resolver.abort(new Error('over'));
  });

  test('is left out for nobody when something has answered there', async () => {
    const { resolver, source, stages, advance } = setUp({ dev: two });
    const resolution = await resolver.resolve('users');
    advance(10);
    await resolver.recheck(resolution, { hasAnswered: true });
    expect(source.requests).toHaveLength(2);
    expect((await resolver.resolve('users')).endpoint.id).toBe('default');
    stages['dev'] = [{ ...two[0], target: 'https://moved.example.com' }, two[1]];
    advance(10);
    await resolver.recheck(await resolver.resolve('users'), { hasAnswered: true });
    expect((await resolver.resolve('users')).endpoint.target).toBe('https://moved.example.com');
  });

  test('is looked up again first when it is the only one', async () => {
    const { resolver, stages, advance } = setUp({ dev: [endpoint('users')] });
    const resolution = await resolver.resolve('users');
    advance(10);
    stages['dev'] = [endpoint('users', { target: 'https://moved.example.com' })];
    await resolver.recheck(resolution);
    expect((await resolver.resolve('users')).endpoint.target).toBe('https://moved.example.com');
  });

  test('is what the criteria of its call say: another one that they leave out does not take over', async () => {
    const { resolver } = setUp({ dev: two });
    await resolver.recheck(await resolver.resolve('users', { id: 'default' }));
    expect((await resolver.resolve('users', { id: 'default' })).endpoint.id).toBe('default');
  });

  test('has moved when its target is another one: that is called at once', async () => {
    const { resolver, stages } = setUp({ dev: two });
    await resolver.recheck(await resolver.resolve('users'));
    stages['dev'] = [{ ...two[0], target: 'https://moved.example.com' }, two[1]];
    await resolver.refresh();
    expect((await resolver.resolve('users')).endpoint.target).toBe('https://moved.example.com');
  });
});

test('a reader that prefers regions gets their endpoints first', async () => {
  const endpoints = [
    endpoint('users', { region: 'eu-west-1' }),
    endpoint('users', { id: 'us', target: 'https://us.example.com', region: 'us-east-1', priority: 1 }),
  ];
  const { resolver } = setUp({ dev: endpoints }, { prefer: ['us-east-1', 'eu-west-1'] });
  const resolution = await resolver.resolve('users');
  expect(resolution.endpoint.id).toBe('us');
  await resolver.recheck(resolution);
  expect((await resolver.resolve('users')).endpoint.id).toBe('default');
});

describe('a call whose endpoint does not answer', () => {
  const two = [endpoint('users'), endpoint('users', { id: 'other', target: 'https://other.example.com', priority: 1 })];
  const never = () => new Promise<never>(() => {});
  const setUpSilence = async (checkSilence: ResolverOptions['checkSilence'], records: unknown[] = two) => {
    const { resolver } = setUp({ dev: records }, { checkSilence, connectSeconds: 0.002 });
    return { resolver, resolution: await resolver.resolve('users') };
  };

  test('fails when its host is silent', async () => {
    const asked: unknown[] = [];
    const { resolver, resolution } = await setUpSilence(async (...call) => {
      asked.push(...call.slice(0, 2));
      throw new Error('silent');
    });
    await expect(resolver.awaitAnswer(resolution, never())).rejects.toThrow('silent');
    expect(asked).toEqual(['https://users.example.com', 1]);
  });

  test('is waited for when its host is slow', async () => {
    let answer: (text: string) => void = () => {};
    const { resolver, resolution } = await setUpSilence(async () => answer('late'));
    const outcome = new Promise<string>((resolve) => (answer = resolve));
    expect(await resolver.awaitAnswer(resolution, outcome)).toBe('late');
  });

  test('is waited for, and nothing is asked, when there is no other endpoint or nothing that could ask', async () => {
    const refuse = () => Promise.reject(new Error('asked'));
    for (const [checkSilence, records] of [
      [refuse, [endpoint('users')]],
      [undefined, two],
    ] as const) {
      const { resolver, resolution } = await setUpSilence(checkSilence, [...records]);
      const outcome = never();
      expect(resolver.awaitAnswer(resolution, outcome)).toBe(outcome);
    }
  });

  test('is waited for without end where connectSeconds are', async () => {
    jest.useFakeTimers();
    try {
      let asked = 0;
      const checkSilence = async () => void asked++;
      const { resolver } = setUp({ dev: two }, { checkSilence, connectSeconds: Infinity });
      void resolver.awaitAnswer(await resolver.resolve('users'), never());
      await jest.advanceTimersByTimeAsync(1e6);
      expect(asked).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('ends what asks its host with its own end', async () => {
    let begin: (signal: AbortSignal) => void = () => {};
    const begun = new Promise<AbortSignal>((resolve) => (begin = resolve));
    const { resolver, resolution } = await setUpSilence((_target, _milliseconds, signal) => {
      begin(signal);
      return never();
    });
    let fail: (error: Error) => void = () => {};
    const outcome = resolver.awaitAnswer(resolution, new Promise<never>((_resolve, reject) => (fail = reject)));
    const signal = await begun;
    fail(new Error('of the call'));
    await expect(outcome).rejects.toThrow('of the call');
    expect(signal.aborted).toBe(true);
  });
});
