import { afterEach, expect, test } from '@jest/globals';
import { fakeClock } from '@amplify-discovery/testing';
import { startBackend, type Backend } from '../test/start-backend.ts';
import { createSender, type EndpointAnswer, type SendRequest } from './create-sender.ts';

const running: Backend[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((backend) => backend.stop()));
});

async function ask(send: SendRequest, backend: Backend): Promise<string> {
  const { signal } = new AbortController();
  const answer = (await send({
    url: new URL(backend.url),
    method: 'GET',
    headers: {},
    connectTimeoutMs: 1000,
    signal,
  })) as EndpointAnswer;
  return Buffer.concat(await answer.body.toArray()).toString();
}

test('a connection is used again, but not after it was idle for long by the clock: a frozen function has no timers', async () => {
  const backend = await startBackend();
  running.push(backend);
  const clock = fakeClock();
  const send = createSender({ now: clock.now, idleMs: 4000 });
  await ask(send, backend);
  await ask(send, backend);
  expect(backend.connections).toBe(1);
  await clock.advance(10_000);
  await ask(send, backend);
  expect(backend.connections).toBe(2);
  expect(backend.requests).toHaveLength(3);
});

test('nobody there is unreachable, and a request that is over before it began is late', async () => {
  const backend = await startBackend();
  await backend.stop();
  const send = createSender();
  const request = { url: new URL(backend.url), method: 'GET', headers: {}, connectTimeoutMs: 1000 };
  expect(await send({ ...request, signal: new AbortController().signal })).toMatchObject({ failure: 'unreachable' });
  expect(await send({ ...request, signal: AbortSignal.abort() })).toMatchObject({ failure: 'timeout' });
});

test.each([
  ['GET', undefined, undefined],
  ['GET', '', undefined],
  ['GET', 'x', '1'],
  ['DELETE', undefined, undefined],
  ['DELETE', 'x', '1'],
  ['POST', undefined, '0'],
  ['PATCH', '', '0'],
  ['PUT', 'xyz', '3'],
  ['REPORT', undefined, '0'],
])('%s with the body %j has the length %j, and never comes in chunks', async (method, text, length) => {
  const backend = await startBackend();
  running.push(backend);
  const answer = (await createSender()({
    url: new URL(`${backend.url}/x?y=z`),
    method,
    headers: { 'x-own': 'a', cookie: 'b=1; c=2' },
    body: text === undefined ? undefined : Buffer.from(text),
    connectTimeoutMs: 1000,
    signal: new AbortController().signal,
  })) as EndpointAnswer;
  answer.body.resume();
  expect(backend.requests).toHaveLength(1);
  expect(backend.requests[0]).toMatchObject({ method, url: '/x?y=z', body: Buffer.from(text ?? '') });
  expect(backend.requests[0]?.headers).toEqual({
    host: `127.0.0.1:${backend.port}`,
    connection: 'keep-alive',
    'x-own': 'a',
    cookie: 'b=1; c=2',
    ...(length !== undefined && { 'content-length': length }),
  });
});
