import { afterEach, expect, test } from '@jest/globals';
import { createResolver, harmlessHeaders } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { createRouterHandler } from '../src/hosts/lambda/create-router-handler.ts';
import type { OutgoingRequest, RouterServerOptions, SendRequest } from '../src/index.ts';
import { startRouter, type TestRouter } from './start-router.ts';

const running: TestRouter[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((router) => router.stop()));
});

/** Takes requests for hosts that nothing in a test may call, and answers 204. */
function fakeSender(): { readonly send: SendRequest; readonly sent: OutgoingRequest[] } {
  const sent: OutgoingRequest[] = [];
  return {
    sent,
    send(request, handler) {
      sent.push(request);
      queueMicrotask(() => {
        handler.onHead(204, []);
        handler.onEnd();
      });
      return { resume() {}, abort() {} };
    },
  };
}

const source = memorySource();
source.register({
  stage: 'test',
  service: 'orders',
  target: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
  kind: 'rest',
});
const derived = () => createResolver({ source, stage: 'test', region: 'eu-west-1' });

async function start(options: Partial<RouterServerOptions> = {}) {
  const { send, sent } = fakeSender();
  const resolver = derived();
  const router = await startRouter({ discovery: () => resolver, send, ...options });
  running.push(router);
  const ask = (headers: Record<string, string>) =>
    router.talk(
      `GET /orders/x HTTP/1.1\r\nHost: any\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}Connection: close\r\n\r\n`,
    );
  return { ask, sent };
}

test.each(
  [
    'Authorization Cookie X-Api-Key X-Auth-Token Api-Key X-Session-Id DPoP SAML-Assertion X-JWT-Assertion',
    'X-Amzn-Oidc-Data Cf-Access-Jwt-Assertion X-Goog-Iap-Jwt-Assertion X-Tenant',
  ].flatMap((line) => line.split(' ')),
)('%s does not go to a host that is trusted only by default, and the answer names it', async (name) => {
  const { ask, sent } = await start();
  const answer = await ask({ [name]: 'callers' });
  expect(answer).toMatch(/^HTTP\/1\.1 502 /);
  expect(answer).toContain('"code":"UntrustedEndpoint"');
  expect(answer).toContain(`carries \\"${name.toLowerCase()}\\"`);
  expect(answer).not.toContain('amazonaws');
  expect(sent).toEqual([]);
});

test('an endpoint at a host that is not trusted gets no request, though discovery gives it', async () => {
  const resolver = derived();
  const { ask, sent } = await start({ discovery: () => ({ ...resolver, findTrust: () => undefined }) });
  const answer = await ask({});
  expect(answer).toMatch(/^HTTP\/1\.1 502 /);
  expect(answer).toContain('"code":"UntrustedEndpoint"');
  expect(sent).toEqual([]);
});

test('a request goes to a host that is not listed only if all of its headers are known to be harmless', async () => {
  const { ask, sent } = await start();
  const name = fc.oneof(
    fc.constantFrom(...harmlessHeaders),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    fc.constantFrom(
      'x',
      'authorization',
      'Authorization',
      '__proto__',
      'constructor',
      'x_forwarded_for',
      'x-forwarded-user',
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (one) => one.toLowerCase() }),
      async (names) => {
        const framing = /^(host|content-length|connection|transfer-encoding|expect|upgrade)$/;
        const used = names.filter((one) => !framing.test(one.toLowerCase()));
        sent.length = 0;
        const status = Number((await ask(Object.fromEntries(used.map((one) => [one, '1'])))).slice(9, 12));
        const lines = sent.flatMap(({ headers }) => headers.filter((_, index) => index % 2 === 0));
        expect(lines.every((line) => harmlessHeaders.has(line))).toBe(true);
        expect([status, sent.length]).toEqual(sent.length > 0 ? [204, 1] : [502, 0]);
        if (used.every((one) => harmlessHeaders.has(one.toLowerCase()))) expect(status).toBe(204);
      },
    ),
    { numRuns: scaleRuns(60) },
  );
});

test('a function that is called by an API, a function URL or a load balancer passes on what those add, but no cookies', async () => {
  const { send, sent } = fakeSender();
  const { handler } = createRouterHandler({
    stage: 'test',
    send,
    discovery: { source, region: 'eu-west-1', cacheFolder: false, env: {} },
  });
  const event = {
    version: '2.0' as const,
    rawPath: '/orders/x',
    rawQueryString: '',
    headers: {
      'x-amzn-trace-id': 'Root=1-65f0a1b2-0123456789abcdef01234567',
      'x-amzn-tls-version': 'TLSv1.3',
      'x-amzn-tls-cipher-suite': 'TLS_AES_128_GCM_SHA256',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-forwarded-for': '192.0.2.1',
      accept: '*/*',
      host: 'x.lambda-url.eu-west-1.on.aws',
      'user-agent': 'curl/8.5.0',
    },
    requestContext: { domainName: 'x.lambda-url.eu-west-1.on.aws', http: { method: 'GET', sourceIp: '192.0.2.1' } },
  };
  const context = { getRemainingTimeInMillis: () => 10_000 };
  expect(await handler(event, context)).toMatchObject({ statusCode: 204 });
  expect(await handler({ ...event, cookies: ['a=1'] }, context)).toMatchObject({ statusCode: 502 });
  expect(sent).toHaveLength(1);
});

test.each([
  ['a token', { mode: 'bearer', token: () => 'routers' }],
  ['an API key', { mode: 'apiKey', key: 'routers' }],
] as const)("%s of the router's own does not go there either", async (_name, auth) => {
  const { ask, sent } = await start({ auth: { orders: auth } });
  expect(await ask({})).toContain('"code":"UntrustedEndpoint"');
  expect(sent).toEqual([]);
});

test('a signature does', async () => {
  const credentials = () => Promise.resolve({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });
  const { ask, sent } = await start({ auth: { orders: { mode: 'iam' } }, credentials });
  expect(await ask({})).toMatch(/^HTTP\/1\.1 204 /);
  expect(sent[0]?.headers).toContain('authorization');
});
