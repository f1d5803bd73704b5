import { describe, expect, test } from '@jest/globals';
import { DiscoveryError, parseEndpoint } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { createZoneTarget } from '../src/dns/create-zone-target.ts';
import { nameIndex, namePage } from '../src/dns/service-name.ts';
import type { RecordSet, ZoneStore } from '../src/dns/zone-store.ts';
import { syncStage } from '../src/index.ts';
import type { WriteFate } from './memory-target.ts';

const zone = 'internal.test';
const stage = 'dev';
const { signal } = new AbortController();
const nameOf = (service: string) => `_https._tcp.${service}.${stage}.${zone}`;

interface MemoryZone extends ZoneStore {
  /** Decides about the changes from now on. */
  fate: () => WriteFate;
  /** What was asked of it. */
  readonly requests: ('list' | 'find' | 'replace')[];
}

/** A zone in memory, whose changes may get lost, be answered by nothing, happen twice or late. */
function memoryZone() {
  const sets = new Map<string, RecordSet>();
  const late: (() => void)[] = [];
  const keyOf = ({ name, type }: Pick<RecordSet, 'name' | 'type'>) => `${type} ${name}`;
  const store: MemoryZone = {
    name: 'memory',
    fate: () => 'done',
    requests: [],
    findZone: async () => zone,
    list: async (domain: string) => {
      store.requests.push('list');
      return [...sets.values()].filter(({ name }) => name === domain || name.endsWith(`.${domain}`));
    },
    find: async (names: readonly string[]) => {
      store.requests.push('find');
      return [...sets.values()].filter(({ name }) => names.includes(name));
    },
    replace: async (changes) => {
      store.requests.push('replace');
      const apply = () => {
        for (const { before, after } of changes) {
          const present = sets.get(keyOf((before ?? after) as RecordSet));
          if (JSON.stringify(present?.values) !== JSON.stringify(before?.values)) return false;
        }
        for (const { before, after } of changes) {
          if (before) sets.delete(keyOf(before));
          if (after) sets.set(keyOf(after), after);
        }
        return true;
      };
      const fate = store.fate();
      if (fate === 'late') late.push(apply);
      const isDone = fate === 'lost' || fate === 'late' ? false : apply();
      if (fate === 'doubled') apply();
      if (fate === 'done' || fate === 'doubled') return isDone;
      throw new DiscoveryError('RegistryUnavailable', 'memory: no answer');
    },
  };
  /** Changes one value as people do. */
  const edit = (name: string, type: string, change: (values: readonly string[]) => readonly string[]) => {
    const values = change(sets.get(keyOf({ name, type }))?.values ?? []);
    if (values.length === 0) sets.delete(keyOf({ name, type }));
    else sets.set(keyOf({ name, type }), { name, type, ttlSeconds: 300, values });
  };
  const valuesOf = (name: string, type: string) => sets.get(keyOf({ name, type }))?.values ?? [];
  return { store, sets, edit, valuesOf, deliverLate: () => late.splice(0).forEach((apply) => apply()) };
}

const service = fc.constantFrom('a', 'b', 'c');
const fate = fc.constantFrom<WriteFate>('done', 'done', 'lost', 'unanswered', 'doubled', 'late');
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('register'), service, id: fc.constantFrom('x', 'y'), version: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deregister'), service, id: fc.constantFrom('x', 'y') }) },
  fc.record({ do: fc.constantFrom('occupy', 'leave', 'unlist', 'repoint', 'deliver late'), service }),
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('sync'), fates: fc.array(fate, { minLength: 1, maxLength: 4 }) }),
  },
);
const theirs = '"path=/theirs"';
const theirHost = '0 0 443 theirs.example.com.';

