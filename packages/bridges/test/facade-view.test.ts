import { describe, expect, test } from '@jest/globals';
import { DiscoveryError } from '@amplify-discovery/core';
import { fakeClock, memorySource } from '@amplify-discovery/test-rig';
import { createFacade, createFacadeView, type FacadeViewOptions } from '../src/index.ts';

const stage = 'dev';
const signal = new AbortController().signal;
const trustedHosts = ['*.example.com'];

function makeView(more: Partial<FacadeViewOptions> = {}) {
  const clock = fakeClock();
  const source = memorySource();
  const register = (service: string, fields: object = {}) =>
    source.register({ stage, service, target: `https://${service}.example.com`, ...fields });
  const { now, sleep } = clock;
  const view = createFacadeView({ source, stages: [stage], trustedHosts, now, sleep, ...more });
  const ids = async () =>
    [...(await view.readSnapshot(stage, signal)).services].flatMap(([service, endpoints]) =>
      endpoints.map(({ id }) => `${service}/${id}`),
    );
  return { clock, source, register, view, ids };
}

describe('what a facade reads', () => {
  test('is what a caller without criteria may call, by service, priority and id', async () => {
    const { register, view, ids, clock } = makeView();
    register('users', { id: 'b', priority: 1 });
    register('users', { id: 'c' });
    register('users', { id: 'a' });
    register('users', { id: 'drained', weight: 0 });
    register('users', { id: 'idle', weight: 0, priority: 2 });
    register('users', { id: 'acme', tenant: 'acme' });
    register('users', { id: 'beta', version: '2.0.0-beta.1' });
    register('orders', { expiresAt: clock.now() + 60_000 });
    register('over', { expiresAt: clock.now() });
    register('constructor', {});
    register('mailer', { kind: 'function', target: 'arn:aws:lambda:eu-west-1:123456789012:function:mailer' });
    register('foreign', { target: 'https://elsewhere.example.org' });
    expect(await ids()).toEqual([
      'constructor/default',
      'orders/default',
      'users/a',
      'users/c',
      'users/b',
      'users/idle',
    ]);
    const { skipped } = await view.readSnapshot(stage, signal);
    expect(skipped).toEqual([
      'Endpoint of "foreign" in "dev": host elsewhere.example.org is not trusted',
      'mailer/default in "dev": the target arn:aws:lambda:eu-west-1:123456789012:function:mailer has no host',
    ]);
  });

  test('is nothing at hosts that are trusted for calls without tokens only, until they are listed', async () => {
    const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
    for (const [trusted, count] of [
      [undefined, 0],
      [['aws'], 0],
      [['abc.execute-api.eu-west-1.amazonaws.com'], 1],
    ] as const) {
      const { register, view } = makeView({ trustedHosts: trusted, region: 'eu-west-1' });
      register('users', { target });
      const { services, endpoints, skipped } = await view.readSnapshot(stage, signal);
      expect([services.size, endpoints.length]).toEqual([count, count]);
      expect(skipped).toEqual(
        count === 1 ? [] : [expect.stringMatching(/^users\/default in "dev": the host abc\..* list it$/)],
      );
    }
  });

  test('has another revision once an endpoint has expired, though its source has the same', async () => {
    const { register, view, clock } = makeView();
    register('users', { expiresAt: clock.now() + 60_000 });
    const before = await view.readSnapshot(stage, signal);
    await clock.advance(60_000);
    const after = await view.readSnapshot(stage, signal);
    expect([before.services.size, after.services.size]).toEqual([1, 0]);
    expect(after.revision).not.toBe(before.revision);
    expect((await view.readSnapshot(stage, signal)).revision).toBe(after.revision);
  });

  test('is asked for once by any number of callers, and again only when it is no longer fresh', async () => {
    const { register, view, source, clock } = makeView();
    register('users');
    const read = () => view.readSnapshot(stage, signal);
    await Promise.all([read(), read(), read()]);
    await clock.advance(4999);
    await read();
    expect(source.requests.length).toBe(1);
    await clock.advance(1);
    await read();
    expect(source.requests.length).toBe(2);
  });

  test('is served stale, with its age, while the source does not answer, and not beyond its bound', async () => {
    const { register, view, source, clock } = makeView({ staleIfErrorSeconds: 3600 });
    register('users');
    await view.readSnapshot(stage, signal);
    source.failWith(new DiscoveryError('RegistryUnavailable', 'it is down'));
    await clock.advance(3_600_000);
    expect(await view.readSnapshot(stage, signal)).toMatchObject({ ageSeconds: 3600 });
    await clock.advance(3_600_000);
    await expect(view.readSnapshot(stage, signal)).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  });
});

