import { afterEach, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { PassThrough, Writable } from 'node:stream';
import { brotliCompressSync } from 'node:zlib';
import type { HttpEvent } from '@amplify-discovery/aws/http-event';
import { memorySource, type MemorySource } from '@amplify-discovery/test-rig';
import {
  createRouterHandler,
  type LambdaStreaming,
  type RouterHandlerOptions,
} from '../src/hosts/lambda/create-router-handler.ts';
import type { LoadBalancerEvent } from '../src/hosts/lambda/read-event.ts';
import { startBackend, type Backend, type Respond } from './start-backend.ts';

const running: Backend[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((backend) => backend.stop()));
});

const context = (remainingMs = 10_000) => ({ getRemainingTimeInMillis: () => remainingMs });

async function start(respond?: Respond, options: Partial<RouterHandlerOptions> = {}) {
  const backend = await startBackend(respond);
  running.push(backend);
  const source: MemorySource = memorySource();
  source.register({ stage: 'Production', service: 'orders', target: `${backend.url}/v1` });
  source.register({ stage: 'staging', service: 'orders', target: `${backend.url}/staging` });
  const handlers = createRouterHandler({
    stage: 'Production',
    discovery: { source, trustedHosts: ['127.0.0.1:*'], cacheFolder: false, env: {} },
    ...options,
  });
  return { backend, source, ...handlers };
}

/** As documented for payload format 2.0. */
const httpApiEvent: HttpEvent & Record<string, unknown> = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/orders/a b/é/100%25',
  rawQueryString: 'parameter1=value1&parameter1=value2&q=%22x%22',
  cookies: ['cookie1=1', 'cookie2=2'],
  headers: {
    accept: '*/*',
    'content-length': '5',
    'content-type': 'text/plain',
    host: 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
    'user-agent': 'curl/8.5.0',
    'x-amzn-trace-id': 'Root=1-65f0a1b2-0123456789abcdef01234567',
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
    header1: 'value1,value2',
  },
  requestContext: {
    accountId: '123456789012',
    apiId: 'abcdef1234',
    domainName: 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
    domainPrefix: 'abcdef1234',
    http: {
      method: 'POST',
      path: '/orders/a b/é/100%25',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.7',
      userAgent: 'curl/8.5.0',
    },
    requestId: 'JKJaXmPLvHcESHA=',
    routeKey: '$default',
    stage: '$default',
    time: '12/Mar/2026:19:03:58 +0000',
    timeEpoch: 1773342238000,
  } as HttpEvent['requestContext'],
  body: 'hello',
  isBase64Encoded: false,
};

const functionUrlEvent: HttpEvent = {
  ...httpApiEvent,
  rawPath: '/orders/a%20b/%C3%A9/c%2Fd',
  requestContext: {
    ...httpApiEvent.requestContext,
    domainName: 'zyxwvutsrqponmlkjihgfedcba.lambda-url.eu-west-1.on.aws',
  },
};

const loadBalancerEvent: LoadBalancerEvent & Record<string, unknown> = {
  requestContext: {
    elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/router/6d0ecf831eec9f09' },
  },
  httpMethod: 'GET',
  path: '/orders/a%20b',
  queryStringParameters: { query: '1234%20ABCD', flag: '' },
  headers: {
    accept: 'text/html',
    'accept-encoding': 'gzip',
    cookie: 'name1=value1',
    host: 'router-1234567890.eu-west-1.elb.amazonaws.com',
    'x-amzn-trace-id': 'Root=1-5bdb40ca-556d8b0c50dc66f0511bf520',
    'x-forwarded-for': '6.6.6.6, 198.51.100.66',
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  },
  body: '',
  isBase64Encoded: false,
};

const { headers: _single, queryStringParameters: _query, ...withoutSingle } = loadBalancerEvent;
const multiValueEvent: LoadBalancerEvent = {
  ...withoutSingle,
  multiValueQueryStringParameters: { myKey: ['val1', 'val2%26'] },
  multiValueHeaders: {
    cookie: ['name1=value1; name2=value2'],
    host: ['router-1234567890.eu-west-1.elb.amazonaws.com'],
    'x-own': ['1', '2'],
    'x-forwarded-for': ['198.51.100.66'],
    'x-forwarded-proto': ['https'],
  },
};

test("an HTTP API's event: what it has decoded is encoded again, and cookies are one header", async () => {
  const { handler, backend } = await start((_request, response) => {
    response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-multi': ['1', '2'], 'content-type': 'text/plain' });
    response.end('grüße');
  });
  const result = await handler(httpApiEvent, context());
  expect(backend.requests[0]).toMatchObject({
    method: 'POST',
    url: '/v1/a%20b/%C3%A9/100%2525?parameter1=value1&parameter1=value2&q=%22x%22',
    body: Buffer.from('hello'),
    headers: {
      cookie: 'cookie1=1; cookie2=2',
      header1: 'value1,value2',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
      'x-forwarded-proto': 'https',
      'content-length': '5',
    },
  });
  expect(result).toMatchObject({ statusCode: 201, body: 'grüße', isBase64Encoded: false, cookies: ['a=1', 'b=2'] });
  expect(result.headers).toMatchObject({ 'content-type': 'text/plain', 'x-multi': '1, 2' });
  expect(result.headers).not.toHaveProperty('set-cookie');
  expect(result.headers).not.toHaveProperty('connection');
});

