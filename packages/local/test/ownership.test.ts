import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import {
  deregisterEndpoint,
  findService,
  listStages,
  registerEndpoint,
  type RegisterEndpointInput,
} from '@amplify-discovery/registry/operations';
import { openRegistry, type OpenRegistry } from '../src/open-registry.ts';
import { directTransport } from './direct-transport.ts';

let registry: OpenRegistry;
let transport: GraphqlTransport;
let nowMs = Date.now();
let stageNumber = 0;

beforeAll(async () => {
  registry = await openRegistry({ now: () => nowMs });
  transport = directTransport(registry, 'iam');
});
afterAll(() => registry.close());

const newStage = () => `stage-${++stageNumber}`;
const input = (stage: string, more: Partial<RegisterEndpointInput> = {}): RegisterEndpointInput => ({
  stage,
  service: 'users',
  kind: 'rest',
  target: 'https://one.example.com/prod',
  owner: 'stack-1',
  ...more,
});
const register = (stage: string, more?: Partial<RegisterEndpointInput>) =>
  registerEndpoint(transport, input(stage, more));
const deregister = (
  stage: string,
  more: { owner?: string; token?: string; requestId?: string; requestedAt?: string; service?: string } = {},
) => deregisterEndpoint(transport, { stage, service: 'users', owner: 'stack-1', ...more });
const snapshot = (stage: string) =>
  registrySource({ transport: directTransport(registry, 'apiKey') }).load({
    stage,
    signal: new AbortController().signal,
  });
const targets = async (stage: string) => {
  const answer = await snapshot(stage);
  return answer.unchanged ? [] : (answer.endpoints as { target: string }[]).map(({ target }) => target);
};

describe('registering', () => {
  test('a new key is registered, its owner updates it, and registeredAt stays', async () => {
    const stage = newStage();
    const first = await register(stage);
    nowMs += 5000;
    const second = await register(stage, { target: 'https://two.example.com' });
    expect([first.change, second.change]).toEqual(['registered', 'updated']);
    expect(second.endpoint?.registeredAt).toBe(first.endpoint?.registeredAt);
    expect(Date.parse(second.endpoint?.updatedAt as string)).toBeGreaterThan(
      Date.parse(first.endpoint?.updatedAt as string),
    );
    expect(second.endpoint?.token).not.toBe(first.endpoint?.token);
    expect(await targets(stage)).toEqual(['https://two.example.com']);
  });

  test('every field comes back as it was registered', async () => {
    const stage = newStage();
    const fields = {
      id: 'canary',
      kind: 'graphql',
      region: 'eu-west-1',
      signingService: 'appsync',
      authMode: 'iam',
      version: '1.4.2-rc.1+7',
      tenant: 'acme',
      priority: 65535,
      weight: 0,
      public: false,
      metadata: { team: 'a', note: 'ü"\\' },
      expiresAt: '2099-01-01T00:00:00.000Z',
    } as const;
    const { endpoint } = await register(stage, fields);
    expect(endpoint).toMatchObject({
      ...fields,
      metadata: JSON.stringify(fields.metadata),
      stage,
      service: 'users',
      owner: 'stack-1',
    });
  });

  test('a key that another owner holds is refused, the message names the owner, and nothing changes', async () => {
    const stage = newStage();
    await register(stage);
    const before = await snapshot(stage);
    await expect(register(stage, { owner: 'stack-2', target: 'https://evil.example.com' })).rejects.toMatchObject({
      code: 'RegistrationConflict',
      message: expect.stringContaining('stack-1'),
    });
    expect(await snapshot(stage)).toEqual(before);
  });

  test('takeover replaces the record of another owner, whose late update is then refused', async () => {
    const stage = newStage();
    await register(stage);
    const taken = await register(stage, { owner: 'stack-2', takeover: true });
    expect(taken).toMatchObject({ change: 'updated', endpoint: { owner: 'stack-2' } });
    await expect(register(stage)).rejects.toMatchObject({ code: 'RegistrationConflict' });
  });

  test('a time whose offset has seconds is stored in a form that every reader accepts', async () => {
    const { endpoint } = await register(newStage(), { expiresAt: '2099-01-01T00:00:00+01:00:30' });
    expect(endpoint?.expiresAt).toBe('2098-12-31T22:59:30.000Z');
  });

  test('an expired record blocks nobody', async () => {
    const stage = newStage();
    await register(stage, { expiresAt: new Date(nowMs + 60_000).toISOString() });
    nowMs += 61_000;
    expect(await register(stage, { owner: 'stack-2' })).toMatchObject({
      change: 'registered',
      endpoint: { owner: 'stack-2' },
    });
  });

  test('with the token last seen it succeeds, with an older one it is a ConcurrentChange', async () => {
    const stage = newStage();
    const first = await register(stage);
    const token = first.endpoint?.token as string;
    expect((await register(stage, { token })).change).toBe('updated');
    await expect(register(stage, { token })).rejects.toMatchObject({ code: 'ConcurrentChange' });
    await expect(register(newStage(), { token })).rejects.toMatchObject({ code: 'ConcurrentChange' });
  });

  test('a repeated request changes nothing, even after a later change', async () => {
    const stage = newStage();
    const first = await register(stage, { requestId: 'request-1' });
    expect(await register(stage, { requestId: 'request-1' })).toEqual({ ...first, change: 'unchanged' });
    const later = await register(stage, { requestId: 'request-2', target: 'https://two.example.com' });
    expect(await register(stage, { requestId: 'request-1' })).toEqual({ ...later, change: 'unchanged' });
  });

  test('the last ten requests are remembered', async () => {
    const stage = newStage();
    for (let number = 0; number < 11; number++) await register(stage, { requestId: `request-${number}` });
    expect((await register(stage, { requestId: 'request-1' })).change).toBe('unchanged');
    expect((await register(stage, { requestId: 'request-0' })).change).toBe('updated');
  });
});

