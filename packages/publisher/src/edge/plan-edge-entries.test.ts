import { expect, test } from '@jest/globals';
import { createTrust, parseSnapshot } from '@amplify-discovery/core';
import { planEdgeEntries } from './plan-edge-entries.ts';
import { planEdgeSettings } from './plan-edge-settings.ts';

const findTrust = createTrust({ trustedHosts: ['*.example.com', 'one.example.com:*', '10.0.0.1'] });
const record = (fields: object) => ({ service: 'orders', target: 'https://one.example.com/v1', ...fields });
const snapshotOf = (records: readonly object[], parseTrust = findTrust) =>
  parseSnapshot({ revision: '1', endpoints: records }, 'Production', parseTrust);

test('entries hold https endpoints on listed hosts without tenant; other services are reported as skipped', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    record({ service: 'wide', id: `endpoint-${index}`, target: `https://host-${index}.example.com/v1` }),
  );
  const { entries, skipped } = planEdgeEntries(
    snapshotOf([
      record({ target: 'https://one.example.com:8443/v1/' }),
      record({ service: 'tenants', tenant: 'acme' }),
      record({ service: 'job', kind: 'function', target: 'arn:aws:lambda:eu-west-1:123456789012:function:job' }),
      ...many,
    ]),
    findTrust,
  );
  expect([...entries]).toEqual([['Production/orders', '[["default",100,"one.example.com","/v1",8443]]']]);
  expect(skipped.map(({ service }) => service)).toEqual(['tenants', 'job', 'wide']);
  for (const value of entries.values()) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(1024);
});

test("AWS's own domains, which are trusted without a list, are not served", () => {
  const derived = createTrust({ region: 'eu-west-1' });
  const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
  expect(planEdgeEntries(snapshotOf([record({ target })], derived), derived)).toMatchObject({
    entries: new Map(),
    skipped: [{ service: 'orders' }],
  });
});

test('a service with endpoints on unlisted hosts is skipped, however the snapshot was parsed', () => {
  const records = [record({}), record({ id: 'b', target: 'https://evil.example.net' })];
  for (const parseTrust of [findTrust, () => 'listed' as const]) {
    const { entries, skipped } = planEdgeEntries(snapshotOf(records, parseTrust), findTrust);
    expect(entries.size).toBe(0);
    expect(skipped.map(({ service }) => service)).toEqual(['orders']);
  }
});

test('an endpoint that gets no traffic is left out, wherever it is, and its service is served', () => {
  const records = [
    record({}),
    record({ id: 'standby', priority: 1, target: 'https://elsewhere.example.net' }),
    record({ id: 'next', version: '2.0.0-rc.1', target: 'https://elsewhere.example.net' }),
  ];
  const { entries, skipped } = planEdgeEntries(
    snapshotOf(records, () => 'listed'),
    findTrust,
  );
  expect([...entries.values()]).toEqual(['[["default",100,"one.example.com","/v1",443]]']);
  expect(skipped).toEqual([]);
});

test('the successor of an endpoint that expires has the time at which it takes over', () => {
  const records = [
    record({ expiresAt: '2030-01-01T00:00:00Z' }),
    record({ id: 'standby', priority: 1, target: 'https://two.example.com' }),
  ];
  const { entries } = planEdgeEntries(snapshotOf(records), findTrust, { now: () => Date.parse('2029-12-31') });
  const time = Date.parse('2030-01-01');
  expect([...entries.values()]).toEqual([
    `[["default",100,"one.example.com","/v1",443,${time}],["standby",100,"two.example.com","",443,0,${time}]]`,
  ]);
});

test('a malformed record is reported, and its service is still served', () => {
  const { entries, skipped } = planEdgeEntries(snapshotOf([record({}), record({ id: 'b', weight: -1 })]), findTrust);
  expect(entries.size).toBe(1);
  expect(skipped).toEqual([{ service: 'orders', reason: expect.stringContaining('weight') }]);
});

test.each(['https://10.0.0.1/v1', 'https://one.example.com:81/v1', 'https://one.example.com:1023/v1'])(
  '%s is not a valid origin for CloudFront',
  (target) => {
    expect(planEdgeEntries(snapshotOf([record({ target })]), findTrust).entries.size).toBe(0);
  },
);

test('a service with too long a key is skipped', () => {
  const snapshot = { ...snapshotOf([record({})]), stage: 's'.repeat(506) };
  expect(planEdgeEntries(snapshot, findTrust).skipped).toEqual([
    { service: 'orders', reason: 'stage and name take more than 512 bytes' },
  ]);
});

test('only named services are served or reported as skipped', () => {
  const records = [
    record({}),
    record({ service: 'secret' }),
    record({ service: 'other', target: 'https://x.example.net' }),
  ];
  const { entries, skipped } = planEdgeEntries(snapshotOf(records), findTrust, { services: ['orders'] });
  expect([...entries.keys()]).toEqual(['Production/orders']);
  expect(skipped).toEqual([]);
});

test('settings are one value, with hosts and header names in lower case', () => {
  const settings = {
    stage: 'a',
    byHost: { 'WWW.Example.com': 'b' },
    affinity: { header: 'X-User', cookie: 'Session' },
  };
  expect(JSON.parse(planEdgeSettings(settings)[1])).toEqual({
    stage: 'a',
    byHost: { 'www.example.com': 'b' },
    header: 'x-user',
    cookie: 'Session',
  });
  const byHost = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`host-${index}.example.com`, 'staging']));
  expect(() => planEdgeSettings({ byHost })).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
});
