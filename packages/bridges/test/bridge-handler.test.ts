import { describe, expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { createBridge } from '../src/index.ts';
import { createBridgeHandler, type BridgeEvent, type BridgeLine } from '../src/lambda/index.ts';
import { memoryStatuses, memoryTarget } from './memory-target.ts';

const tick = { source: 'aws.events' };

function makeHandler(remainingMs = 60_000, metrics = false) {
  const source = memorySource();
  const statuses = memoryStatuses();
  const target = Object.assign(memoryTarget(), { statuses });
  const clock = { now: 0 };
  const now = () => clock.now;
  const sleep = async (milliseconds: number) => void (clock.now += milliseconds);
  const bridge = createBridge({ source, target, mark: 'blue', now, sleep, intervalSeconds: 60 });
  const lines: BridgeLine[] = [];
  const ended = new AbortController();
  const handler = createBridgeHandler({
    bridge,
    stages: ['dev', 'qa'],
    mark: 'blue',
    target: target.name,
    log: (line) => lines.push(line),
    metrics,
    now,
    startTimeout: () => ended.signal,
  });
  const register = (stage: string, service: string) =>
    source.register({ stage, service, target: `https://${service}.example.com` });
  const invoke = (event: BridgeEvent = tick) => handler(event, { getRemainingTimeInMillis: () => remainingMs });
  return { source, target, statuses, lines, register, invoke, ended, clock };
}

describe('the handler of a bridge', () => {
  test('copies every stage at a tick, says what it did, and asks the source alone when nothing has changed', async () => {
    const { target, register, invoke, lines } = makeHandler();
    register('dev', 'users');
    register('qa', 'orders');
    await invoke();
    expect([...target.objects.keys()]).toEqual(['dev|users/default', 'qa|orders/default']);
    expect(lines).toMatchObject([
      {
        type: 'sync',
        mark: 'blue',
        target: 'memory',
        stage: 'dev',
        outcome: 'done',
        written: 1,
        removed: 0,
        skipped: 0,
      },
      { stage: 'qa', outcome: 'done', written: 1 },
    ]);
    expect(await invoke()).toMatchObject([{ outcome: 'same' }, { outcome: 'same' }]);
  });

  test.each<[string, BridgeEvent, string[]]>([
    ['a batch of the stream', { Records: [{ dynamodb: { Keys: { stage: { S: 'qa' } } } }, {}] }, ['qa']],
    ['a batch about another stage', { Records: [{ dynamodb: { Keys: { stage: { S: 'prod' } } } }] }, []],
    ['a call by hand', { stages: ['dev', 'prod'] }, ['dev']],
  ])('%s copies the stages that it names and the bridge has', async (_, event, stages) => {
    const { register, invoke } = makeHandler();
    for (const stage of ['dev', 'qa', 'prod']) register(stage, 'users');
    expect((await invoke(event)).map(({ stage }) => stage)).toEqual(stages);
  });

  test('another event is refused', async () => {
    await expect(makeHandler().invoke({})).rejects.toMatchObject({ code: 'InvalidOptions' });
  });

  test('one stage that fails does not hold up the others, and the invocation fails', async () => {
    const { source, target, register, invoke, lines } = makeHandler();
    register('dev', 'users');
    register('qa', 'orders');
    const { load } = source;
    source.load = (request) => (request.stage === 'dev' ? Promise.reject(new Error('down')) : load(request));
    await expect(invoke()).rejects.toThrow('down');
    expect([...target.objects.keys()]).toEqual(['qa|orders/default']);
    expect(lines).toMatchObject([{ stage: 'dev', outcome: 'failed', error: 'Error: down' }, { outcome: 'done' }]);
  });

  test('a write that fails makes the invocation fail, so that somebody notices', async () => {
    const { target, register, invoke, lines } = makeHandler();
    register('dev', 'users');
    target.fate = () => 'lost';
    await expect(invoke()).rejects.toThrow('"dev" in memory: 1 writes failed');
    expect(lines[0]).toMatchObject({ outcome: 'partly', failed: 1 });
  });

  test('what is skipped is named once, and what is withheld each time', async () => {
    const { source, register, invoke, lines } = makeHandler();
    for (const service of ['a', 'b', 'c', 'unfit']) register('dev', service);
    await invoke();
    for (const service of ['a', 'b']) source.deregister('dev', service);
    await invoke();
    register('dev', 'd');
    await invoke();
    expect(lines.filter(({ stage }) => stage === 'dev')).toEqual([
      expect.objectContaining({ skipped: 1, reasons: ['unfit/default: it does not fit'] }),
      expect.objectContaining({ skipped: 1, withheld: { reason: 'smaller', removals: 2 } }),
      expect.objectContaining({ skipped: 1, written: 1 }),
    ]);
    expect(lines.filter(({ reasons }) => reasons)).toHaveLength(1);
  });

  test('ends between two writes before its time is over, and the next one goes on', async () => {
    // Ten writes a second, so three fit before the margin.
    const { target, register, invoke, lines, clock } = makeHandler(2250);
    for (const service of ['a', 'b', 'c', 'd']) register('dev', service);
    await invoke({ stages: ['dev'] });
    expect(lines).toMatchObject([{ outcome: 'partly', written: 3, postponed: 1 }]);
    clock.now += 60_000;
    await invoke({ stages: ['dev'] });
    expect([lines[1], target.objects.size]).toMatchObject([{ outcome: 'done', written: 1, postponed: 0 }, 4]);
  });

  test('whose time is over while it reads fails and says so', async () => {
    const { source, register, invoke, ended } = makeHandler();
    register('dev', 'users');
    source.load = async () => {
      ended.abort(new Error('timeout'));
      throw new Error('aborted');
    };
    await expect(invoke()).rejects.toThrow('"dev" in memory: the function\'s time was over before it was compared');
  });

  test('has its counts as metrics on demand, those that there are', async () => {
    const { register, invoke, lines } = makeHandler(60_000, true);
    register('dev', 'users');
    await invoke({ stages: ['dev'] });
    await invoke({ stages: ['dev'] });
    const namesIn = ({ _aws }: BridgeLine) =>
      (_aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] }).CloudWatchMetrics.flatMap(({ Metrics }) =>
        Metrics.map(({ Name }) => Name),
      );
    expect(lines.map(namesIn)).toEqual([
      ['durationMs', 'written', 'removed', 'failed', 'postponed', 'skipped'],
      ['durationMs'],
    ]);
    for (const line of lines)
      expect(Object.keys(line)).toEqual(expect.arrayContaining(['mark', 'stage', ...namesIn(line)]));
  });

  test('says in its log when the target takes no status', async () => {
    const { register, statuses, invoke } = makeHandler();
    register('dev', 'users');
    statuses.fault = new Error('denied');
    expect((await invoke({ stages: ['dev'] }))[0]).toMatchObject({ outcome: 'done', statusFault: 'Error: denied' });
  });
});
