import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createResolver } from '@amplify-discovery/core';
import { startLocalRegistry } from '@amplify-discovery/local';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { overrideEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { fakeClock, type FakeClock } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import * as ws from 'ws';
import { createDiscovery, type DiscoveryOptions } from '../src/index.ts';
import { keepLive, type LiveOptions } from '../src/live.ts';
import { memoryStorage, startEnvironment, type Environment } from './start-environment.ts';

/** Answers as AppSync does, in this process, and counts. */
function fakeServer(clock: FakeClock) {
  const sockets = new Set<FakeSocket>();
  const seen = { connections: 0, isUp: true, connectedAt: [] as number[], stages: [] as string[] };
  class FakeSocket {
    onopen: unknown;
    onmessage: unknown;
    onerror: unknown;
    onclose: unknown;
    constructor() {
      seen.connections++;
      setImmediate(() => {
        if (seen.isUp) sockets.add(this);
        (seen.isUp ? (this.onopen as () => void) : (this.onerror as () => void))();
      });
    }
    send(text: string): void {
      const { type, id, payload } = JSON.parse(text) as { type: string; id?: string; payload?: { data: string } };
      if (type === 'connection_init') this.give({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
      if (type !== 'start') return;
      seen.connectedAt.push(clock.now());
      seen.stages.push((JSON.parse(payload?.data ?? '') as { variables: { s: string } }).variables.s);
      this.give({ type: 'start_ack', id });
    }
    give(message: object): void {
      setImmediate(() => (this.onmessage as (event: object) => void)({ data: JSON.stringify(message) }));
    }
    close(): void {
      sockets.delete(this);
    }
  }
  return {
    seen,
    FakeSocket,
    keepAlive: () => sockets.forEach((socket) => socket.give({ type: 'ka' })),
    notify: () => sockets.forEach((socket) => socket.give({ type: 'data', id: '0' })),
    drop: () => [...sockets].forEach((socket) => (socket.onclose as () => void)()),
  };
}

const registry = { url: 'http://127.0.0.1:1/graphql', auth: { mode: 'apiKey', apiKey: 'k' } } as const;

/** Always the same, and as evenly spread as Math.random. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

let clock: FakeClock;
let server: ReturnType<typeof fakeServer>;
let stops: (() => void)[];
let events: string[];
/** When the stage was read. */
let reads: number[];
beforeEach(() => {
  clock = fakeClock();
  server = fakeServer(clock);
  stops = [];
  events = [];
  reads = [];
});
afterEach(() => {
  for (const stop of stops) stop();
});

/** Moves the clock, and lets arrive before each step of it what is under way. */
async function advance(milliseconds: number, stepMs = 1000): Promise<void> {
  let left = milliseconds;
  do {
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
    const step = Math.min(left, stepMs);
    if (Math.floor(clock.now() / 60_000) !== Math.floor((clock.now() + step) / 60_000)) server.keepAlive();
    await clock.advance(step);
    left -= step;
  } while (left > 0);
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function start(options: Partial<LiveOptions> = {}): Promise<() => void> {
  const stop = await keepLive({
    registry,
    stages: ['dev'],
    WebSocket: server.FakeSocket,
    authorize: async () => ({}),
    getContext: () => {
      throw new Error('an API key needs no session');
    },
    resolver: { refresh: async () => void reads.push(clock.now()), inspect: () => [] },
    tabs: {},
    report: ({ type }) => events.push(type),
    pause: clock.sleep,
    now: clock.now,
    random: makeRandom(stops.length + 1),
    ...options,
  });
  stops.push(stop);
  return stop;
}

/** How many of the times fall into each of so many buckets of a span that begins at a time. */
function spread(times: readonly number[], begin: number, spanMs: number, buckets: number): number[] {
  const counts = Array.from({ length: buckets }, () => 0);
  for (const time of times) {
    const bucket = Math.floor(((time - begin) / spanMs) * buckets);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

describe('a thousand watchers', () => {
  const count = 1000;
  beforeEach(async () => {
    const random = makeRandom(1);
    for (let index = 0; index < count; index++) await start({ random });
    await advance(1000);
    reads.length = 0;
  });

  test('read within half a second of a notice, and never more than a seventh of them in a tenth of that', async () => {
    const begin = clock.now();
    server.notify();
    await advance(1000);
    const counts = spread(reads, begin, 500, 10);
    expect(counts).toHaveLength(10);
    expect(counts.reduce((sum, one) => sum + one)).toBe(count);
    expect(Math.max(...counts)).toBeLessThan(count / 7);
  });

  test('connect and read again within five seconds when the registry has dropped them all, spread over that', async () => {
    // Long enough ago that an attempt is the first one.
    for (let step = 0; step < 7; step++) await advance(10_000);
    const begin = clock.now();
    server.seen.connectedAt.length = 0;
    server.drop();
    await advance(5000, 10);
    const connected = spread(server.seen.connectedAt, begin, 4100, 10);
    const read = spread(reads, begin, 4600, 10);
    expect(connected).toHaveLength(10);
    expect(read).toHaveLength(10);
    for (const counts of [connected, read]) expect(counts.reduce((sum, one) => sum + one)).toBe(count);
    expect(Math.max(...connected, ...read)).toBeLessThan(count / 7);
  });

  test('try no more than twice a minute each, on average, while the registry is down', async () => {
    server.seen.isUp = false;
    server.drop();
    await advance(120_000);
    server.seen.connections = 0;
    await advance(60_000);
    // A minute at most between two attempts, half of it on average.
    expect(server.seen.connections).toBeLessThan(count * 2.4);
    expect(server.seen.connections).toBeGreaterThan(count * 1.6);
    expect(reads).toEqual([]);
  });
});

describe('a page', () => {
  test('reads several changes at once, and again what has changed meanwhile', async () => {
    let finish = () => {};
    const since: number[] = [];
    await start({
      resolver: {
        refresh: async (options) => {
          since.push(options?.since ?? 0);
          await new Promise<void>((resolve) => (finish = resolve));
        },
        inspect: () => [],
      },
    });
    await advance(1000);
    finish();
    await advance(0);
    for (let index = 0; index < 10; index++) server.notify();
    await advance(1000);
    expect(since).toHaveLength(2);
    server.notify();
    await advance(0);
    finish();
    await advance(2000);
    expect(since).toHaveLength(3);
    finish();
  });

  test('tries again what could not be read, less and less often', async () => {
    let isDown = true;
    await start({
      resolver: {
        refresh: async () => {
          reads.push(clock.now());
          if (isDown) throw new Error('down');
        },
        inspect: () => [],
      },
    });
    await advance(600_000);
    expect(reads.length).toBeGreaterThan(10);
    expect(reads.length).toBeLessThan(60);
    isDown = false;
    await advance(60_000);
    const { length } = reads;
    await advance(600_000);
    expect(reads).toHaveLength(length);
  });

  test('reads again when a record expires, whatever else stands among the records', async () => {
    const expiresAt = new Date(clock.now() + 3_600_000).toISOString();
    const others = ['2020-01-01T00:00:00Z', 5, { toString: 1 }, Object.create(null)];
    const records = [...others.map((one) => ({ expiresAt: one as unknown })), { expiresAt }, null, 'text', {}];
    await start({
      resolver: {
        refresh: async () => void reads.push(clock.now()),
        inspect: () => [{ stage: 'dev', records }, { stage: 'other' }],
      },
    });
    await advance(1000);
    expect(reads).toHaveLength(1);
    for (let minute = 0; minute < 59; minute++) await advance(60_000);
    expect(reads).toHaveLength(1);
    await advance(60_000);
    expect(reads).toHaveLength(2);
  });

  test('reads again when an override ends, of which readers see no more than that', async () => {
    const registry = await startLocalRegistry({ now: clock.now });
    const resolver = createResolver({
      source: registrySource({ transport: apiKeyTransport(registry) }),
      stage: 'dev',
      trustedHosts: ['*.example.com'],
      now: clock.now,
    });
    const settle = async (isDone: () => boolean) => {
      while (!isDone()) await new Promise((resolve) => setImmediate(resolve));
    };
    try {
      const writing = sigv4Transport({ ...registry, now: clock.now });
      const key = { stage: 'dev', service: 'orders' };
      await registerEndpoint(writing, { ...key, kind: 'rest', owner: 'test', target: 'https://one.example.com' });
      const until = new Date(clock.now() + 3_600_000).toISOString();
      const target = 'https://standby.example.com';
      await overrideEndpoint(writing, { ...key, target, until, reason: 'incident 42' });
      await resolver.prefetch();
      expect(resolver.inspect()[0]?.records).toEqual([expect.objectContaining({ target, overriddenUntil: until })]);
      expect(JSON.stringify(resolver.inspect())).not.toMatch(/incident|one\.example/);
      const refresh: LiveOptions['resolver']['refresh'] = async (options) => {
        reads.push(clock.now());
        await resolver.refresh(options);
      };
      await start({ resolver: { ...resolver, refresh } });
      await advance(1000);
      // What the reading after the start has planned.
      await settle(() => clock.sleeping().some((milliseconds) => milliseconds > 3_000_000));
      await advance(3_500_000, 60_000);
      expect([reads.length, resolver.find('orders')?.target]).toEqual([1, target]);
      await advance(100_000);
      await settle(() => resolver.find('orders')?.target === 'https://one.example.com');
      expect(reads).toHaveLength(2);
    } finally {
      await resolver.settle();
      await registry.stop();
    }
  });

  test('that ends leaves no timer, no connection and no listener', async () => {
    const stop = await start({ tabs: { BroadcastChannel } });
    await advance(1000);
    stop();
    await advance(0);
    expect(clock.sleeping()).toEqual([]);
    expect(events).toEqual(['connected', 'disconnected']);
    server.notify();
    await advance(1_000_000);
    expect(server.seen.connections).toBe(1);
  });

  test('connects by itself where locks are refused', async () => {
    const locks = { request: () => Promise.reject(new DOMException('denied', 'SecurityError')) } as never;
    await start({ tabs: { locks } });
    await advance(1000);
    expect(events).toEqual(['connected']);
  });

  test('is told apart by its user, whose session is read where there is one', async () => {
    const names: string[] = [];
    class Channel {
      onmessage = null;
      constructor(name: string) {
        names.push(name);
      }
      postMessage(): void {}
      close(): void {}
    }
    const tabs = { BroadcastChannel: Channel as never };
    for (const userSub of ['ada', 'grace'])
      await start({
        tabs,
        registry: { ...registry, auth: { mode: 'userPool' } },
        getContext: () => ({ fetchAuthSession: async () => ({ userSub }) }),
      });
    await start({ tabs });
    expect(new Set(names).size).toBe(3);
  });
});

/** Web Locks of one origin, as far as they are used. */
function makeLocks() {
  const queue: (() => void)[] = [];
  const request = (_: string, { signal }: { signal: AbortSignal }, task: () => Promise<unknown>) =>
    new Promise((resolve, reject) => {
      const run = () =>
        void task().then((value) => {
          queue.shift();
          resolve(value);
          queue[0]?.();
        });
      queue.push(run);
      signal.addEventListener('abort', () => {
        const index = queue.indexOf(run);
        if (index < 1) return;
        queue.splice(index, 1);
        reject(signal.reason as Error);
      });
      if (queue.length === 1) run();
    });
  return { request } as never;
}

/** Channels that deliver at once. */
function makeChannels() {
  const all = new Set<Channel>();
  class Channel {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    readonly name: string;
    constructor(name: string) {
      this.name = name;
      all.add(this);
    }
    postMessage(message: unknown): void {
      const data: unknown = structuredClone(message);
      for (const other of all)
        if (other !== this && other.name === this.name) setImmediate(() => other.onmessage?.({ data }));
    }
    close(): void {
      all.delete(this);
    }
  }
  return {
    Channel: Channel as unknown as typeof BroadcastChannel,
    post: (data: unknown) => all.forEach((one) => one.onmessage?.({ data })),
  };
}

describe('tabs', () => {
  test('share one connection with the stages of all, each reads its own, and the next one takes over', async () => {
    const tabs = { locks: makeLocks(), BroadcastChannel: makeChannels().Channel };
    const read: string[] = [];
    const open = (stage: string) =>
      start({
        tabs,
        stages: [stage],
        resolver: { refresh: async (options) => void read.push(`${stage} ${options?.stage}`), inspect: () => [] },
      });
    const leave = await open('dev');
    await advance(1000);
    await open('pr-1');
    await advance(1000);
    expect(server.seen).toMatchObject({ connections: 1, stages: ['dev', 'pr-1'] });
    expect(read).toEqual(['dev dev', 'pr-1 pr-1']);
    leave();
    await advance(5000);
    expect(server.seen).toMatchObject({ connections: 2, stages: ['dev', 'pr-1', 'pr-1'] });
    expect(read.slice(2)).toEqual(['pr-1 pr-1']);
  });

  test('all know whether they are connected, also one that comes later', async () => {
    const tabs = { locks: makeLocks(), BroadcastChannel: makeChannels().Channel };
    const seen: string[][] = [[], [], []];
    const open = (index: number) => start({ tabs, report: ({ type }) => seen[index]?.push(type) });
    await open(0);
    await open(1);
    await advance(1000);
    await open(2);
    await advance(1000);
    expect(seen).toEqual([['connected'], ['connected'], ['connected']]);
    server.seen.isUp = false;
    server.drop();
    await advance(0);
    expect(seen.map((one) => one.at(-1))).toEqual(['disconnected', 'disconnected', 'disconnected']);
  });

  test('take whatever comes over the channel, and do no more than read again', async () => {
    const { Channel, post } = makeChannels();
    const tabs = { locks: makeLocks(), BroadcastChannel: Channel };
    await start({ tabs });
    await start({ tabs });
    await advance(1000);
    const message = fc.oneof(
      fc.anything(),
      fc.record({ ask: fc.anything(), want: fc.anything(), stage: fc.anything(), lost: fc.anything() }),
      fc.record({ want: fc.array(fc.oneof(fc.string(), fc.constant('__proto__'), fc.integer())) }),
    );
    await fc.assert(
      fc.asyncProperty(message, async (data) => {
        post(data);
        await advance(0);
      }),
      { numRuns: scaleRuns(200) },
    );
    await advance(60_000);
    expect(server.seen.connections).toBe(1);
    expect(server.seen.stages.length).toBeLessThanOrEqual(100);
  });
});

describe('discovery', () => {
  let environment: Environment;
  const sockets = new Set<ws.WebSocket>();
  class WebSocket extends ws.WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.add(this);
    }
    override close(): void {
      this.terminate();
    }
  }
  beforeEach(async () => {
    sockets.clear();
    environment = await startEnvironment();
    await environment.register('orders', 'https://one.example.com');
  });
  afterEach(() => environment.stop());

  const create = (more: Partial<DiscoveryOptions>) =>
    createDiscovery({
      ...(environment.outputs.custom.discovery as DiscoveryOptions),
      trustedHosts: ['one.example.com', 'two.example.com'],
      storage: memoryStorage(),
      ...more,
    });

  test('with live finds what has changed without being called, and keeps to its trusted hosts', async () => {
    const discovery = create({ live: true, WebSocket: WebSocket as never });
    await discovery.resolve('orders');
    await environment.register('orders', 'https://two.example.com');
    while (discovery.resolver.find('orders')?.target !== 'https://two.example.com')
      await new Promise((resolve) => setImmediate(resolve));
    await environment.register('orders', 'https://evil.example.org');
    while (discovery.resolver.find('orders')) await new Promise((resolve) => setImmediate(resolve));
    await expect(discovery.resolve('orders')).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    expect(environment.registry.requests.onStageChange).toBe(1);
    discovery.close();
    await discovery.resolver.settle();
  });

  test.each([
    ['the option', { WebSocket: WebSocket as never }],
    ['a window, as in Lambda and server rendering', { live: true }],
  ])('without %s connects to nothing', async (_, options) => {
    const discovery = create(options);
    await discovery.resolve('orders');
    await discovery.refresh();
    discovery.close();
    expect(sockets.size).toBe(0);
    expect(environment.registry.requests.onStageChange).toBeUndefined();
  });

  test('connects with the first call, not before, and never once it is closed', async () => {
    const discovery = create({ live: true, WebSocket: WebSocket as never });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sockets.size).toBe(0);
    discovery.close();
    await discovery.resolve('orders');
    expect(sockets.size).toBe(0);
  });

  test('says what is missing when it is to be live without a registry', () => {
    expect(() => create({ live: true, registry: undefined, snapshot: { url: '/{stage}.json' } })).toThrow(
      /^registry is neither/,
    );
  });
});
