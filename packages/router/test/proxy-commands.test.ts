import { afterEach, expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { proxyCommands } from '../src/forward/proxy-commands.ts';
import { createRouterHandler } from '../src/hosts/lambda/create-router-handler.ts';
import { startBackend, type Backend } from './start-backend.ts';
import { startRouter } from './start-router.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

const commands = Object.fromEntries(
  [...proxyCommands, 'x-accel-new', 'x-reproxy-new'].map((name) => [name, '/internal']),
);

async function serve(): Promise<Backend> {
  const backend = await startBackend((_request, response) =>
    response.writeHead(200, { ...commands, 'X-Accel-Redirect': '/internal', 'x-own': '1' }).end('ok'),
  );
  running.push(backend);
  return backend;
}

test('headers that command a proxy are dropped from answers and from requests', async () => {
  const backend = await serve();
  const router = await startRouter();
  running.push(router);
  router.source.register({ stage: 'test', service: 'orders', target: backend.url });
  const answer = await fetch(`${router.url}/orders/`, { headers: commands });
  expect(answer.headers.get('x-own')).toBe('1');
  expect(await answer.text()).toBe('ok');
  for (const name of Object.keys(commands)) {
    expect(answer.headers.has(name)).toBe(false);
    expect(backend.requests[0]?.headers).not.toHaveProperty(name);
  }
});

test('headers that command a proxy are dropped from answers in Lambda', async () => {
  const backend = await serve();
  const source = memorySource();
  source.register({ stage: 'test', service: 'orders', target: backend.url });
  const { handler } = createRouterHandler({
    stage: 'test',
    discovery: { source, trustedHosts: ['127.0.0.1:*'], cacheFolder: false, env: {} },
  });
  const { headers } = await handler(
    {
      version: '2.0',
      rawPath: '/orders/',
      rawQueryString: '',
      headers: commands,
      requestContext: { domainName: 'x.lambda-url.eu-west-1.on.aws', http: { method: 'GET', sourceIp: '192.0.2.1' } },
    },
    { getRemainingTimeInMillis: () => 10_000 },
  );
  expect(headers).toHaveProperty('x-own');
  for (const name of Object.keys(commands)) expect(headers).not.toHaveProperty(name);
});
