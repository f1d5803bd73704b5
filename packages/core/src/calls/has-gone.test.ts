import { createServer } from 'node:http';
import { connect, createServer as createSocketServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasGone, mayBeGatewayRefusal, type GatewayAnswer } from './has-gone.ts';

const date = 'Thu, 26 Nov 2026 08:00:00 GMT';
const restApi = { date, 'x-amzn-requestid': 'r', 'x-amz-apigw-id': 'g' };
const httpApi = { date, 'apigw-requestid': 'r' };
const functionUrl = { date, 'x-amzn-requestid': 'r' };
const troubleshooting =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

describe('a gateway’s own refusal', () => {
  test.each<[string, number, Record<string, string>, string]>([
    ['REST, no such API', 403, { ...restApi, 'x-amzn-errortype': 'ForbiddenException' }, '{"message":"Forbidden"}'],
    [
      'REST, no such route',
      403,
      { ...restApi, 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
      '{"message":"Missing Authentication Token"}',
    ],
    ['REST, no text', 403, { ...restApi, 'x-amzn-errortype': 'ForbiddenException' }, '{"message":null}'],
    [
      'REST with a response of its own',
      403,
      { ...restApi, 'x-amzn-errortype': 'ForbiddenException' },
      '{"message":"Forbidden","requestId":"r","type":"DEFAULT_4XX"}',
    ],
    ['HTTP API', 404, httpApi, '{"message":"Not Found"}'],
    ['HTTP API, no text', 404, httpApi, '{"message":null}'],
    ['no such function URL', 403, { ...functionUrl, 'x-amzn-errortype': 'AccessDeniedException' }, '{"Message":null}'],
    ['function URL', 403, { ...functionUrl, 'x-amzn-errortype': 'AccessDeniedException' }, '{"Message":"Forbidden"}'],
    [
      'function URL, with advice',
      403,
      { ...functionUrl, 'x-amzn-errortype': 'AccessDeniedException' },
      JSON.stringify({ Message: troubleshooting }),
    ],
    ['no such function URL any more', 404, { ...functionUrl, 'x-amzn-errortype': 'NotFound' }, '{"Message":null}'],
    ['in a page that sees no headers', 403, { 'content-type': 'application/json' }, '{"message":"Forbidden"}'],
    ['in a page that sees no headers', 404, { 'content-length': '23' }, '{"message":"Not Found"}'],
    ['in a page that sees no headers', 403, {}, ' { "message" : null } '],
    [
      'CloudFront, no such host',
      403,
      { date, server: 'CloudFront', 'x-cache': 'Error from cloudfront' },
      "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>403 ERROR</H1>Bad request.\nWe can't connect",
    ],
  ])('%s', (_, status, headers, body) => {
    expect(hasGone({ status, headers: new Headers(headers), body })).toBe(true);
    expect(hasGone({ name: 'RestApiError', response: { statusCode: status, headers, body } })).toBe(true);
  });
});

describe('an answer of the application', () => {
  const lambdaProxy = { ...restApi, 'x-amzn-trace-id': 'Root=1-5;Sampled=0' };
  test.each<[string, number, Record<string, string>, string]>([
    ['403 through a REST API', 403, lambdaProxy, '{"message":"Forbidden"}'],
    ['404 through a REST API', 404, lambdaProxy, '{"message":"Not Found"}'],
    ['403 through an HTTP API', 403, httpApi, '{"message":"Forbidden"}'],
    ['404 with more', 404, httpApi, '{"message":"Not Found","id":7}'],
    ['404 of its own words', 404, httpApi, '{"message":"No such user"}'],
    ['404 of Nest', 404, httpApi, '{"statusCode":404,"message":"Cannot GET /x","error":"Not Found"}'],
    ['403 of a server', 403, { date, server: 'nginx' }, '{"message":"Forbidden"}'],
    ['403 with a reason', 403, {}, '{"message":"Forbidden","reason":"role"}'],
    ['404 without JSON', 404, { date }, 'Not Found'],
    ['404 without a body', 404, httpApi, ''],
    ['404 with no message', 404, httpApi, '{}'],
    ['404 of another form', 404, httpApi, '"Not Found"'],
    ['404 that is null', 404, httpApi, 'null'],
    ['500', 500, { ...restApi, 'x-amzn-errortype': 'InternalServerErrorException' }, '{"message":"Forbidden"}'],
    ['200', 200, {}, '{"message":"Forbidden"}'],
    [
      'an authorizer’s no',
      403,
      { ...restApi, 'x-amzn-errortype': 'AccessDeniedException' },
      '{"Message":"User is not authorized to access this resource"}',
    ],
    [
      'IAM’s no',
      403,
      { ...restApi, 'x-amzn-errortype': 'AccessDeniedException' },
      '{"message":"User: anonymous is not authorized to perform: execute-api:Invoke"}',
    ],
    [
      'WAF’s no',
      403,
      { date, server: 'CloudFront' },
      '<TITLE>ERROR: The request could not be satisfied</TITLE>Request blocked.',
    ],
  ])('%s', (_, status, headers, body) => {
    expect(hasGone({ status, headers: new Headers(headers), body })).toBe(false);
    expect(hasGone({ name: 'RestApiError', response: { statusCode: status, headers, body } })).toBe(false);
  });
});

describe('an error', () => {
  const withCode = (code: string) => Object.assign(new Error(code), { code });
  const fetchFailed = (cause?: unknown) => new TypeError('fetch failed', { cause });

  test.each<[string, unknown]>([
    ['Node’s, no such host', withCode('ENOTFOUND')],
    ['Node’s, refused', withCode('ECONNREFUSED')],
    ['Node’s, another host’s certificate', withCode('ERR_TLS_CERT_ALTNAME_INVALID')],
    ['undici’s, no connection', withCode('UND_ERR_CONNECT_TIMEOUT')],
    ['fetch’s in Node', fetchFailed(withCode('EAI_AGAIN'))],
    ['fetch’s over several addresses', fetchFailed(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))],
    ['fetch’s in Chromium', new TypeError('Failed to fetch')],
    ['fetch’s in Firefox', new TypeError('NetworkError when attempting to fetch resource.')],
    ['fetch’s in Safari', new TypeError('Load failed')],
    ['fetch’s in React Native', new TypeError('Network request failed')],
    ['Amplify’s', { name: 'NetworkError', message: 'A network error has occurred.' }],
    ['Amplify’s with its cause', { name: 'NetworkError', underlyingError: fetchFailed(withCode('ECONNRESET')) }],
  ])('%s says that the endpoint has gone', (_, error) => {
    expect(hasGone(error)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['a timeout', new DOMException('The operation timed out', 'TimeoutError')],
    ['a cancelled call', new DOMException('This operation was aborted', 'AbortError')],
    ['Amplify’s cancelled call', { name: 'CanceledError', message: 'User canceled.' }],
    ['an endpoint that thinks for too long', fetchFailed(withCode('UND_ERR_HEADERS_TIMEOUT'))],
    [
      'Amplify’s of such an endpoint',
      { name: 'NetworkError', underlyingError: fetchFailed(withCode('UND_ERR_HEADERS_TIMEOUT')) },
    ],
    ['an error of ours', withCode('UntrustedEndpoint')],
    ['a header that is not valid', new TypeError('Headers.append: "ü" is an invalid header value.')],
    ['a URL that is not valid', new TypeError('Failed to parse URL from x', { cause: withCode('ERR_INVALID_URL') })],
    ['a mistake', new TypeError("Cannot read properties of undefined (reading 'x')")],
    ['nothing', undefined],
    ['null', null],
    ['text', 'fetch failed'],
  ])('%s does not', (_, error) => {
    expect(hasGone(error)).toBe(false);
  });

  test('that is its own cause ends', () => {
    const error: { name: string; cause?: unknown } = { name: 'Error' };
    error.cause = error;
    expect(hasGone(error)).toBe(false);
  });

  test('never makes the rule throw', () => {
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (value) => typeof hasGone(value) === 'boolean'));
    const message = fc.oneof(fc.anything({ withNullPrototype: true }), fc.constant({ toString: 1 }));
    const names = fc.constantFrom('TypeError', 'NetworkError');
    fc.assert(fc.property(names, message, (name, given) => typeof hasGone({ name, message: given }) === 'boolean'));
  });

  test.each([
    '{"message":{"toString":1}}',
    '{"message":{"toString":null,"valueOf":null}}',
    '{"message":["Not Found"]}',
  ])('nor do the words of a gateway that are no text: %s', (body) => {
    expect(hasGone({ status: 404, headers: new Headers(httpApi), body })).toBe(false);
  });
});

