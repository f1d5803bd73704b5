import { describe, expect, test } from '@jest/globals';
import { createResolver, type ResolverOptions } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { createFetchService, type FetchServiceOptions, type ServiceRequest } from './create-fetch-service.ts';
import type { ServiceAuth } from '@amplify-discovery/aws';

const own = 'https://old.example.com/base';
const moved = 'https://new.example.com/base';
const derived = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
const noConnection = () => Object.assign(new TypeError('fetch failed'), { cause: new Error('ECONNREFUSED') });
const gone = () =>
  new Response('{"message":"Forbidden"}', {
    status: 403,
    headers: { 'x-amzn-errortype': 'ForbiddenException', 'content-length': '23' },
  });

type Answer = Response | Error | (() => Response);

function setUp(
  answers: Readonly<Record<string, Answer>>,
  more: Partial<FetchServiceOptions & ResolverOptions> = {},
  target = own,
) {
  const source = memorySource();
  let nowMs = 0;
  const register = (to: string, fields: object = {}) =>
    source.register({ stage: 'dev', service: 'users', target: to, ...fields });
  register(target);
  const requests: Request[] = [];
  const resolver = createResolver({
    source,
    stage: 'dev',
    trustedHosts: ['*.example.com'],
    now: () => (nowMs += 10_000),
    freshSeconds: 1e9,
    ...more,
  });
  const fetchService = createFetchService({
    resolver,
    findAuth: () => ({ mode: 'none' }),
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' }),
    defaultRegion: 'eu-west-1',
    findHeaders: () => ({}),
    async fetch(input, init) {
      requests.push(new Request(input, init));
      const answer = answers[new URL(String(input)).host] ?? new Response('ok');
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer() : answer;
    },
    ...more,
  });
  return { fetchService, requests, register, source };
}

test('the calls of a function are spread by weight, and those of one key keep to an endpoint', async () => {
  const { fetchService, requests, register } = setUp({});
  register(moved, { id: 'canary', weight: 100 });
  const count = async (criteria?: { affinityKey: string }) => {
    requests.length = 0;
    for (let call = 0; call < 200; call++) await fetchService('users', '/', criteria && { criteria });
    return requests.filter(({ url }) => url.startsWith(moved)).length;
  };
  const spread = await count();
  expect(spread).toBeGreaterThan(50);
  expect(spread).toBeLessThan(150);
  expect([0, 200]).toContain(await count({ affinityKey: 'ann' }));
});

