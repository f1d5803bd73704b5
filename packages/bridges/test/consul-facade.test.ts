import { describe, expect, test } from '@jest/globals';
import { fakeClock, memorySource, type FakeClock, type MemorySource } from '@amplify-discovery/test-rig';
import fc from 'fast-check';
import { createConsulFacade, createFacadeView } from '../src/index.ts';

interface Health {
  readonly Service: { readonly ID: string; readonly Service: string };
  readonly Checks: readonly { readonly Status: string }[];
}

function makeFacade(clock: FakeClock = fakeClock(), source: MemorySource = memorySource()) {
  const remarks: string[] = [];
  const { now, sleep } = clock;
  const view = createFacadeView({ source, stages: ['prod', 'dev'], trustedHosts: ['*.example.com'], now, sleep });
  const facade = createConsulFacade(view, { now, note: (remark) => remarks.push(remark) });
  const ask = async (path: string) => {
    const response = await facade(new Request(`http://127.0.0.1:8500/v1/${path}`));
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text) as unknown,
      index: Number(response.headers.get('x-consul-index')),
      headers: response.headers,
    };
  };
  const ids = async (path: string) => ((await ask(path)).body as Health[]).map(({ Service }) => Service.ID);
  const register = (service: string, fields: object = {}, stage = 'prod') =>
    source.register({ stage, service, target: `https://${service}.example.com`, ...fields });
  /** Whether it is answered only after so many milliseconds, and what. */
  const askLater = async (path: string, milliseconds: number) => {
    let isAnswered = false;
    const answer = ask(path).finally(() => (isAnswered = true));
    await clock.advance(milliseconds - 1);
    const wasEarly = isAnswered;
    await clock.advance(1);
    return { wasEarly, ...(await answer) };
  };
  return { clock, source, remarks, ask, askLater, ids, register };
}

describe('the facade of Consul', () => {
  test('has a stage as a datacenter, and names services with the stage as their tag', async () => {
    const { ask, register } = makeFacade();
    register('users');
    register('constructor', {}, 'dev');
    expect((await ask('catalog/services')).body).toEqual({ users: ['prod'] });
    expect((await ask('catalog/services?dc=dev')).body).toEqual({ constructor: ['dev'] });
    expect((await ask('catalog/datacenters')).body).toEqual(['prod', 'dev']);
    expect((await ask('agent/self')).body).toMatchObject({ Config: { Datacenter: 'prod', NodeName: 'discovery' } });
    expect((await ask('status/leader')).body).toBe('discovery');
    expect(await ask('catalog/services?dc=elsewhere')).toMatchObject({
      status: 404,
      body: 'The stage "elsewhere" is not served here.\n',
    });
  });

  test('gives endpoints of the best priority as passing, and the others with a warning', async () => {
    const { ask, ids, register } = makeFacade();
    register('users', { id: 'eu' });
    register('users', { id: 'us', priority: 1 });
    register('standby', { priority: 5 });
    const { body } = await ask('health/service/users');
    expect((body as Health[]).map(({ Checks }) => Checks.map(({ Status }) => Status))).toEqual([[], ['warning']]);
    expect(await ids('health/service/users?passing')).toEqual(['prod/users/eu']);
    expect(await ids('health/service/users?passing=false')).toEqual(['prod/users/eu', 'prod/users/us']);
    expect(await ids('health/service/standby?passing=1')).toEqual(['prod/standby/default']);
    expect((await ask('health/service/users?passing=maybe')).status).toBe(400);
  });

  test('finds names and tags whatever their capitals, and nothing under a name that nobody has', async () => {
    const { ids, ask, register } = makeFacade();
    register('Users');
    register('a.b');
    expect(await ids('health/service/users?tag=PROD')).toEqual(['prod/users/default']);
    expect(await ids('health/service/users?tag=prod&tag=other')).toEqual([]);
    expect(await ids('health/service/a%2Eb')).toEqual(['prod/a.b/default']);
    for (const name of ['nobody', '%E0%A4%A', '__proto__']) {
      expect(await ask(`health/service/${name}`)).toMatchObject({ status: 200, body: [] });
    }
  });

  test('says clearly what it cannot do, and ignores what does not change the answer', async () => {
    const { ask, ids, register } = makeFacade();
    register('users');
    for (const query of ['filter=Service.Port==1', 'node-meta=a:b', 'ns=team', 'partition=p', 'peer=x', 'sg=x']) {
      expect(await ask(`health/service/users?${query}`)).toMatchObject({
        status: 400,
        body: expect.stringContaining('This facade has'),
      });
    }
    expect(await ask('health/service/users?index=-1')).toMatchObject({ status: 400, body: 'Invalid index\n' });
    expect(await ask('health/service/users?wait=soon')).toMatchObject({ status: 400, body: 'Invalid wait time\n' });
    const path = 'health/service/users?stale&cached&near=_agent&ns=default&filter=&max_stale=1s';
    expect(await ids(path)).toEqual(['prod/users/default']);
    expect((await ask('kv/anything')).status).toBe(404);
  });

  test('leaves out what has no place in Consul, and says so once', async () => {
    const { ids, register, remarks } = makeFacade();
    register('consul');
    register('users');
    for (const _again of [1, 2]) expect(await ids('health/service/consul')).toEqual([]);
    expect(remarks).toEqual(['consul/default in "prod": Consul keeps the name "consul" for itself']);
  });

  test('has one of two endpoints whose names differ in capitals only, as Consul would', async () => {
    const { ids, register, remarks } = makeFacade();
    register('Users');
    register('users');
    expect(await ids('health/service/users')).toEqual(['prod/users/default']);
    expect(remarks).toEqual(['users/default in "prod": another endpoint has the key "users/default" too']);
  });

  test('says how old an answer is', async () => {
    const { ask, register, clock } = makeFacade();
    register('users');
    await ask('catalog/services');
    await clock.advance(2500);
    const { headers } = await ask('catalog/services');
    expect([headers.get('x-consul-lastcontact'), headers.get('x-consul-knownleader')]).toEqual(['2500', 'true']);
  });
});

