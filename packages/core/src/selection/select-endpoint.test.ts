import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Endpoint } from '../records/endpoint.ts';
import type { SelectionCriteria } from './list-candidates.ts';
import { selectEndpoint } from './select-endpoint.ts';
import { versionRange } from './version-range.ts';

const now = Date.UTC(2026, 0, 1);

function endpoint(id: string, fields: Partial<Endpoint> = {}): Endpoint {
  return {
    stage: 'dev',
    service: 'users',
    id,
    kind: 'rest',
    target: `https://${id}.example.com`,
    priority: 0,
    weight: 100,
    public: false,
    ...fields,
  };
}

function select(endpoints: readonly Endpoint[], criteria: SelectionCriteria = {}): string | undefined {
  return selectEndpoint(endpoints, criteria, now)?.id;
}

describe('selectEndpoint', () => {
  test('finds nothing in an empty list', () => {
    expect(select([])).toBeUndefined();
  });

  test('ignores an endpoint from the millisecond on in which it expires', () => {
    expect(select([endpoint('a', { expiresAt: now })])).toBeUndefined();
    expect(select([endpoint('a', { expiresAt: now + 1 })])).toBe('a');
    expect(select([endpoint('a', { expiresAt: 0 })])).toBeUndefined();
  });

  test('takes the endpoint with the id, however small its weight', () => {
    const endpoints = [endpoint('blue', { weight: 1000 }), endpoint('green', { weight: 0 })];
    expect(select(endpoints, { id: 'green' })).toBe('green');
    expect(select(endpoints, { id: 'red' })).toBeUndefined();
  });

  test('takes the highest version in the range, by number and not by text', () => {
    const endpoints = ['1.9.0', '1.10.0', '2.0.0', '1.2.0'].map((version) => endpoint(version, { version }));
    expect(select(endpoints, { version: versionRange('^1.2') })).toBe('1.10.0');
    expect(select(endpoints, { version: versionRange('>=1') })).toBe('2.0.0');
    expect(select(endpoints, { version: versionRange('^3') })).toBeUndefined();
  });

  test('takes an endpoint without version for a range that leaves nothing out, after all that have one', () => {
    expect(select([endpoint('a')], { version: versionRange('*') })).toBe('a');
    expect(select([endpoint('a'), endpoint('b', { version: '0.0.1' })], { version: versionRange('*') })).toBe('b');
    expect(select([endpoint('a')], { version: versionRange('>=0.0.0') })).toBeUndefined();
    expect(select([endpoint('a')])).toBe('a');
  });

  test('refuses a range that is text, and says what to write', () => {
    expect(() => select([endpoint('a')], { version: '^1' as never })).toThrow(
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining('versionRange("^1")') }),
    );
  });

  test('leaves pre-releases out where no version is asked for, unless there is nothing else', () => {
    const staged = endpoint('staged', { version: '2.1.0-staged', weight: 1000 });
    const released = endpoint('released', { version: '2.0.1', weight: 1 });
    for (let key = 0; key < 20; key++) expect(select([staged, released], { affinityKey: `${key}` })).toBe('released');
    expect(select([staged, endpoint('unversioned', { weight: 0 })])).toBe('unversioned');
    expect(select([endpoint('built', { version: '1.0.0+build-5', weight: 1 }), staged])).toBe('built');
    expect(select([staged])).toBe('staged');
    expect(select([staged, released], { id: 'staged' })).toBe('staged');
    expect(select([staged, released], { version: versionRange('2.1.0-staged') })).toBe('staged');
    expect(select([{ ...staged, tenant: 'acme' }, released], { tenant: 'acme' })).toBe('staged');
  });

  test('answers as the predecessor does where a stage is meant by a tag', () => {
    const endpoints = ['5.0.0', '5.0.0-staging', '3.7.9', '3.7.9-staging'].map((version) =>
      endpoint(version, { version }),
    );
    const ranges = ['5.x.x-staging', '3.x-staging', '3.x'].map(versionRange);
    expect(ranges.map((version) => select(endpoints, { version }))).toEqual([
      '5.0.0-staging',
      '3.7.9-staging',
      '3.7.9',
    ]);
    expect(select(endpoints)).toMatch(/^[35]\.\d\.\d$/);
  });

  test('takes the lowest priority of those that fit', () => {
    const endpoints = [
      endpoint('standby', { priority: 1, weight: 1000 }),
      endpoint('first', { weight: 0 }),
      endpoint('next', { version: '2.0.0', priority: 7 }),
    ];
    expect(select(endpoints)).toBe('first');
    expect(select(endpoints.slice(0, 1))).toBe('standby');
    expect(select(endpoints, { version: versionRange('^2') })).toBe('next');
  });

  test('shares keys by weight among endpoints of the same highest version only', () => {
    const endpoints = [
      endpoint('old', { version: '1.0.0', weight: 1000 }),
      endpoint('a', { version: '1.1.0' }),
      endpoint('b', { version: '1.1.0+build.2' }),
    ];
    const chosen = new Set<unknown>();
    for (let key = 0; key < 100; key += 1)
      chosen.add(select(endpoints, { version: versionRange('^1'), affinityKey: `${key}` }));
    expect(chosen).toEqual(new Set(['a', 'b']));
  });

  test("takes a tenant's own endpoint, else one without tenant, never another tenant's", () => {
    const endpoints = [
      endpoint('acme', { tenant: 'acme', weight: 0 }),
      endpoint('shared'),
      endpoint('other', { tenant: 'other', weight: 1000 }),
    ];
    expect(select(endpoints, { tenant: 'acme' })).toBe('acme');
    expect(select(endpoints, { tenant: 'new' })).toBe('shared');
    expect(select(endpoints)).toBe('shared');
    expect(select([endpoint('other', { tenant: 'other' })], { tenant: 'acme' })).toBeUndefined();
    expect(select([endpoint('other', { tenant: 'other' })])).toBeUndefined();
  });

  test("falls back to the untenanted when the tenant's own endpoint has expired or has no such version or id", () => {
    const own = { tenant: 'acme', version: '1.0.0' };
    const shared = endpoint('shared', { version: '2.0.0' });
    expect(select([endpoint('acme', { ...own, expiresAt: now }), shared], { tenant: 'acme' })).toBe('shared');
    expect(select([endpoint('acme', own), shared], { tenant: 'acme', version: versionRange('^2') })).toBe('shared');
    expect(select([endpoint('acme', own), shared], { tenant: 'acme', id: 'shared' })).toBe('shared');
  });

  test("prefers a tenant's own endpoint to a higher version of the shared one", () => {
    const endpoints = [
      endpoint('shared', { version: '1.9.0' }),
      endpoint('acme', { tenant: 'acme', version: '1.1.0' }),
    ];
    expect(select(endpoints, { tenant: 'acme', version: versionRange('^1') })).toBe('acme');
  });

  test('never gives what the criteria rule out, and always something if they leave anything', () => {
    const candidate = fc.record(
      {
        id: fc.constantFrom('a', 'b', 'c'),
        tenant: fc.constantFrom('acme', 'other'),
        version: fc.constantFrom('1.0.0', '1.2.0', '2.0.0', '2.0.0-rc.1'),
        weight: fc.integer({ min: 0, max: 1000 }),
        expiresAt: fc.constantFrom(now - 1, now, now + 1),
      },
      { requiredKeys: ['id', 'weight'] },
    );
    const criteria = fc.record(
      {
        id: fc.constantFrom('a', 'b'),
        tenant: fc.constantFrom('acme', 'new'),
        range: fc.constantFrom('^1', '*', '2.0.0-rc.1'),
        affinityKey: fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(candidate), criteria, (fields, { range, ...rest }) => {
        const endpoints = fields.map(({ id, ...other }) => endpoint(id, other));
        const version = range === undefined ? undefined : versionRange(range);
        const fits = endpoints.filter(
          ({ id, tenant, version: own, expiresAt = Infinity }) =>
            expiresAt > now &&
            (rest.id === undefined || id === rest.id) &&
            (tenant === undefined || tenant === rest.tenant) &&
            (!version || version.matches(own)),
        );
        const found = selectEndpoint(endpoints, { ...rest, version }, now);
        expect(found === undefined).toBe(fits.length === 0);
        if (found) {
          expect(fits).toContain(found);
          if (fits.some(({ tenant }) => tenant)) expect(found.tenant).toBe(rest.tenant);
        }
      }),
    );
  });
});

