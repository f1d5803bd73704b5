import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { nginxPath as nginx, startNginx } from '@amplify-discovery/test-rig/nginx';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

let registry: LocalRegistry;
let cwd: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  ({ cwd } = await createStage(registry));
});

const run = (...words: string[]) => runCommand(words, { cwd });
const readConfiguration = () => readFile(join(cwd, 'discovery.conf'), 'utf8');

test('an unknown name leaves the file unchanged', async () => {
  await run('register', 'users', 'http://localhost:3000', '--stage', 'kept');
  expect((await run('export', 'nginx', 'kept', '--out', 'discovery.conf')).exitCode).toBe(0);
  const before = await readConfiguration();
  expect(before).toContain('# users default');
  expect((await run('export', 'nginx', 'mistyped', '--out', 'discovery.conf')).exitCode).toBe(3);
  const unknown = await run(
    'export',
    'nginx',
    'kept',
    '--service',
    'users',
    '--service',
    'nope',
    '--out',
    'discovery.conf',
  );
  expect(unknown).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('"nope"') });
  const untrusted = await run(
    'export',
    'nginx',
    'kept',
    '--trusted-host',
    'api.example.com',
    '--out',
    'discovery.conf',
  );
  expect(untrusted).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('localhost:3000') });
  expect(await readConfiguration()).toBe(before);
});

test('hosts are looked up by the name server that is named', async () => {
  await run('register', 'users', 'https://users.example.com', '--stage', 'looked-up');
  const words = ['export', 'nginx', 'looked-up', '--trusted-host', '*.example.com'];
  const { stdout } = await run(...words, '--resolver', '169.254.169.253', '--ca-file', '/etc/ca.pem');
  expect(stdout).toContain('resolver "169.254.169.253";');
  expect(stdout).toContain('proxy_ssl_trusted_certificate "/etc/ca.pem";');
});

test('the regions that the outputs prefer come first, unless the option names others', async () => {
  for (const [priority, region] of ['eu-west-1', 'us-east-1'].entries()) {
    const place = ['--id', region, '--signing-region', region, '--priority', `${priority}`, '--stage', 'outputs'];
    await run('register', 'users', `http://127.0.0.1:${8001 + priority}`, ...place);
  }
  const [europeFirst, americaFirst] = await Promise.all(
    ['eu-west-1', 'us-east-1'].map(
      async (region) => (await run('export', 'nginx', 'outputs', '--prefer', region)).stdout,
    ),
  );
  expect(americaFirst).not.toBe(europeFirst);
  const { url, region, apiKey } = registry;
  const discovery = {
    registry: { url, region, auth: { mode: 'apiKey', apiKey } },
    trustedHosts: ['127.0.0.1:*'],
    prefer: ['us-east-1'],
  };
  await writeFile(join(cwd, 'amplify_outputs.json'), JSON.stringify({ custom: { discovery } }));
  expect((await run('export', 'nginx', 'outputs')).stdout).toBe(americaFirst);
  expect((await run('export', 'nginx', 'outputs', '--prefer', 'eu-west-1')).stdout).toBe(europeFirst);
});

test.each([
  ['a cookie that nginx has no variable for', ['--affinity-cookie', 'a-b']],
  ['more than a name server', ['--resolver', '1.1.1.1; return 200']],
  ['more than a file', ['--ca-file', '/etc/ca.pem"; evil']],
  ['two stages', ['--stage', 'other']],
  ['what is not the name of a region', ['--prefer', 'eu-west-1,us-east-1']],
])('%s is refused with 2', async (_, words) => {
  expect(await run('export', 'nginx', 'any', ...words)).toMatchObject({ exitCode: 2, stdout: '' });
});

const isRequired = nginx !== undefined || process.env.CI !== undefined;

const withNginx = isRequired ? describe : describe.skip;

withNginx('the real nginx', () => {
  test('accepts the whole server, included in its http block', async () => {
    await run('register', 'users', 'http://localhost:3000', '--stage', 'accepted', '--weight', '90');
    await run(
      'register',
      'users',
      'http://localhost:3001/base',
      '--id',
      'canary',
      '--stage',
      'accepted',
      '--weight',
      '10',
    );
    const words = ['--mount', '/api', '--affinity-header', 'x-user', '--affinity-cookie', 'session'];
    await run('export', 'nginx', 'accepted', '--out', 'discovery.conf', ...words);
    const file = join(cwd, 'nginx.conf');
    await writeFile(file, `pid ${cwd}/pid;\nevents {}\nhttp { include ${cwd}/discovery.conf; }\n`);
    const checking = promisify(execFile)(nginx ?? 'nginx', ['-t', '-p', cwd, '-c', file, '-e', join(cwd, 'error.log')]);
    await expect(checking).resolves.toMatchObject({ stderr: expect.stringContaining('test is successful') });
  });

  test('takes the endpoints of preferred regions first, whatever their priorities, and the others when they are away', async () => {
    const regions = ['sa-east-1', 'us-east-1', 'eu-west-1'];
    const servers = new Map<string, Server>();
    // The region that nobody prefers has the lowest priority number.
    for (const [priority, region] of regions.entries()) {
      const server = createServer((_request, response) => response.end(region));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.set(region, server);
      const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const place = ['--id', region, '--signing-region', region, '--priority', `${priority}`, '--stage', 'regions'];
      expect((await run('register', 'users', target, ...place)).exitCode).toBe(0);
    }
    const stop = async (region: string) => {
      const server = servers.get(region);
      servers.delete(region);
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    };
    const read = async (part: string, ...prefer: string[]) =>
      (await run('export', 'nginx', 'regions', '--part', part, ...prefer)).stdout;
    const order = ['--prefer', 'eu-west-1', '--prefer', 'us-east-1'];
    const proxy = await startNginx(
      { http: await read('http', ...order), server: await read('server', ...order) },
      `${nginx}`,
    );
    try {
      for (const region of [...regions].reverse()) {
        const answer = await fetch(`http://127.0.0.1:${proxy.port}/users/x`);
        expect(await answer.text()).toBe(region);
        await stop(region);
      }
    } finally {
      await proxy.stop();
      for (const region of servers.keys()) await stop(region);
    }
  });
});