test('over any history of a zone, nobody else’s record goes or moves, and the end is right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { store, edit, valuesOf, deliverLate } = memoryZone();
      const target = createZoneTarget({ store });
      const source = memorySource();
      const occupied = new Set<string>();
      const sync = () =>
        syncStage({
          source,
          target,
          mark: 'blue',
          stage,
          signal,
          sleep: async () => {},
          allowEmpty: true,
          minimumShare: 0,
        });
      const without = (value: string) => (values: readonly string[]) => values.filter((one) => one !== value);
      for (const one of steps) {
        const at = 'service' in one ? nameOf(one.service) : '';
        if (one.do === 'register' && 'version' in one) {
          const url = `https://v${one.version}.example.com`;
          source.register({ stage, service: one.service, id: one.id, target: url });
        }
        if (one.do === 'deregister' && 'id' in one) source.deregister(stage, one.service, one.id);
        if (one.do === 'occupy' && 'service' in one) {
          occupied.add(one.service);
          edit(at, 'TXT', (values) => [...without(theirs)(values), theirs].sort());
          edit(at, 'SRV', (values) => [...without(theirHost)(values), theirHost].sort());
        }
        if (one.do === 'leave' && 'service' in one) {
          occupied.delete(one.service);
          edit(at, 'TXT', without(theirs));
          edit(at, 'SRV', without(theirHost));
        }
        if (one.do === 'unlist' && 'service' in one) edit(namePage(one.service, `${stage}.${zone}`), 'PTR', () => []);
        if (one.do === 'repoint' && 'service' in one && !occupied.has(one.service) && valuesOf(at, 'SRV').length > 0)
          edit(at, 'SRV', () => ['9 9 9 changed.example.com.']);
        if (one.do === 'deliver late') deliverLate();
        if (one.do === 'sync' && 'fates' in one) {
          let count = 0;
          store.fate = () => one.fates[count++ % one.fates.length] ?? 'done';
          await sync();
        }
        for (const name of occupied) {
          expect(valuesOf(nameOf(name), 'TXT')).toContain(theirs);
          expect(valuesOf(nameOf(name), 'SRV')).toContain(theirHost);
        }
      }
      deliverLate();
      for (const name of occupied) {
        edit(nameOf(name), 'TXT', without(theirs));
        edit(nameOf(name), 'SRV', without(theirHost));
      }
      store.fate = () => 'done';
      await sync();
      const answer = await source.load({ stage, signal });
      const wanted = (answer.unchanged ? [] : answer.endpoints).map((one) =>
        target.describe(parseEndpoint(one, stage)),
      );
      const { objects } = await target.list(stage, { signal });
      const byKey = (one: { key?: string }, other: { key?: string }) => ((one.key ?? '') < (other.key ?? '') ? -1 : 1);
      expect(objects.map(({ key, content }) => ({ key, content })).sort(byKey)).toEqual(
        (wanted as { key: string }[]).sort(byKey),
      );
      expect(await sync()).toMatchObject({ written: 0, removed: 0 });
    }),
    { numRuns: scaleRuns(300) },
  );
});

describe('a zone as a target', () => {
  const put = (target: ReturnType<typeof createZoneTarget>, id: string, more: object = {}) =>
    target.put(parseEndpoint({ service: 'a', id, target: 'https://a.example.com', ...more }, stage), {
      stage,
      mark: 'blue',
      signal,
    });

  test('writes without reading again after a listing, and reads again when that was overtaken', async () => {
    const { store, edit } = memoryZone();
    const target = createZoneTarget({ store });
    await target.list(stage, { signal });
    await put(target, 'x');
    await put(target, 'y');
    expect(store.requests).toEqual(['list', 'replace', 'replace']);
    edit(nameIndex(`${stage}.${zone}`), 'PTR', (values) => [...values, 'other.']);
    edit(nameOf('a'), 'SRV', () => ['1 1 1 changed.']);
    await put(target, 'z', { weight: 5 });
    expect(store.requests.slice(3)).toEqual(['replace', 'find', 'replace']);
  });

  test('takes no more endpoints of a service than a server takes records of one name', async () => {
    const { store, valuesOf } = memoryZone();
    const source = memorySource();
    for (let id = 0; id < 102; id++)
      source.register({ stage, service: 'a', id: `i${id}`, target: 'https://a.example.com' });
    const target = createZoneTarget({ store });
    const result = await syncStage({ source, target, mark: 'blue', stage, signal, sleep: async () => {} });
    expect(result).toMatchObject({ written: 100, failed: 0 });
    expect(result.skipped.map(({ reason }) => reason)).toEqual(
      Array(2).fill(expect.stringContaining('more than 100 TXT')),
    );
    expect(valuesOf(nameOf('a'), 'TXT')).toHaveLength(100);
  });

  test('a name that keeps changing is given up', async () => {
    const { store } = memoryZone();
    const target = createZoneTarget({ store: { ...store, replace: async () => false } });
    await expect(put(target, 'x')).rejects.toMatchObject({ message: expect.stringContaining('keeps changing') });
  });

  test.each(['pr.1', 's'.repeat(64)])('a stage that is no label, %s, has nothing in it', async (name) => {
    const { store } = memoryZone();
    const target = createZoneTarget({ store });
    expect(await target.list(name, { signal })).toEqual({ objects: [], isComplete: true });
    expect(await target.statuses?.list(name, { signal })).toEqual([]);
    expect(target.describe(parseEndpoint({ service: 'a', target: 'https://a.example.com' }, name))).toHaveProperty(
      'fault',
    );
  });
});