test("an HTTP API's stage in front of the path is not part of it", async () => {
  const { handler, backend } = await start();
  const requestContext = { ...httpApiEvent.requestContext, stage: 'prod' };
  await handler({ ...httpApiEvent, rawPath: '/prod/orders/x', rawQueryString: '', requestContext }, context());
  expect(backend.requests[0]?.url).toBe('/v1/x');
});

test.each(['/orders/../x', '/orders/..', '/orders//x', '/orders/a\\..\\b', '/orders/a\nb', '/orders/\0'])(
  'an HTTP API decodes a climbing path to %j, which is refused',
  async (rawPath) => {
    const { handler, backend } = await start();
    expect(await handler({ ...httpApiEvent, rawPath }, context())).toMatchObject({ statusCode: 400 });
    expect(backend.requests).toEqual([]);
  },
);

test("a function URL's path stays as it was sent", async () => {
  const { handler, backend } = await start();
  await handler(functionUrlEvent, context());
  expect(backend.requests[0]?.url).toMatch(/^\/v1\/a%20b\/%C3%A9\/c%2Fd\?/);
});

test('binary bodies pass as Base64 in both directions', async () => {
  const sent = randomBytes(1000);
  const given = brotliCompressSync(randomBytes(1000));
  const { handler, backend } = await start((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'br' }).end(given),
  );
  const result = await handler(
    { ...functionUrlEvent, body: sent.toString('base64'), isBase64Encoded: true },
    context(),
  );
  expect(backend.requests[0]?.body.equals(sent)).toBe(true);
  expect(result.isBase64Encoded).toBe(true);
  expect(Buffer.from(result.body, 'base64').equals(given)).toBe(true);
  expect(result.headers?.['content-encoding']).toBe('br');
});

test('a load balancer with single headers: the query is not encoded twice, and several cookies get through', async () => {
  const { handler, backend } = await start((_request, response) =>
    response.writeHead(200, { 'set-cookie': ['a=1', 'b=2', 'c=3'] }).end(),
  );
  const result = await handler(loadBalancerEvent, context());
  expect(backend.requests[0]).toMatchObject({
    url: '/v1/a%20b?query=1234%20ABCD&flag=',
    headers: { 'x-forwarded-for': '198.51.100.66', 'x-forwarded-proto': 'https', cookie: 'name1=value1' },
  });
  expect(result).toMatchObject({ statusCode: 200, statusDescription: '200 OK', body: '' });
  const cookies = Object.entries(result.headers ?? {}).filter(([name]) => name.toLowerCase() === 'set-cookie');
  expect(cookies.map(([, value]) => value)).toEqual(['a=1', 'b=2', 'c=3']);
  expect(new Set(cookies.map(([name]) => name)).size).toBe(3);
});

test('with trustForwarded the chain of callers before a load balancer is kept', async () => {
  const { handler, backend } = await start(undefined, { trustForwarded: true });
  await handler(loadBalancerEvent, context());
  expect(backend.requests[0]?.headers['x-forwarded-for']).toBe('6.6.6.6, 198.51.100.66');
});

test('a load balancer with multi-value headers sends and gets lists', async () => {
  const { handler, backend } = await start((_request, response) =>
    response.writeHead(404, { 'set-cookie': ['a=1', 'b=2'] }).end('no'),
  );
  const result = await handler(multiValueEvent, context());
  expect(backend.requests[0]).toMatchObject({
    url: '/v1/a%20b?myKey=val1&myKey=val2%26',
    headers: { 'x-own': '1, 2' },
  });
  expect(result).toMatchObject({
    statusCode: 404,
    statusDescription: '404 Not Found',
    multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
  });
  expect(result).not.toHaveProperty('headers');
});

test.each([
  ['HTTP API', httpApiEvent],
  ['load balancer', loadBalancerEvent],
  ['load balancer with lists', multiValueEvent],
])('headers named like members of Object.prototype pass through a %s', async (_name, event) => {
  const { handler } = await start((_request, response) =>
    response.writeHead(200, { constructor: '1', toString: '2', hasOwnProperty: '3' }).end('ok'),
  );
  const result = await handler(event, context());
  const given = result.multiValueHeaders ?? result.headers ?? {};
  expect(result.statusCode).toBe(200);
  for (const [name, value] of [
    ['constructor', '1'],
    ['tostring', '2'],
    ['hasownproperty', '3'],
  ] as const)
    expect([Object.hasOwn(given, name) && given[name]].flat()).toEqual([value]);
});

test.each([
  ['HTTP API', httpApiEvent, 7 * 2 ** 20],
  ['load balancer', loadBalancerEvent, 1.1 * 2 ** 20],
])('an answer that %s cannot carry is a 502 that says so', async (_name, event, size) => {
  const { handler } = await start((_request, response) => response.end(Buffer.alloc(size, 'x')));
  const result = await handler(event, context());
  expect(result.statusCode).toBe(502);
  expect(JSON.parse(result.body)).toMatchObject({ code: 'AnswerTooLarge' });
});