describe('a call by name', () => {
  test('goes to the endpoint, and its redirects are given back', async () => {
    const { fetchService, requests } = setUp({
      'old.example.com': new Response(null, { status: 302, headers: { location: 'https://evil.com/' } }),
    });
    await expect(fetchService('users', '/me?x=1')).resolves.toMatchObject({ status: 302 });
    expect(requests.map(({ url, redirect }) => [url, redirect])).toEqual([
      ['https://old.example.com/base/me?x=1', 'manual'],
    ]);
  });

  test('passes on method, body, headers and the trace, where the caller set none', async () => {
    const { fetchService, requests } = setUp({}, { findHeaders: () => ({ traceparent: 'ours', tracestate: 'ours' }) });
    await fetchService('users', '/', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', traceparent: 'theirs' },
    });
    const headers = Object.fromEntries(requests[0]?.headers ?? []);
    expect(headers).toMatchObject({ 'content-type': 'application/json', traceparent: 'theirs', tracestate: 'ours' });
    await expect(requests[0]?.text()).resolves.toBe('{}');
  });

  test.each<[string, ServiceAuth, ServiceRequest]>([
    ['a bearer token', { mode: 'bearer', token: () => 'token' }, {}],
    ['an API key', { mode: 'apiKey', key: 'key' }, {}],
    ['the caller\u2019s own authorization header', { mode: 'none' }, { headers: { Authorization: 'Bearer x' } }],
    ['the caller\u2019s own API key', { mode: 'none' }, { headers: { 'X-Api-Key': 'x' } }],
    ['a cookie', { mode: 'none' }, { headers: { cookie: 'session=1' } }],
    ['a cookie beside a signature', { mode: 'iam' }, { headers: { cookie: 'session=1' } }],
  ])('%s goes to listed hosts alone', async (_, auth, request) => {
    const listed = setUp({});
    await listed.fetchService('users', '/', { ...request, auth });
    expect(listed.requests).toHaveLength(1);
    const underived = setUp({}, { trustedHosts: undefined, region: 'eu-west-1' }, derived);
    await expect(underived.fetchService('users', '/', { ...request, auth })).rejects.toMatchObject({
      code: 'UntrustedEndpoint',
    });
    expect(underived.requests).toEqual([]);
  });

  test('a signature goes to derived hosts too, for the endpoint\u2019s region and service', async () => {
    const { fetchService, requests, register } = setUp({}, { trustedHosts: undefined, region: 'eu-west-1' }, derived);
    register(derived, { region: 'eu-west-1', signingService: 'execute-api' });
    await fetchService('users', '/', { auth: { mode: 'iam' }, method: 'POST', body: '{"a":1}' });
    expect(requests[0]?.headers.get('authorization')).toMatch(
      /Credential=AKID\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
    );
    expect(requests[0]?.headers.get('x-amz-security-token')).toBe('session');
    expect(requests[0]?.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
    await expect(requests[0]?.text()).resolves.toBe('{"a":1}');
  });

  test.each([
    ['https://x.lambda-url.eu-west-1.on.aws', 'lambda'],
    ['https://api.example.com', 'execute-api'],
  ])('%s is signed for %s when the record says nothing', async (target, service) => {
    const { fetchService, requests } = setUp({}, { trustedHosts: ['*.example.com', '*.on.aws'] }, target);
    await fetchService('users', '/', { auth: { mode: 'iam' } });
    expect(requests[0]?.headers.get('authorization')).toContain(`/eu-west-1/${service}/aws4_request`);
  });

  test.each<[string, ServiceAuth, Partial<FetchServiceOptions>]>([
    ['iam without credentials', { mode: 'iam' }, { credentials: () => Promise.reject(new Error('none')) }],
    [
      'iam with empty credentials',
      { mode: 'iam' },
      { credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) },
    ],
    ['iam without a region', { mode: 'iam' }, { defaultRegion: undefined }],
    ['bearer without a token', { mode: 'bearer', token: () => '' }, {}],
    ['apiKey without a key', { mode: 'apiKey', key: async () => '' }, {}],
  ])('%s fails with CredentialsMissing, and nothing is sent', async (_, auth, more) => {
    const { fetchService, requests } = setUp({}, more);
    await expect(fetchService('users', '/', { auth })).rejects.toMatchObject({
      code: 'CredentialsMissing',
      service: 'users',
    });
    expect(requests).toEqual([]);
  });

  test.each(['IAM', 'sigv4', '', 'constructor', undefined])(
    'an auth mode that does not exist sends nothing, rather than unsigned: %p',
    async (mode) => {
      const { fetchService, requests } = setUp({});
      const call = fetchService('users', '/', { auth: { mode } as unknown as ServiceAuth });
      await expect(call).rejects.toMatchObject({ code: 'InvalidOptions' });
      expect(requests).toEqual([]);
    },
  );

  test('a host header that was passed on from elsewhere does not choose the receiver', async () => {
    const { fetchService, requests } = setUp({});
    await fetchService('users', '/', { headers: { Host: 'evil.com', accept: 'text/plain' } });
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual({ accept: 'text/plain' });
  });

  test('the record\u2019s auth mode decides nothing', async () => {
    const { fetchService, requests, register } = setUp({});
    register(own, { authMode: 'iam' });
    await fetchService('users', '/');
    expect(requests[0]?.headers.has('authorization')).toBe(false);
  });

  test('a bad path and a target that is not a URL send nothing', async () => {
    const { fetchService, requests } = setUp({});
    await expect(fetchService('users', '/../x')).rejects.toMatchObject({ code: 'InvalidPath' });
    const other = setUp({}, {}, 'arn:aws:lambda:eu-west-1:123456789012:function:f');
    other.register('arn:aws:lambda:eu-west-1:123456789012:function:f', { kind: 'function' });
    await expect(other.fetchService('users', '/')).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('invokeService'),
    });
    expect([...requests, ...other.requests]).toEqual([]);
  });
});

describe('a signed call from a machine whose clock is wrong', () => {
  const ahead = new Date(Date.now() + 3_600_000);
  const refuse = () => new Response('{"message":"Forbidden"}', { status: 403, headers: { date: ahead.toUTCString() } });
  const signedAt = ({ headers }: Request) => headers.get('x-amz-date')?.slice(0, 11);
  const inAnHour = ahead.toISOString().replaceAll('-', '').slice(0, 11);

  test('goes out once more, signed at the time of the refusal, and so do those after it', async () => {
    let answers = 0;
    const { fetchService, requests } = setUp({ 'old.example.com': () => (answers++ ? new Response('ok') : refuse()) });
    const answer = await fetchService('users', '/', { method: 'POST', body: 'order', auth: { mode: 'iam' } });
    expect(await answer.text()).toBe('ok');
    await fetchService('users', '/', { auth: { mode: 'iam' } });
    expect(requests.map(signedAt).slice(1)).toEqual([inAnHour, inAnHour]);
    expect(signedAt(requests[0] as Request)).not.toBe(inAnHour);
    expect(await Promise.all(requests.slice(0, 2).map((request) => request.text()))).toEqual(['order', 'order']);
  });

  test('is refused for good where that does not help, and an unsigned one is not repeated', async () => {
    const { fetchService, requests } = setUp({ 'old.example.com': refuse });
    expect((await fetchService('users', '/', { auth: { mode: 'iam' } })).status).toBe(403);
    expect(requests).toHaveLength(2);
    const unsigned = setUp({ 'old.example.com': refuse });
    expect((await unsigned.fetchService('users', '/')).status).toBe(403);
    expect(unsigned.requests).toHaveLength(1);
  });
});