describe('a blocking query', () => {
  test('is answered after its time with the same index, and at the change with a higher one', async () => {
    const { ask, askLater, register, clock } = makeFacade();
    register('users');
    const { index, body } = await ask('health/service/users');
    const same = await askLater(`health/service/users?index=${index}&wait=30s`, 30_000);
    expect(same).toMatchObject({ wasEarly: false, index, body });

    let answered: { index: number } | undefined;
    const waiting = ask(`health/service/users?index=${index}&wait=10m`).then((answer) => (answered = answer));
    await clock.advance(15_000);
    expect(answered).toBeUndefined();
    register('users', { id: 'canary' });
    await clock.advance(5000);
    await waiting;
    expect(answered?.index).toBeGreaterThan(index);
    expect(clock.sleeping()).toEqual([]);
  });

  test('goes on waiting when something else of the stage has changed', async () => {
    const { ask, register, clock } = makeFacade();
    register('users');
    const { index } = await ask('health/service/users');
    let answer: { index: number } | undefined;
    const waiting = ask(`health/service/users?index=${index}&wait=60s`).then((one) => (answer = one));
    await clock.advance(10_000);
    register('orders');
    await clock.advance(30_000);
    expect(answer).toBeUndefined();
    await clock.advance(20_000);
    await waiting;
    expect(answer?.index).toBeGreaterThanOrEqual(index);
  });

  test('is answered at once without an index, with 0 and with one of another content', async () => {
    const { ask, register } = makeFacade();
    register('users');
    const { index, body } = await ask('health/service/users');
    for (const other of ['', '?index=0&wait=10m', `?index=${index + 1}`, `?index=${'9'.repeat(20)}`]) {
      expect(await ask(`health/service/users${other}`)).toMatchObject({ index, body });
    }
  });

  test('waits on over a restart of the facade, and at another one, while the content is the same', async () => {
    const { ask, register, source, clock } = makeFacade();
    register('users');
    const { index } = await ask('health/service/users');
    await clock.advance(3_600_000);
    const restarted = makeFacade(clock, source);
    const answer = await restarted.askLater(`health/service/users?index=${index}&wait=20s`, 20_000);
    expect(answer.wasEarly).toBe(false);
    expect(answer.index).toBeGreaterThan(index);
    // What happened while it was down is answered at once.
    register('users', { id: 'canary' });
    const again = makeFacade(clock, source);
    expect((await again.ask(`health/service/users?index=${answer.index}&wait=20s`)).body).toHaveLength(2);
  });

  test('has an index that never falls, over any changes, expiries and restarts, and misses no change', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ register: fc.constantFrom('a', 'b', 'c'), weight: fc.integer({ max: 3, min: 1 }) }),
      },
      { weight: 2, arbitrary: fc.record({ deregister: fc.constantFrom('a', 'b', 'c') }) },
      { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 40_000 }) }) },
      { weight: 1, arbitrary: fc.constant({ restart: true } as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const clock = fakeClock();
        const source = memorySource();
        let made = makeFacade(clock, source);
        let known = await made.ask('health/service/a');
        for (const one of steps) {
          if ('register' in one) made.register(one.register, { weight: one.weight });
          else if ('deregister' in one) source.deregister('prod', one.deregister);
          else if ('wait' in one) await clock.advance(one.wait);
          else made = makeFacade(clock, source);
          // A caller that blocks as clients do: by the index that it has.
          let answer: Awaited<ReturnType<typeof made.ask>> | undefined;
          const asking = made.ask(`health/service/a?index=${known.index}&wait=30s`).then((given) => (answer = given));
          await clock.advance(30_000);
          await asking;
          if (!answer) throw new Error('it was not answered in its time');
          expect(answer.index).toBeGreaterThanOrEqual(known.index);
          if (JSON.stringify(answer.body) !== JSON.stringify(known.body)) expect(answer.index).not.toBe(known.index);
          known = answer;
          expect(known.body).toEqual((await makeFacade(clock, source).ask('health/service/a')).body);
        }
        expect(clock.sleeping()).toEqual([]);
      }),
    );
  });
});
