import { expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { createBridge, purgeStage, type BridgeOptions } from '../src/index.ts';
import { memoryStatuses, memoryTarget } from './memory-target.ts';

const stage = 'dev';
const signal = new AbortController().signal;

function makeBridge(more: Partial<BridgeOptions> = {}) {
  const source = memorySource();
  const statuses = memoryStatuses();
  const target = Object.assign(memoryTarget(), { statuses });
  const clock = { seconds: 0 };
  const shared = { source, target, mark: 'blue', now: () => clock.seconds * 1000, sleep: async () => {} };
  const bridge = createBridge({ ...shared, intervalSeconds: 300, program: 'test', ...more });
  const register = (service: string) => source.register({ stage, service, target: `https://${service}.example.com` });
  const syncAt = (seconds: number, options: { readonly deadline?: number } = {}) => {
    clock.seconds = seconds;
    return bridge.sync(stage, { signal, ...options });
  };
  return { source, target, statuses, bridge, register, syncAt, shared };
}

test('it says once an hour that it runs, however often it does', async () => {
  const { register, syncAt, statuses } = makeBridge();
  register('users');
  for (let seconds = 0; seconds < 7500; seconds += 300) await syncAt(seconds);
  expect(statuses.puts).toEqual(
    [0, 3600, 7200].map((seconds) => ({
      mark: 'blue',
      syncedAt: seconds * 1000,
      withinSeconds: 10_800,
      program: 'test',
    })),
  );
});

test('a bridge that starts again goes on where the last one was, and a run by hand leaves its promise as it is', async () => {
  const { register, syncAt, statuses, shared } = makeBridge();
  register('users');
  await syncAt(0);
  await createBridge({ ...shared, intervalSeconds: 300, program: 'test' }).sync(stage, { signal });
  expect(statuses.puts).toHaveLength(1);
  await createBridge(shared).sync(stage, { signal });
  expect(statuses.puts[1]).toEqual({ mark: 'blue', syncedAt: 0, withinSeconds: 10_800, program: 'amplify-discovery' });
});

test('a bridge that is only run by hand promises nothing', async () => {
  const { register, statuses, shared } = makeBridge();
  register('users');
  await createBridge(shared).sync(stage, { signal });
  expect(statuses.puts).toEqual([{ mark: 'blue', syncedAt: 0, program: 'amplify-discovery' }]);
});

test('an unchanged stage costs one question until both sides are to be compared again', async () => {
  const { register, syncAt, target } = makeBridge();
  register('users');
  await syncAt(0);
  let listings = 0;
  const { list } = target;
  target.list = (...args) => ((listings += 1), list(...args));
  for (const seconds of [300, 600, 899]) expect(await syncAt(seconds)).toMatchObject({ written: 0 });
  expect(listings).toBe(0);
  await syncAt(900);
  expect(listings).toBe(1);
});

test('after a write that failed it does not say that it runs', async () => {
  const { register, syncAt, target, statuses } = makeBridge();
  register('users');
  target.fate = () => 'lost';
  expect(await syncAt(0)).toMatchObject({ failed: 1 });
  expect(statuses.puts).toEqual([]);
  target.fate = () => 'done';
  await syncAt(300);
  expect(statuses.puts).toHaveLength(1);
});

test('where it may not say that it runs, the copies are right all the same, and it tries again in a quarter of an hour', async () => {
  const { register, syncAt, target, statuses } = makeBridge();
  register('users');
  statuses.fault = new Error('denied');
  expect(await syncAt(0)).toMatchObject({ written: 1, statusFault: statuses.fault });
  expect(target.objects.size).toBe(1);
  expect(await syncAt(300)).not.toHaveProperty('statusFault');
  expect(await syncAt(900)).toMatchObject({ statusFault: statuses.fault });
  statuses.fault = undefined;
  await syncAt(1800);
  expect(statuses.puts).toHaveLength(1);
});

test('an abort while it says so ends it with the reason', async () => {
  const { register, bridge, statuses } = makeBridge();
  register('users');
  const reason = new Error('SIGTERM');
  const stop = new AbortController();
  statuses.list = async () => {
    stop.abort(reason);
    throw new Error('aborted');
  };
  await expect(bridge.sync(stage, { signal: stop.signal })).rejects.toBe(reason);
});

test('no write begins after the deadline, removals come after all writes, and the rest is done next time', async () => {
  const { source, register, syncAt, target, statuses } = makeBridge({ changesPerSecond: 1 });
  for (const service of ['a', 'b']) register(service);
  await syncAt(0);
  source.deregister(stage, 'a');
  for (const service of ['c', 'd']) register(service);
  expect(await syncAt(300, { deadline: 300_000 })).toMatchObject({ written: 0, removed: 0, postponed: 3, failed: 0 });
  expect([...target.objects.keys()]).toEqual(['dev|a/default', 'dev|b/default']);
  expect(statuses.puts).toHaveLength(1);
  expect(await syncAt(600, { deadline: 602_000 })).toMatchObject({ written: 2, removed: 1, postponed: 0 });
});

test('a purge ends what the bridge said about itself', async () => {
  const { register, syncAt, target, statuses } = makeBridge();
  register('users');
  await syncAt(0);
  await purgeStage({ target, mark: 'blue', stage, signal });
  expect([target.objects.size, await statuses.list(stage, { signal })]).toEqual([0, []]);
});