test('an answer that breaks off is a 502, not half an answer', async () => {
  const { handler } = await start((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('part');
    setImmediate(() => response.destroy());
  });
  expect(JSON.parse((await handler(httpApiEvent, context())).body)).toMatchObject({ code: 'AnswerInvalid' });
});

test("the router answers 504 before the invocation's time is over", async () => {
  const { handler } = await start(() => {});
  const result = await handler(httpApiEvent, context(550));
  expect(result.statusCode).toBe(504);
});

test('the snapshot outlives the invocation: many invocations, one load', async () => {
  const { handler, source } = await start();
  for (let count = 0; count < 5; count++) await handler(httpApiEvent, context());
  expect(source.requests).toHaveLength(1);
});

test('the stage comes from an allowed host or header, and from nowhere else', async () => {
  const stage = { byHost: { 'staging.example.com': 'staging' }, byHeader: { name: 'x-stage', allow: ['Production'] } };
  const { handler, backend } = await start(undefined, { stage });
  const at = (domainName: string, headers: Record<string, string> = {}) =>
    handler(
      {
        ...httpApiEvent,
        headers,
        rawPath: '/orders/x',
        rawQueryString: '',
        requestContext: { ...httpApiEvent.requestContext, domainName },
      },
      context(),
    );
  await at('staging.example.com');
  await at('staging.example.com', { 'X-Stage': 'Production' });
  expect(backend.requests.map(({ url }) => url)).toEqual(['/staging/x', '/v1/x']);
  const refused = [
    await at('other.example.com'),
    await at('staging.example.com', { 'x-stage': 'secret' }),
    await at('other.example.com', { host: 'staging.example.com', 'x-forwarded-host': 'staging.example.com' }),
  ];
  expect(refused.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400]);
});

test('a stage that lacks a service falls back to the ones named for it', async () => {
  const { handler, backend } = await start(undefined, { stage: 'preview', fallbackStages: { preview: ['staging'] } });
  await handler(functionUrlEvent, context());
  expect(backend.requests[0]?.url).toMatch(/^\/staging\//);
});

test('events of other sources are refused', async () => {
  const { handler } = await start();
  await expect(handler({ Records: [] } as never, context())).rejects.toMatchObject({ code: 'InvalidOptions' });
  await expect(handler({ version: '1.0', requestContext: {} } as never, context())).rejects.toMatchObject({
    code: 'InvalidOptions',
  });
});

test('stages of callers must be named', () => {
  expect(() => createRouterHandler({ stage: { inPath: 'any' } })).toThrow(/name the stages/);
});

/** Lambda's streaming: the head as JSON, eight zero bytes, then the body, all before which nothing goes out. */
function fakeStreaming(): LambdaStreaming {
  return {
    streamifyResponse: (handler) => handler,
    HttpResponseStream: {
      from(stream, head) {
        let isHeadSent = false;
        return new Writable({
          write(chunk: Buffer, _encoding, done) {
            if (!isHeadSent) stream.write(`${JSON.stringify(head)}\0\0\0\0\0\0\0\0`);
            isHeadSent = true;
            stream.write(chunk);
            done();
          },
          final(done) {
            stream.end();
            done();
          },
        });
      },
    },
  };
}

test.each([
  ['a body in parts', ['one', 'two'], 200],
  ['an empty body', [], 204],
])('function URLs stream %s', async (_name, parts, status) => {
  const { streamingHandler, backend } = await start(
    (_request, response) => {
      response.writeHead(status, { 'set-cookie': ['a=1', 'b=2'], 'content-type': 'text/event-stream' });
      for (const part of parts) response.write(part);
      response.end();
    },
    { awslambda: fakeStreaming() },
  );
  const stream = new PassThrough();
  const run = streamingHandler as (event: HttpEvent, stream: Writable, context: unknown) => Promise<void>;
  const [text] = await Promise.all([
    stream.toArray().then((chunks) => Buffer.concat(chunks).toString()),
    run(functionUrlEvent, stream, context()),
  ]);
  const [head = '', body] = text.split('\0\0\0\0\0\0\0\0');
  expect(JSON.parse(head)).toMatchObject({
    statusCode: status,
    cookies: ['a=1', 'b=2'],
    headers: { 'content-type': 'text/event-stream' },
  });
  expect(body).toBe(parts.join(''));
  expect(backend.requests).toHaveLength(1);
});

test('errors are streamed like answers', async () => {
  const { streamingHandler } = await start(undefined, { awslambda: fakeStreaming() });
  const stream = new PassThrough();
  const run = streamingHandler as (event: HttpEvent, stream: Writable, context: unknown) => Promise<void>;
  const [text] = await Promise.all([
    stream.toArray().then((chunks) => Buffer.concat(chunks).toString()),
    run({ ...functionUrlEvent, rawPath: '/nobody/' }, stream, context()),
  ]);
  expect(text).toMatch(/^\{"statusCode":404,.*"code":"ServiceNotFound"/s);
});