describe('real failures of fetch', () => {
  async function listen(server: Server): Promise<string> {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const call = (url: string, init?: RequestInit) => fetch(url, init).catch((error: unknown) => error);

  test('a closed port, and a connection that is cut', async () => {
    const cutting = createSocketServer((socket) => socket.once('data', () => socket.destroy()));
    const url = await listen(cutting);
    expect(hasGone(await call(url))).toBe(true);
    await new Promise((resolve) => cutting.close(resolve));
    expect(hasGone(await call(url))).toBe(true);
  });

  test('a call that its own signal ends', async () => {
    const silent = createServer(() => {});
    const url = await listen(silent);
    const controller = new AbortController();
    silent.once('request', () => controller.abort());
    expect(hasGone(await call(url, { signal: controller.signal }))).toBe(false);
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  test('of Node’s sockets', async () => {
    const server = createSocketServer();
    await listen(server);
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve));
    expect(hasGone(error)).toBe(true);
  });
});

test('a body is worth reading only where it may be a refusal: short, and with the status of one', () => {
  const ask = (status: number, length?: string) =>
    mayBeGatewayRefusal(status, new Headers(length === undefined ? {} : { 'content-length': length }));
  expect([ask(403, '23'), ask(404, '919')]).toEqual([true, true]);
  expect([ask(200, '23'), ask(500, '23'), ask(403), ask(403, '5000'), ask(404, 'x')]).not.toContain(true);
});

test('an answer as fetch has it is understood', async () => {
  const answer = new Response('{"message":"Not Found"}', { status: 404, headers: httpApi });
  const read: GatewayAnswer = { status: answer.status, headers: answer.headers, body: await answer.text() };
  expect(hasGone(read)).toBe(true);
});
