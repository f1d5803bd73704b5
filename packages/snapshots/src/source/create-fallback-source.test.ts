import { describe, expect, test } from '@jest/globals';
import { DiscoveryError, type DiscoveryEvent, type Source } from '@amplify-discovery/core';
import { memorySource, sourceContract } from '@amplify-discovery/test-rig';
import { createFallbackSource } from './create-fallback-source.ts';

for (const isFirstDown of [true, false]) {
  sourceContract(`two sources of which the ${isFirstDown ? 'first' : 'second'} is always down`, async () => {
    const [down, up] = [memorySource('down'), memorySource('up')];
    down.failWith(new Error('down'));
    return {
      source: createFallbackSource(isFirstDown ? [down, up] : [up, down]),
      register: async (endpoint) => up.register(endpoint),
      deregister: async (stage, service, id) => up.deregister(stage, service, id),
      holdNextLoad: () => up.hold(),
      breakDown: async () => up.failWith(new Error('down')),
    };
  });
}

sourceContract('sources of two registries of which the first is always down', async () => {
  const [down, up] = [memorySource('down'), memorySource('up')];
  down.failWith(new Error('down'));
  return {
    source: createFallbackSource([down, up], { separatesRevisions: true }),
    register: async (endpoint) => up.register(endpoint),
    deregister: async (stage, service, id) => up.deregister(stage, service, id),
    holdNextLoad: () => up.hold(),
    breakDown: async () => up.failWith(new Error('down')),
  };
});

test('what one registry calls a revision says nothing to the next', async () => {
  const { signal } = new AbortController();
  let isDown = false;
  const make = (name: string, service: string): Source => ({
    name,
    async load({ knownRevision }) {
      if (isDown && name === 'first') throw new DiscoveryError('RegistryUnavailable', 'down');
      // Both count their revisions from 1.
      return knownRevision === '1' ? { unchanged: true, revision: '1' } : { revision: '1', endpoints: [{ service }] };
    },
  });
  const source = createFallbackSource([make('first', 'a'), make('second', 'b')], { separatesRevisions: true });
  const load = (knownRevision?: string) => source.load({ stage: 'dev', signal, knownRevision });
  const first = await load();
  expect(first).toMatchObject({ endpoints: [{ service: 'a' }] });
  expect(await load(first.revision)).toEqual({ unchanged: true, revision: first.revision });
  isDown = true;
  const second = await load(first.revision);
  expect(second).toMatchObject({ endpoints: [{ service: 'b' }] });
  expect(await load(second.revision)).toEqual({ unchanged: true, revision: second.revision });
  isDown = false;
  expect(await load(second.revision)).toEqual(first);
});

describe('of several sources', () => {
  const { signal } = new AbortController();
  const failing = (name: string, error: unknown): Source => ({ name, load: () => Promise.reject(error) });
  const denied = new DiscoveryError('RegistryDenied', 'denied');
  const forged = new DiscoveryError('SignatureInvalid', 'forged');
  const down = new DiscoveryError('RegistryUnavailable', 'down');

  test('the second is not asked while the first answers', async () => {
    const [first, second] = [memorySource('first'), memorySource('second')];
    const source = createFallbackSource([first, second]);
    await source.load({ stage: 'dev', signal });
    expect([source.name, first.requests.length, second.requests.length]).toEqual(['first > second', 1, 0]);
  });

  test('a failure that another one made good is reported, and who listens cannot break it', async () => {
    const events: DiscoveryEvent[] = [];
    const report = (event: DiscoveryEvent) => {
      events.push(event);
      throw new Error('listener');
    };
    const source = createFallbackSource([failing('cdn', forged), memorySource()], { report });
    await expect(source.load({ stage: 'dev', signal })).resolves.toMatchObject({ endpoints: [] });
    expect(events).toEqual([{ type: 'refresh-failed', stage: 'dev', error: forged }]);
  });

  test.each([
    ['the one that may pass', [forged, down, denied], down],
    ['the first, when none may pass', [forged, denied], forged],
  ])('when all fail the error is %s', async (_, errors, expected) => {
    const source = createFallbackSource(errors.map((error, index) => failing(`${index}`, error)));
    await expect(source.load({ stage: 'dev', signal })).rejects.toBe(expected);
  });

  test('an abort ends the search with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const second = memorySource('second');
    const first: Source = {
      name: 'first',
      async load() {
        controller.abort(reason);
        throw reason;
      },
    };
    await expect(createFallbackSource([first, second]).load({ stage: 'dev', signal: controller.signal })).rejects.toBe(
      reason,
    );
    expect(second.requests).toEqual([]);
  });

  describe('a partial snapshot', () => {
    const part: Source = {
      name: 'cdn',
      load: async () => ({ revision: 'part', endpoints: [{ service: 'users' }, null], partial: true }),
    };
    const whole = memorySource('registry');
    const load = (sources: readonly Source[], more: object = {}) =>
      createFallbackSource(sources).load({ stage: 'dev', signal, ...more });

    test.each([
      ['the whole stage', {}, 0],
      ['a service that is not in it', { services: ['users', 'orders'] }, 0],
      ['nothing by name', { services: [] }, 0],
      ['only services that are in it', { services: ['users'] }, 2],
    ])('for who wants %s', async (_, more, endpoints) => {
      await expect(load([part, whole], more)).resolves.toMatchObject({ endpoints: { length: endpoints } });
    });

    test('is what there is when nothing else answers', async () => {
      await expect(load([part])).resolves.toMatchObject({ revision: 'part' });
      await expect(load([part], { hasFallback: true })).resolves.toMatchObject({ revision: 'part' });
      await expect(load([part, failing('registry', down)])).resolves.toMatchObject({ revision: 'part' });
      await expect(load([failing('registry', down), part])).resolves.toMatchObject({ revision: 'part' });
    });

    test('does not take the place of what is held', async () => {
      await expect(load([part, failing('registry', down)], { hasFallback: true })).rejects.toBe(down);
      await expect(load([failing('registry', down), part], { hasFallback: true })).rejects.toBe(down);
    });
  });

  test('an empty list is a mistake', () => {
    expect(() => createFallbackSource([])).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  });
});
