import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, expect, test } from '@jest/globals';
import { startBackend, type Backend, type SeenRequest } from './start-backend.ts';
import { startRouter, type TestRouter, type TestRouterOptions } from './start-router.ts';

const secret = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG', sessionToken: 'session-token' };
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(options: TestRouterOptions = {}): Promise<{ backend: Backend; router: TestRouter }> {
  const backend = await startBackend();
  const router = await startRouter({ region: 'eu-west-1', credentials: () => Promise.resolve(secret), ...options });
  running.push(backend, router);
  router.source.register({
    stage: 'test',
    service: 'orders',
    target: `${backend.url}/prod`,
    authMode: 'iam',
    region: 'eu-central-1',
    signingService: 'execute-api',
  });
  return { backend, router };
}

/** What another implementation of SigV4 puts into the authorization header for this request. */
async function signAgain(
  { method, url, headers, body }: SeenRequest,
  region: string,
  service: string,
): Promise<string | undefined> {
  const { pathname, searchParams } = new URL(url, 'http://any');
  const names = /SignedHeaders=([^,]+)/.exec(String(headers.authorization))?.[1]?.split(';') ?? [];
  const signer = new SignatureV4({ credentials: secret, region, service, sha256: Sha256, applyChecksum: false });
  const stamp = String(headers['x-amz-date']).replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: 'any',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(
        names
          .filter((name) => !/^x-amz-(date|security-token)$/.test(name))
          .map((name) => [name, String(headers[name])]),
      ),
      ...(body.length > 0 && { body }),
    },
    { signingDate: new Date(stamp) },
  );
  return signed.headers.authorization;
}

test('with iam the request is signed for the endpoint, as another implementation of SigV4 signs it', async () => {
  const { backend, router } = await start({ auth: { orders: { mode: 'iam' } } });
  const answer = await fetch(`${router.url}/orders/a%20b?b=2&a=1`, {
    method: 'POST',
    body: 'hello',
    headers: { 'content-type': 'text/plain', 'x-own': '1' },
  });
  expect(answer.status).toBe(200);
  const [seen] = backend.requests as [SeenRequest];
  expect(seen.headers).toMatchObject({
    'x-own': '1',
    'x-amz-security-token': 'session-token',
    host: `127.0.0.1:${backend.port}`,
  });
  expect(seen.headers.authorization).toBe(await signAgain(seen, 'eu-central-1', 'execute-api'));
});

test("a caller's own credentials don't reach a service that the router signs for", async () => {
  const { backend, router } = await start({ auth: { orders: { mode: 'iam' } } });
  await fetch(`${router.url}/orders/`, {
    headers: { authorization: 'Bearer callers', 'x-amz-security-token': 'callers', 'x-amz-date': '20200101T000000Z' },
  });
  const [seen] = backend.requests as [SeenRequest];
  expect(seen.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/);
  expect(seen.headers['x-amz-security-token']).toBe('session-token');
  expect(JSON.stringify(seen.rawHeaders)).not.toContain('callers');
});

test('without credentials an iam service is not called at all', async () => {
  const { backend, router } = await start({
    auth: { orders: { mode: 'iam' } },
    credentials: () => Promise.reject(new Error('none')),
  });
  const answer = await fetch(`${router.url}/orders/`);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ code: 'CredentialsMissing' });
  expect(backend.requests).toEqual([]);
});

test('the authMode of a record decides nothing', async () => {
  const { backend, router } = await start();
  await fetch(`${router.url}/orders/`);
  expect(backend.requests[0]?.headers).not.toHaveProperty('authorization');
});

test("a caller's token passes to a listed host, and a signature that was made for the router does not", async () => {
  const { backend, router } = await start();
  await fetch(`${router.url}/orders/`, { headers: { authorization: 'Bearer callers' } });
  await fetch(`${router.url}/orders/`, {
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=callers', 'x-amz-security-token': 'callers' },
  });
  expect(backend.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer callers', undefined]);
  expect(backend.requests[1]?.headers).not.toHaveProperty('x-amz-security-token');
});

test("a request that is refused for this machine's wrong clock is sent once more, at the endpoint's time", async () => {
  const wrong = Date.now() - 3_600_000;
  const { backend, router } = await start({ auth: { orders: { mode: 'iam' } }, now: () => wrong });
  const stamps: number[] = [];
  const picky = await startBackend(({ headers }, response) => {
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
    stamps.push(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`));
    const isLate = Math.abs((stamps.at(-1) as number) - Date.now()) > 300_000;
    response.writeHead(isLate ? 403 : 200).end(isLate ? 'Signature expired' : 'served');
  });
  running.push(picky);
  router.source.register({ stage: 'test', service: 'orders', target: picky.url });
  const answer = await fetch(`${router.url}/orders/`, { method: 'POST', body: 'hello' });
  expect([answer.status, await answer.text()]).toEqual([200, 'served']);
  expect(picky.requests.map(({ body }) => body.toString())).toEqual(['hello', 'hello']);
  // The correction is kept.
  await (await fetch(`${router.url}/orders/`)).text();
  expect(stamps).toHaveLength(3);
  expect(backend.requests).toEqual([]);
});

test('bearer and apiKey replace what the caller sent', async () => {
  const { backend, router } = await start({
    auth: { orders: { mode: 'bearer', token: () => 'routers' }, keyed: { mode: 'apiKey', key: 'routers' } },
  });
  router.source.register({ stage: 'test', service: 'keyed', target: backend.url });
  await fetch(`${router.url}/orders/`, { headers: { authorization: 'Bearer callers' } });
  await fetch(`${router.url}/keyed/`, { headers: { 'x-api-key': 'callers' } });
  expect(backend.requests[0]?.headers.authorization).toBe('Bearer routers');
  expect(backend.requests[1]?.headers['x-api-key']).toBe('routers');
});