describe('when the endpoint does not answer', () => {
  const paths = (requests: Request[]) => requests.map(({ method, url }) => `${method} ${url}`);

  test.each<[string, Answer]>([
    ['no connection', noConnection()],
    ['the gateway\u2019s own 403', gone],
    [
      'the gateway\u2019s own 404',
      () =>
        new Response('{"message":"Not Found"}', {
          status: 404,
          headers: { 'apigw-requestid': 'x', 'content-length': '23' },
        }),
    ],
  ])('after %s a call moves to the new endpoint, once', async (_, answer) => {
    const { fetchService, requests, register, source } = setUp({ 'old.example.com': answer });
    await fetchService('users', '/warm').catch(() => {});
    requests.length = 0;
    register(moved);
    await expect(fetchService('users', '/x')).resolves.toMatchObject({ status: 200 });
    expect(paths(requests).slice(-1)).toEqual(['GET https://new.example.com/base/x']);
    expect(requests.length).toBeLessThanOrEqual(2);
    const asked = source.requests.length;
    await fetchService('users', '/y');
    expect(source.requests).toHaveLength(asked);
  });

  test('where nothing has moved the first outcome stands, after one look and no second call', async () => {
    const { fetchService, requests, source } = setUp({ 'old.example.com': noConnection() });
    await expect(fetchService('users', '/')).rejects.toThrow('fetch failed');
    expect([requests.length, source.requests.length]).toEqual([1, 2]);
    const other = setUp({ 'old.example.com': gone });
    await expect(other.fetchService('users', '/')).resolves.toMatchObject({ status: 403 });
    expect(other.requests).toHaveLength(1);
  });

  test('never more than one extra request goes out', async () => {
    const { fetchService, requests, register } = setUp({
      'old.example.com': noConnection(),
      'new.example.com': noConnection(),
    });
    await fetchService('users', '/').catch(() => {});
    requests.length = 0;
    const calling = fetchService('users', '/');
    register(moved);
    await expect(calling).rejects.toThrow('fetch failed');
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  test.each<[string, ServiceRequest, number]>([
    ['POST', {}, 1],
    ['PATCH', {}, 1],
    ['POST', { idempotent: true }, 2],
    ['PUT', {}, 2],
    ['DELETE', {}, 2],
    ['GET', { idempotent: false }, 1],
  ])('%s with %j goes out %d times', async (method, request, times) => {
    let isMoved = false;
    const setup = setUp({
      'old.example.com': () => {
        if (!isMoved) setup.register(moved);
        isMoved = true;
        return gone();
      },
    });
    await setup.fetchService('users', '/', { method, ...request });
    expect(setup.requests).toHaveLength(times);
  });

  test('a body is sent again as it was, and a stream is not sent twice', async () => {
    const run = async (body: BodyInit, more: object = {}) => {
      const setup = setUp({
        'old.example.com': () => {
          setup.register(moved);
          return gone();
        },
      });
      await setup.fetchService('users', '/', { method: 'PUT', body, ...more });
      return Promise.all(setup.requests.map((request) => request.text()));
    };
    await expect(run('text')).resolves.toEqual(['text', 'text']);
    await expect(run(new Uint8Array([65]), { auth: { mode: 'iam' } })).resolves.toEqual(['A', 'A']);
    await expect(run(new Blob(['s']).stream(), { duplex: 'half' })).resolves.toEqual(['s']);
  });

  test.each([
    [
      'the service\u2019s own 403',
      new Response('{"message":"Forbidden"}', {
        status: 403,
        headers: { date: 'Thu, 26 Nov 2026 08:00:00 GMT', 'content-length': '23' },
      }),
    ],
    [
      'a long 403',
      new Response(`{"message":"Forbidden"${' '.repeat(4977)}}`, {
        status: 403,
        headers: { 'x-amzn-errortype': 'ForbiddenException', 'content-length': '5000' },
      }),
    ],
    [
      'a 404 with another message',
      new Response('{"message":"no user 7"}', {
        status: 404,
        headers: { 'apigw-requestid': 'x', 'content-length': '23' },
      }),
    ],
    ['500', new Response('', { status: 500 })],
  ])('%s is an answer: the source is not asked', async (_, answer) => {
    const { fetchService, source } = setUp({ 'old.example.com': answer });
    const response = await fetchService('users', '/');
    expect(response.status).toBe(answer.status);
    await response.text();
    expect(source.requests).toHaveLength(1);
  });

  test('an aborted call sends nothing and rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { fetchService, source } = setUp({
      'old.example.com': () => {
        controller.abort(reason);
        throw reason;
      },
    });
    await expect(fetchService('users', '/', { signal: controller.signal })).rejects.toBe(reason);
    expect(source.requests).toHaveLength(1);
  });
});