describe('callers that wait', () => {
  test('share one poll, and each gets the change, or the same after its own time', async () => {
    const { register, view, source, clock } = makeView();
    register('users');
    const { revision } = await view.readSnapshot(stage, signal);
    const outcomes: string[] = [];
    for (const seconds of [3, 25, 30, 40]) {
      void view
        .waitForChange(stage, revision, seconds * 1000, signal)
        .then((snapshot) => outcomes.push(`${seconds}: ${snapshot.revision === revision ? 'same' : 'changed'}`));
    }
    await clock.advance(15_000);
    expect(outcomes).toEqual(['3: same']);
    expect(source.requests.length).toBe(4);
    register('orders');
    await clock.advance(5000);
    expect(outcomes.sort()).toEqual(['25: changed', '30: changed', '3: same', '40: changed']);
    expect(clock.sleeping()).toEqual([]);
  });

  test('are answered at once when their revision is another one, or the host cannot wait', async () => {
    const { register, view, clock } = makeView();
    register('users');
    const { revision } = await view.waitForChange(stage, 'older', 60_000, signal);
    const noWaiting = makeView({ maximumWaiting: 0 });
    noWaiting.register('users');
    expect((await noWaiting.view.waitForChange(stage, revision, 60_000, signal)).revision).toBe(revision);
    expect(clock.sleeping()).toEqual([]);
  });

  test('get a change that the source reports before the next poll', async () => {
    const clock = fakeClock();
    const source = memorySource();
    let report = () => {};
    const watched = {
      ...source,
      waitForChange: () => new Promise<void>((resolve) => (report = resolve)),
    };
    const { now, sleep } = clock;
    const view = createFacadeView({ source: watched, stages: [stage], trustedHosts, freshSeconds: 3600, now, sleep });
    const { revision } = await view.readSnapshot(stage, signal);
    let changed: string | undefined;
    void view.waitForChange(stage, revision, 600_000, signal).then((snapshot) => (changed = snapshot.revision));
    await clock.advance(10_000);
    source.register({ stage, service: 'users', target: 'https://users.example.com' });
    report();
    await clock.advance(999);
    expect(changed).toBeUndefined();
    await clock.advance(1);
    expect(changed).not.toBe(revision);
    expect(changed).toBeDefined();
    expect(clock.sleeping()).toEqual([]);
  });

  test('notice an endpoint that expires', async () => {
    const { register, view, clock } = makeView();
    register('users', { expiresAt: clock.now() + 7000 });
    const { revision } = await view.readSnapshot(stage, signal);
    const waiting = view.waitForChange(stage, revision, 60_000, signal);
    await clock.advance(10_000);
    expect((await waiting).services.size).toBe(0);
  });

  test('leave nothing running when they go away, and fail when no snapshot may be used any more', async () => {
    const { register, view, source, clock } = makeView({ staleIfErrorSeconds: 10 });
    register('users');
    const { revision } = await view.readSnapshot(stage, signal);
    const caller = new AbortController();
    const waiting = view.waitForChange(stage, revision, 60_000, caller.signal);
    await clock.advance(5000);
    caller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(clock.sleeping()).toEqual([]);

    const failing = view.waitForChange(stage, revision, 60_000, signal);
    const failed = expect(failing).rejects.toMatchObject({ code: 'RegistryUnavailable' });
    source.failWith(new DiscoveryError('RegistryUnavailable', 'it is down'));
    await clock.advance(20_000);
    await failed;
    expect(clock.sleeping()).toEqual([]);
  });
});

describe('every facade', () => {
  function makeFacade() {
    const made = makeView();
    const remarks: string[] = [];
    const facade = createFacade(made.view, { note: (remark) => remarks.push(remark) }, async (call) => {
      if (call.path === '/broken') throw new TypeError('secret');
      if (call.path !== '/names') return undefined;
      const { services } = await call.readSnapshot(call.query.get('stage') ?? undefined);
      for (const [endpoint] of services.values()) if (endpoint) call.skip(endpoint, 'it has no place here');
      return Response.json([...services.keys()]);
    });
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await facade(new Request(`http://127.0.0.1${path}`, init));
      return { status: response.status, text: await response.text(), headers: response.headers };
    };
    return { ...made, remarks, ask };
  }

  test('answers with the age, and says once what it leaves out', async () => {
    const { register, ask, remarks, clock } = makeFacade();
    register('users');
    register('mailer', { kind: 'function', target: 'arn:aws:lambda:eu-west-1:123456789012:function:mailer' });
    await ask('/names');
    await clock.advance(3000);
    const { status, text, headers } = await ask('/names');
    expect([status, text, headers.get('age'), headers.get('cache-control')]).toEqual([
      200,
      '["users"]',
      '3',
      'no-store',
    ]);
    expect(await ask('/names', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(remarks).toEqual([
      'mailer/default in "dev": the target arn:aws:lambda:eu-west-1:123456789012:function:mailer has no host',
      'users/default in "dev": it has no place here',
    ]);
  });

  test('has no other paths and stages, and says what is wrong with its source, but not with itself', async () => {
    const { source, ask } = makeFacade();
    expect(await ask('/other')).toMatchObject({ status: 404, text: 'There is no GET /other here.\n' });
    expect(await ask('/names?stage=prod')).toMatchObject({
      status: 404,
      text: 'The stage "prod" is not served here.\n',
    });
    expect(await ask('/broken')).toMatchObject({ status: 500, text: 'This is an error of the facade itself.\n' });
    source.failWith(new DiscoveryError('RegistryUnavailable', 'it is down'));
    expect(await ask('/names')).toMatchObject({ status: 503, text: 'RegistryUnavailable: it is down\n' });
  });
});
