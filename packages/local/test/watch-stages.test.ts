import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeClock, type FakeClock } from '@amplify-discovery/test-rig';
import { watchStages, type WatchOptions } from '@amplify-discovery/registry/notices';
import { announceStage } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import * as ws from 'ws';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';

/** Without the half minute in which ws waits for a peer that says nothing any more. */
class WebSocket extends ws.WebSocket {
  override close(): void {
    this.terminate();
  }
}

let registry: LocalRegistry;
let clock: FakeClock;
let controllers: AbortController[];
let happened: string[];
let wake: () => void;
beforeEach(async () => {
  registry = await startLocalRegistry({ openStages: ['dev', 'pr-*'] });
  clock = fakeClock();
  controllers = [];
  happened = [];
  wake = () => {};
});
afterEach(async () => {
  for (const controller of controllers) controller.abort();
  await registry.stop();
});

const note = (what: string) => {
  happened.push(what);
  wake();
};

/** What has happened since, once so much has. */
async function wait(count: number): Promise<string[]> {
  while (happened.length < count) await new Promise<void>((resolve) => (wake = resolve));
  return happened.splice(0);
}

function start(options: Partial<WatchOptions>) {
  const controller = new AbortController();
  controllers.push(controller);
  const { signal } = controller;
  const add = watchStages({
    url: registry.url,
    stages: ['dev'],
    WebSocket,
    authorize: async () => ({ host: new URL(registry.url).host, 'x-api-key': registry.apiKey }),
    onChange: (stage) => note(`changed ${stage}`),
    onState: (isConnected, reason) => note(isConnected ? 'connected' : `lost: ${reason}`),
    pause: clock.sleep,
    now: clock.now,
    random: () => 0.5,
    signal,
    ...options,
  });
  return { add, stop: () => controller.abort() };
}

function watch(stages: readonly string[], { url = registry.url, apiKey = '', random = 0.5 } = {}) {
  return start({
    url,
    stages,
    authorize: async () => ({ host: new URL(url).host, 'x-api-key': apiKey || registry.apiKey }),
    pause: clock.sleep,
    random: () => random,
  });
}

const announce = (stage: string, revision: string) => announceStage(sigv4Transport(registry), stage, revision);

describe('a watcher', () => {
  test('reads at the start of a subscription and at each notice', async () => {
    watch(['dev']);
    expect(await wait(2)).toEqual(['connected', 'changed dev']);
    await announce('dev', 'r-1');
    await announce('other', 'r-1');
    await announce('dev', 'r-2');
    expect(await wait(2)).toEqual(['changed dev', 'changed dev']);
  });

  test('takes more stages, over the same connection', async () => {
    const { add } = watch(['dev']);
    await wait(2);
    add('pr-1');
    add('pr-1');
    expect(await wait(2)).toEqual(['connected', 'changed pr-1']);
    await announce('pr-1', 'r-1');
    expect(await wait(1)).toEqual(['changed pr-1']);
    expect(registry.requests).toMatchObject({ onStageChange: 2 });
  });

  test('goes on with the other stages when one is refused', async () => {
    watch(['closed', 'dev']);
    expect(await wait(2)).toEqual(['connected', 'changed dev']);
    await announce('dev', 'r-1');
    expect(await wait(1)).toEqual(['changed dev']);
  });

  test('says why when all are refused, or it is itself, and tries again', async () => {
    watch(['closed']);
    expect(await wait(1)).toEqual(['lost: Unauthorized']);
    await clock.advance(2000);
    expect(await wait(1)).toEqual(['lost: Unauthorized']);
    watch(['dev'], { apiKey: 'da2-wrong' });
    expect(await wait(1)).toEqual(['lost: You are not authorized to make this call.']);
  });

  test('opens nothing without credentials, and tries again', async () => {
    let attempts = 0;
    start({ authorize: () => Promise.reject(new Error(`no credentials ${++attempts}`)) });
    expect(await wait(1)).toEqual(['lost: no credentials 1']);
    await clock.advance(4000);
    expect(await wait(1)).toEqual(['lost: no credentials 2']);
  });

  test('that is stopped leaves nothing behind, connected or not', async () => {
    const { stop } = watch(['dev']);
    await wait(2);
    stop();
    watch(['dev']).stop();
    watch(['dev'], { url: 'http://127.0.0.1:9/graphql' }).stop();
    await clock.advance(1_000_000);
    await announce('dev', 'r-1');
    expect(new Set(happened)).toEqual(new Set(['lost: ']));
    expect(clock.sleeping()).toEqual([]);
  });
});

describe('a connection that is lost', () => {
  test('with the registry comes back with it, and what was missed is read', async () => {
    watch(['dev']);
    await wait(2);
    const { port } = registry;
    await registry.stop();
    expect(await wait(1)).toEqual(['lost: It was closed, or refused']);
    await clock.advance(1999);
    expect(happened).toEqual([]);
    await clock.advance(1);
    expect(await wait(1)).toEqual(['lost: It was closed, or refused']);
    registry = await startLocalRegistry({ port });
    await clock.advance(4000);
    expect(await wait(2)).toEqual(['connected', 'changed dev']);
  });

  test('is tried again at longer and longer intervals, at random, a minute at most, for ever', async () => {
    const delays: number[] = [];
    start({
      authorize: () => Promise.reject(new Error('none')),
      pause: async (milliseconds) => {
        delays.push(milliseconds);
        await (delays.length < 12 ? undefined : new Promise(() => {}));
      },
    });
    while (delays.length < 12) await new Promise((resolve) => setImmediate(resolve));
    expect(delays).toEqual([2000, 4000, 8000, 16_000, ...Array.from({ length: 8 }, () => 30_000)]);
  });
});

describe('a connection that is there and dead', () => {
  let proxy: Server;
  let sockets: Socket[];
  let isMute: boolean;
  beforeEach(async () => {
    sockets = [];
    isMute = false;
    proxy = createServer((socket) => {
      const inner = connect(registry.port, '127.0.0.1');
      sockets.push(socket, inner);
      socket.on('data', (chunk) => isMute || inner.write(chunk)).on('error', () => {});
      inner.on('data', (chunk) => isMute || socket.write(chunk)).on('error', () => {});
      socket.on('close', () => inner.destroy());
      inner.on('close', () => socket.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
  const watchThroughProxy = () =>
    watch(['dev'], { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/graphql` });

  test('because a proxy has gone mute is replaced when the server was silent for too long', async () => {
    watchThroughProxy();
    await wait(2);
    isMute = true;
    for (let elapsed = 0; elapsed < 300_000; elapsed += 10_000) await clock.advance(10_000);
    expect(happened).toEqual([]);
    isMute = false;
    await clock.advance(10_000);
    expect(await wait(1)).toEqual(['lost: Nothing was received']);
    await clock.advance(4000);
    expect(await wait(2)).toEqual(['connected', 'changed dev']);
  });

  test('from the start is given up after 15 seconds', async () => {
    isMute = true;
    watchThroughProxy();
    await once(proxy, 'connection');
    await clock.advance(10_000);
    await clock.advance(10_000);
    expect(await wait(1)).toEqual(['lost: Nothing was received']);
  });

  test('because the machine has slept is replaced at once', async () => {
    const asleep = fakeClock();
    let sleptMs = 0;
    start({ pause: asleep.sleep, now: () => asleep.now() + sleptMs, random: () => 0 });
    await wait(2);
    // Timers stand still while a machine sleeps, the clock does not.
    sleptMs = 3_600_000;
    await asleep.advance(10_000);
    expect(await wait(3)).toEqual(['lost: Nothing was received', 'connected', 'changed dev']);
  });
});
