import { afterEach, describe, expect, test } from '@jest/globals';
import { createFetchListener, startLocalServer } from '@amplify-discovery/local';
import type { HttpEvent } from '@amplify-discovery/aws/http-event';
import { memorySource } from '@amplify-discovery/test-rig';
import {
  createEnvoyFacade,
  createFacadeHandler,
  createFacadeView,
  createPrometheusFacade,
  requireToken,
  type Facade,
} from '../src/index.ts';

const stage = 'dev';
const token = 'token-of-the-tests';
const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

function makeView(maximumWaiting?: number) {
  const source = memorySource();
  source.register({ stage, service: 'users', target: 'https://users.example.com' });
  return {
    source,
    view: createFacadeView({ source, stages: [stage], trustedHosts: ['*.example.com'], maximumWaiting }),
  };
}

async function serve(facade: Facade): Promise<string> {
  const server = await startLocalServer({ handlers: { '': createFetchListener(facade) } });
  running.push(server.stop);
  return server.url;
}

describe('a facade behind node:http', () => {
  test('answers GET, HEAD and POST as it does by itself', async () => {
    const { view } = makeView();
    const url = await serve(createPrometheusFacade(view));
    const answer = await fetch(`${url}/prometheus?service=users`);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('age')]).toEqual([
      200,
      'application/json',
      '0',
    ]);
    expect(await answer.json()).toHaveLength(1);
    const head = await fetch(`${url}/prometheus`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(`${url}//evil.example.com/prometheus`)).status).toBe(404);

    const envoy = await serve(createEnvoyFacade(view));
    const ask = (body: string) => fetch(`${envoy}/v3/discovery:clusters`, { method: 'POST', body });
    expect(await (await ask('{"resource_names":["*"]}')).json()).toMatchObject({ resources: [{ name: 'users' }] });
    expect((await ask('x'.repeat(1_000_001))).status).toBe(413);
  });

  test('ends a waiting answer when its caller goes away', async () => {
    const { view } = makeView();
    const caller = new AbortController();
    const ended = new Promise<unknown>((resolve) => {
      const facade: Facade = async ({ signal }) => {
        const { revision } = await view.readSnapshot(stage, signal);
        const waiting = view.waitForChange(stage, revision, 60_000, signal);
        waiting.catch(resolve);
        caller.abort();
        await waiting;
        return new Response();
      };
      void serve(facade).then((url) => fetch(url, { signal: caller.signal }).catch(() => {}));
    });
    expect(await ended).toMatchObject({ name: 'AbortError' });
  });
});

describe('a token', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const ask = async (headers: Readonly<Record<string, string>>) => {
    const facade = requireToken(async () => new Response('secret'), token);
    return (await facade(new Request('http://127.0.0.1/', { headers }))).status;
  };

  test.each([
    { authorization: `Bearer ${token}` },
    { authorization: `bearer  ${token}` },
    { authorization: token },
    basic(`anyone:${token}`),
    { 'x-consul-token': token },
  ])('is taken from %j', async (headers) => {
    expect(await ask(headers)).toBe(200);
  });

  test.each([
    {},
    { authorization: 'Bearer ' },
    { authorization: `Bearer ${token}x` },
    { authorization: `Bearer ${token.slice(1)}` },
    { authorization: `Digest ${token}` },
    basic(token),
    basic(`${token}:`),
    basic(`a:b:${token}`),
    { 'x-consul-token': '' },
  ])('is not right in %j', async (headers) => {
    expect(await ask(headers as never)).toBe(401);
  });

  test.each(['', 'short', 'a token with spaces', 'ein-langes-Schlüsselwort'])('"%s" is not accepted as one', (bad) => {
    expect(() => requireToken(async () => new Response(), bad)).toThrow(/16 or more ASCII characters/);
  });
});

describe('a facade in Lambda', () => {
  const context = { getRemainingTimeInMillis: () => 3000 };
  const makeEvent = (more: object = {}, iam?: object): HttpEvent => ({
    version: '2.0',
    rawPath: '/prometheus',
    rawQueryString: '',
    headers: {},
    requestContext: {
      domainName: 'abc.lambda-url.eu-west-1.on.aws',
      http: { method: 'GET' },
      ...(iam && { authorizer: { iam } }),
    },
    ...more,
  });

  test('answers requests that AWS has checked, and no others', async () => {
    const handler = createFacadeHandler(createPrometheusFacade(makeView(0).view), { access: 'iam' });
    const answer = await handler(makeEvent({}, { accountId: '123456789012' }), context);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(answer.body)).toHaveLength(1);
    expect(await handler(makeEvent(), context)).toMatchObject({ statusCode: 403 });
    await expect(handler({ Records: [] } as never, context)).rejects.toMatchObject({ code: 'InvalidOptions' });
  });

  test('takes a token instead, a body in Base64, and the query', async () => {
    const { view } = makeView(0);
    const headers = { authorization: `Bearer ${token}` };
    const prometheus = createFacadeHandler(createPrometheusFacade(view), { access: { token } });
    expect(await prometheus(makeEvent({ headers, rawQueryString: 'service=other' }), context)).toMatchObject({
      body: '[]',
    });
    expect(await prometheus(makeEvent({}, { accountId: '1' }), context)).toMatchObject({ statusCode: 401 });
    const envoy = createFacadeHandler(createEnvoyFacade(view), { access: { token } });
    const event = makeEvent({
      headers,
      rawPath: '/v3/discovery:clusters',
      requestContext: { http: { method: 'POST' } },
      body: Buffer.from('{}').toString('base64'),
      isBase64Encoded: true,
    });
    expect(JSON.parse((await envoy(event, context)).body)).toMatchObject({ resources: [{ name: 'users' }] });
  });

  test('answers a blocking query at once, and says before the deadline that its source is slow', async () => {
    const { view, source } = makeView(0);
    const facade: Facade = async ({ signal }) => {
      const { revision } = await view.readSnapshot(stage, signal);
      return Response.json((await view.waitForChange(stage, revision, 300_000, signal)).revision === revision);
    };
    const handler = createFacadeHandler(facade, { access: 'iam' });
    expect(await handler(makeEvent({}, {}), context)).toMatchObject({ statusCode: 200, body: 'true' });
    const slow = makeView(0);
    const release = slow.source.hold();
    const late = createFacadeHandler(createPrometheusFacade(slow.view), { access: 'iam' });
    expect(await late(makeEvent({}, {}), { getRemainingTimeInMillis: () => 500 })).toMatchObject({ statusCode: 504 });
    release();
    expect(source.requests).toHaveLength(1);
  });
});
