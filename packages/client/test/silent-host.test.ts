import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { startSilentHost, type SilentHost } from '@amplify-discovery/test-rig/silent-host';
import { createDiscovery, discover } from '../src/index.ts';
import { get, post } from '../src/api.ts';
import { API } from '../src/v5.ts';
import { memoryStorage, startBackend, type Backend } from './start-environment.ts';

let [silent, second]: [SilentHost, Backend] = [] as never;
beforeEach(async () => {
  [silent, second] = await Promise.all([startSilentHost(), startBackend('second')]);
});
afterEach(() => Promise.all([silent.stop(), second.stop()]));

/** Of an app that knows these endpoints, the first with the lowest priority. */
function makeContext(targets: readonly string[]) {
  const source = memorySource();
  for (const [priority, target] of targets.entries())
    source.register({ stage: 'dev', service: 'orders', id: `p${priority}`, target, priority });
  const options = { source, stage: 'dev', trustedHosts: ['127.0.0.1:*'], storage: memoryStorage() };
  return createDiscovery({ ...options, connectSeconds: 0.2, recheckSeconds: 60 }).context();
}

const call = (apiName: string) => ({ apiName, path: '/' });

test('an endpoint whose host is silent counts as gone after connectSeconds, and the next one serves', async () => {
  const context = makeContext([silent.url, second.url]);
  for (let time = 0; time < 3; time++) {
    const { body } = await get(context, call('orders')).response;
    expect(await body.json()).toEqual({ name: 'second' });
  }
  // It is left out, so what may not be repeated goes there, too.
  const { statusCode } = await post(context, call('orders')).response;
  expect([statusCode, second.requests.map(({ method }) => method)]).toEqual([200, ['GET', 'GET', 'GET', 'POST']]);
});

test('in the shape of v5 as well: a silent host is left behind, and then left out', async () => {
  const source = memorySource();
  for (const [priority, target] of [silent.url, second.url].entries())
    source.register({ stage: 'dev', service: 'orders', id: `p${priority}`, target, priority });
  const options = { source, stage: 'dev', trustedHosts: ['127.0.0.1:*'], storage: memoryStorage() };
  await discover({}, { ...options, connectSeconds: 0.2, recheckSeconds: 60 });
  expect(await API.get('orders', '/')).toEqual({ name: 'second' });
  expect(await API.post('orders', '/', { body: {} })).toEqual({ name: 'second' });
  expect(second.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

test('a path that a gateway does not know sends nobody elsewhere', async () => {
  const first = await startBackend('first', ({ url }) => {
    return url === '/no-such'
      ? { status: 404, body: { message: 'Not Found' }, headers: { 'apigw-requestid': 'id' } }
      : undefined;
  });
  try {
    const context = makeContext([first.url, second.url]);
    const outcome = get(context, { apiName: 'orders', path: '/no-such' }).response;
    await expect(outcome).rejects.toMatchObject({ response: { statusCode: 404 } });
    const { body } = await get(context, call('orders')).response;
    expect([await body.json(), second.requests]).toEqual([{ name: 'first' }, []]);
  } finally {
    await first.stop();
  }
});

test('an endpoint that is slow is waited for', async () => {
  let answer: () => void = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const methods: unknown[] = [];
  const slow = createServer((request, response) => {
    methods.push(request.method);
    // Answers once it was asked whether it is there.
    if (request.method === 'HEAD') {
      response.end();
      answer();
    } else void answered.then(() => response.end('slow'));
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = slow.address() as AddressInfo;
    const { body } = await get(makeContext([`http://127.0.0.1:${port}`, second.url]), call('orders')).response;
    expect([await body.text(), methods, second.requests]).toEqual(['slow', ['GET', 'HEAD'], []]);
  } finally {
    slow.closeAllConnections();
    await new Promise((resolve) => slow.close(resolve));
  }
});

test('a call that may not be repeated is neither ended nor repeated, and can be cancelled', async () => {
  const context = makeContext([silent.url, second.url]);
  const operation = post(context, call('orders'));
  const outcome = expect(operation.response).rejects.toThrow('enough');
  // That one was given up takes as long as the other would take.
  await get(context, call('orders')).response;
  operation.cancel('enough');
  await outcome;
  expect(second.requests.map(({ method }) => method)).toEqual(['GET']);
});