describe('deregistering', () => {
  test('removes the owner\u2019s record, and the stage has its earlier revision again', async () => {
    const stage = newStage();
    const empty = (await snapshot(stage)).revision;
    await register(stage);
    expect(await deregister(stage)).toEqual({
      stage,
      service: 'users',
      id: 'default',
      change: 'deregistered',
      endpoint: null,
    });
    expect((await snapshot(stage)).revision).toBe(empty);
    expect(await targets(stage)).toEqual([]);
  });

  test.each([
    ['another owner', { owner: 'stack-2' }],
    ['an older token', { token: '1.2' }],
    ['another service', { service: 'orders' }],
  ])('with %s it does nothing, successfully', async (_, more) => {
    const stage = newStage();
    await register(stage);
    const before = await snapshot(stage);
    expect(await deregister(stage, more)).toMatchObject({ change: 'unchanged' });
    expect(await snapshot(stage)).toEqual(before);
    expect(await targets(stage)).toHaveLength(1);
  });

  test('a late Delete of the owner before a takeover leaves the new registration alone', async () => {
    const stage = newStage();
    await register(stage);
    await register(stage, { owner: 'stack-2', takeover: true, target: 'https://two.example.com' });
    expect((await deregister(stage)).change).toBe('unchanged');
    expect(await targets(stage)).toEqual(['https://two.example.com']);
  });

  test('a late duplicate of the Create does not bring a removed endpoint back', async () => {
    const stage = newStage();
    await register(stage, { requestId: 'create' });
    await deregister(stage, { requestId: 'delete' });
    expect(await register(stage, { requestId: 'create' })).toMatchObject({ change: 'unchanged', endpoint: null });
    expect(await targets(stage)).toEqual([]);
  });

  test('anyone may register over a removed record, and earlier requests are still remembered', async () => {
    const stage = newStage();
    await register(stage, { requestId: 'create' });
    await deregister(stage, { requestId: 'delete' });
    expect(await register(stage, { owner: 'stack-2', requestId: 'create-2' })).toMatchObject({ change: 'registered' });
    expect((await register(stage, { requestId: 'create' })).change).toBe('unchanged');
    expect(
      (await findService(transport, 'users', { withOwner: true })).find((found) => found.stage === stage)?.owner,
    ).toBe('stack-2');
  });
});