describe('the ranking of a reader', () => {
  const inRegions = [
    endpoint('eu', { region: 'eu-west-1', priority: 1 }),
    endpoint('us', { region: 'us-east-1' }),
    endpoint('ap', { region: 'ap-south-1' }),
    endpoint('anywhere', { priority: 2 }),
  ];
  const rank = (prefer: readonly string[], down: readonly string[] = [], endpoints = inRegions) =>
    selectEndpoint(endpoints, {}, now, {
      prefer,
      isDown: (target) => down.includes(target.slice('https://'.length, -'.example.com'.length)),
    })?.id;

  test('takes the first of the preferred regions that has an endpoint, before any priority', () => {
    expect(rank(['eu-west-1', 'us-east-1'])).toBe('eu');
    expect(rank(['sa-east-1', 'us-east-1'])).toBe('us');
  });

  test('takes the others by their priority', () => {
    expect(rank(['sa-east-1'], ['us'])).toBe('ap');
    expect(rank(['eu-west-1', 'us-east-1'], ['eu', 'us', 'ap'])).toBe('anywhere');
  });

  test('takes the next one of an endpoint that is down: the next region, priority, or the other of the same', () => {
    expect(rank(['eu-west-1', 'us-east-1'], ['eu'])).toBe('us');
    expect(rank([], ['us', 'ap'])).toBe('eu');
    const [stable, canary] = [endpoint('stable', { weight: 100 }), endpoint('canary', { weight: 1 })];
    expect(rank([], ['stable'], [stable, canary])).toBe('canary');
  });

  test('takes what is down when there is nothing else, in the same order', () => {
    expect(rank(['eu-west-1'], ['eu', 'us', 'ap', 'anywhere'])).toBe('eu');
  });

  test('does not take another version or another tenant in place of what is down', () => {
    const tenants = [endpoint('own', { tenant: 'acme' }), endpoint('shared')];
    const ranking = { isDown: (target: string) => target.includes('own') };
    expect(selectEndpoint(tenants, { tenant: 'acme' }, now, ranking)?.id).toBe('own');
    const versions = [endpoint('own', { version: '1.2.0' }), endpoint('old', { version: '1.1.0' })];
    expect(selectEndpoint(versions, { version: versionRange('^1') }, now, ranking)?.id).toBe('own');
  });
});
