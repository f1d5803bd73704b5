import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { createFetchListener, startLocalServer, type LocalServer } from '@amplify-discovery/local';
import { memorySource, type MemorySource } from '@amplify-discovery/test-rig';
import { createConsulFacade, createFacadeView, requireToken } from '../../src/index.ts';
import { findConsul } from './start-consul.ts';
import { startProgram, type Program } from './start-program.ts';

const token = 'token-of-the-tests';
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

/** Consul's command line and its Go client, against the facade. */
async function runConsul(url: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, CONSUL_HTTP_ADDR: url, CONSUL_HTTP_TOKEN: token };
  return (await promisify(execFile)(findConsul(), args, { env })).stdout;
}

async function startFacade(source: MemorySource, port = 0): Promise<LocalServer> {
  const view = createFacadeView({
    source,
    stages: ['prod', 'dev'],
    trustedHosts: ['*.example.com'],
    freshSeconds: 0.1,
  });
  const facade = requireToken(createConsulFacade(view), token);
  const server = await startLocalServer({ port, handlers: { '/v1': createFetchListener(facade) } });
  running.push(server.stop);
  return server;
}

function startWatch(url: string, ...args: readonly string[]): Promise<Program> {
  return startProgram({
    command: findConsul(),
    args: ['watch', ...args, 'sh', '-c', 'cat; echo'],
    env: { CONSUL_HTTP_ADDR: url, CONSUL_HTTP_TOKEN: token },
    isReady: async () => true,
  });
}

/** The ids of the services in each answer that the watch has passed on, as soon as there are so many. */
async function waitForAnswers({ output }: Program, count: number): Promise<string[][]> {
  for (;;) {
    const answers = output()
      .split('\n')
      .filter((line) => line.startsWith('['));
    if (answers.length >= count) {
      return answers.map((line) =>
        (JSON.parse(line) as { Service: { ID: string } }[]).map(({ Service }) => Service.ID),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const register = (source: MemorySource, service: string, fields: object = {}, stage = 'prod') =>
  source.register({ stage, service, target: `https://${service}.example.com`, ...fields });

test('Consul’s own command line lists services and datacenters', async () => {
  const source = memorySource();
  register(source, 'users');
  register(source, 'orders');
  register(source, 'drafts', {}, 'dev');
  const { url } = await startFacade(source);
  expect(await runConsul(url, 'catalog', 'services')).toBe('orders\nusers\n');
  expect(await runConsul(url, 'catalog', 'services', '-tags', '-datacenter=dev')).toMatch(/^drafts +dev\n$/);
  expect(await runConsul(url, 'catalog', 'datacenters')).toBe('prod\ndev\n');
  await expect(runConsul(url, 'kv', 'put', 'a', 'b')).rejects.toThrow('There is no PUT /v1/kv/a here.');
  const denied = promisify(execFile)(findConsul(), ['catalog', 'services', `-http-addr=${url}`]);
  await expect(denied).rejects.toThrow('401');
});

test('Consul’s own client follows changes by blocking queries, over a restart of the facade', async () => {
  const source = memorySource();
  register(source, 'users');
  const first = await startFacade(source);
  const watch = await startWatch(first.url, '-type=service', '-service=users', '-passingonly=true');
  running.push(watch.kill);
  expect(await waitForAnswers(watch, 1)).toEqual([['prod/users/default']]);
  register(source, 'users', { id: 'canary' });
  expect((await waitForAnswers(watch, 2))[1]).toEqual(['prod/users/canary', 'prod/users/default']);
  register(source, 'orders');
  await first.stop();
  await startFacade(source, first.port);
  register(source, 'users', { id: 'standby', priority: 1 });
  source.deregister('prod', 'users');
  expect((await waitForAnswers(watch, 3))[2]).toEqual(['prod/users/canary']);
  // What changed nothing of the service was not passed on.
  expect(await waitForAnswers(watch, 3)).toHaveLength(3);
});