describe('removed and expired records', () => {
  test('appear in no query and don\u2019t count in the revision', async () => {
    const stage = newStage();
    const service = `only-${stage}`;
    const empty = (await snapshot(stage)).revision;
    await register(stage, { service, expiresAt: new Date(nowMs + 60_000).toISOString() });
    await register(stage, { service, id: 'removed' });
    expect((await findService(transport, service)).length).toBe(2);
    await deregisterEndpoint(transport, { stage, service, id: 'removed', owner: 'stack-1' });
    const withOne = await snapshot(stage);
    expect(withOne.revision).not.toBe(empty);
    expect(await listStages(transport)).toContain(stage);
    nowMs += 61_000;
    expect(await snapshot(stage)).toEqual({ revision: empty, endpoints: [] });
    expect(await findService(transport, service)).toEqual([]);
    expect(await listStages(transport)).not.toContain(stage);
    expect((await deregister(stage)).change).toBe('unchanged');
    expect((await snapshot(stage)).revision).toBe(empty);
  });
});

describe('a malformed record is refused with InvalidRecord, and nothing is written:', () => {
  const cases: [string, Partial<RegisterEndpointInput>][] = [
    ['a service with a slash', { service: 'a/b' }],
    ['a service that starts with a dot', { service: '.users' }],
    ['a service with a line break at its end', { service: 'users\n' }],
    ['a service with the separator of the key', { service: 'users#x' }],
    ['an empty id', { id: '' }],
    ['a name of 129 characters', { id: 'x'.repeat(129) }],
    ['a negative weight', { weight: -1 }],
    ['a weight of 1001', { weight: 1001 }],
    ['plain http to another host', { target: 'http://users.example.com' }],
    ['a host that only begins like localhost', { target: 'http://localhost.evil.com' }],
    ['a host that only begins like 127.0.0.1', { target: 'http://127.0.0.1.evil.com/' }],
    ['user info', { target: 'https://api.example.com@evil.com/' }],
    ['user info that looks local', { target: 'http://localhost:80@evil.com/' }],
    ['a query', { target: 'https://a.example.com/?x=1' }],
    ['a hash', { target: 'https://a.example.com/#x' }],
    ['a backslash', { target: 'https://a.example.com\\@evil.com' }],
    ['a tab', { target: 'https://a.exa\tmple.com' }],
    ['an encoded slash', { target: 'https://a.example.com/a%2Fb' }],
    ['no host', { target: 'https:///path' }],
    ['another scheme', { target: 'javascript://alert' }],
    ['wss for a kind that is no socket', { target: 'wss://a.example.com' }],
    ['a target of 2049 characters', { target: `https://a.example.com/${'x'.repeat(2027)}` }],
    ['a URL for a function', { kind: 'function' }],
    ['an ARN for a rest service', { target: 'arn:aws:lambda:eu-west-1:1:function:x' }],
    ['metadata with a number', { metadata: { a: 1 } as never }],
    ['metadata that is a list', { metadata: ['a'] as never }],
    ['metadata over 4 KB', { metadata: { a: 'x'.repeat(4096) } }],
    ['a version that is not semantic', { version: '1.2' }],
    ['a region with a space', { region: 'eu west' }],
    ['a signing service with a slash', { signingService: 'a/b' }],
    ['a tenant with a colon', { tenant: 'a:b' }],
    ['an empty owner', { owner: '' }],
    ['a request id of 129 characters', { requestId: 'x'.repeat(129) }],
    ['a kind that does not exist', { kind: 'soap' as never }],
    ['a time that is none', { expiresAt: 'tomorrow' }],
    ['a date that does not exist', { expiresAt: '2026-02-30T00:00:00Z' }],
  ];
  test.each(cases)('%s', async (_, more) => {
    const stage = newStage();
    const before = await snapshot(stage);
    await expect(register(stage, more)).rejects.toMatchObject({ code: 'InvalidRecord' });
    expect(await snapshot(stage)).toEqual(before);
  });

  test.each([
    ['https with a port and a path', { target: 'https://a.example.com:8443/v1' }],
    ['http to localhost', { target: 'http://localhost:3000/api' }],
    ['http to 127.0.0.1', { target: 'http://127.0.0.1:3000' }],
    ['http to [::1]', { target: 'http://[::1]:3000' }],
    ['wss for a websocket', { kind: 'websocket', target: 'wss://a.example.com/socket' }],
    ['an ARN for a function', { kind: 'function', target: 'arn:aws:lambda:eu-west-1:123456789012:function:x' }],
  ] as [string, Partial<RegisterEndpointInput>][])('but %s is accepted', async (_, more) => {
    expect((await register(newStage(), more)).change).toBe('registered');
  });
});

describe('requests with requestedAt', () => {
  const at = (second: number) => ({ requestedAt: `2026-11-21T20:00:0${second}Z`, requestId: `request-${second}` });

  test('count in that order, whatever order they arrive in', async () => {
    const stage = newStage();
    await register(stage, at(1));
    const newest = await register(stage, { ...at(5), target: 'https://five.example.com' });
    const late = await register(stage, { ...at(3), target: 'https://three.example.com' });
    expect(late).toEqual({ ...newest, change: 'unchanged' });
    expect((await deregister(stage, at(4))).change).toBe('unchanged');
    expect(await targets(stage)).toEqual(['https://five.example.com']);
    expect((await deregister(stage, at(6))).change).toBe('deregistered');
    expect((await register(stage, at(2))).change).toBe('unchanged');
    expect(await targets(stage)).toEqual([]);
  });

  test('of the same moment count in order of arrival', async () => {
    const stage = newStage();
    await register(stage, at(1));
    const second = { ...at(1), requestId: 'other', target: 'https://two.example.com' };
    expect((await register(stage, second)).change).toBe('updated');
    expect(await targets(stage)).toEqual(['https://two.example.com']);
  });

  test('a removal that finds nothing is remembered, and the registration that it overtook does nothing', async () => {
    const stage = newStage();
    expect(await deregister(stage, at(2))).toMatchObject({ change: 'unchanged', endpoint: null });
    expect((await register(stage, at(1))).change).toBe('unchanged');
    expect(await targets(stage)).toEqual([]);
    expect((await register(stage, at(3))).change).toBe('registered');
    expect((await deregister(stage, at(2))).change).toBe('unchanged');
    expect(await targets(stage)).toHaveLength(1);
  });

  test('a removal that finds another owner leaves its record, token and revision as they are', async () => {
    const stage = newStage();
    const held = await register(stage, { owner: 'stack-2', ...at(1) });
    const before = await snapshot(stage);
    expect(await deregister(stage, at(2))).toEqual({ ...held, change: 'unchanged' });
    expect(await snapshot(stage)).toEqual(before);
    expect(
      (await deregister(stage, { owner: 'stack-2', ...at(3), token: held.endpoint?.token as string })).change,
    ).toBe('deregistered');
    expect((await register(stage, at(1))).change).toBe('unchanged');
  });

  describe('to take over', () => {
    const takeover = { owner: 'stack-2', takeover: true, target: 'https://two.example.com' };
    const late = { code: 'RegistrationConflict', message: expect.stringContaining('held by stack-1, whose') };

    test('beat what was asked for before them, in whatever second', async () => {
      const stage = newStage();
      await register(stage, at(5));
      expect((await register(stage, { ...takeover, ...at(5), requestId: 'other' })).change).toBe('updated');
      expect((await register(stage, { ...at(6), takeover: true })).change).toBe('updated');
    });

    test("never beat another owner's newer registration, however late they come", async () => {
      const stage = newStage();
      await register(stage, at(5));
      await expect(register(stage, { ...takeover, ...at(4) })).rejects.toMatchObject(late);
      await register(stage, { ...takeover, ...at(6) });
      await register(stage, { ...at(7), takeover: true });
      expect((await register(stage, { ...takeover, ...at(3), requestId: 'delayed' })).change).toBe('unchanged');
      expect(await targets(stage)).toEqual(['https://one.example.com/prod']);
    });

    test('never beat a newer registration without requestedAt', async () => {
      const stage = newStage();
      const toSecond = (ms: number) => ({ requestedAt: new Date(Math.floor(ms / 1000) * 1000).toISOString() });
      await register(stage);
      await expect(register(stage, { ...takeover, ...toSecond(nowMs - 2000) })).rejects.toMatchObject(late);
      expect((await register(stage, { ...takeover, ...toSecond(nowMs) })).change).toBe('updated');
    });

    test('never beat it, however many requests of others came in between', async () => {
      const stage = newStage();
      await register(stage, at(5));
      for (let number = 0; number < 12; number++) {
        await deregister(stage, { owner: `other-${number}`, ...at(6), requestId: `removal-${number}` });
      }
      await expect(register(stage, { ...takeover, ...at(4) })).rejects.toMatchObject(late);
      expect((await register(stage, at(3))).change).toBe('unchanged');
    });
  });
});
