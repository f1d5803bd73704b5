import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prepareProgram, startProcess } from './run-process.ts';
import { startCommand } from './start-command.ts';
import { createFolder, runCommand } from './test-shell.ts';

type Started = Awaited<ReturnType<typeof startCommand>>;

/** Stands for the deployed registry. */
let deployed: Started;
let cloud: string;
let cwd: string;
const outputs = () => ({
  auth: { user_pool_id: 'eu-west-1_abc' },
  custom: {
    discovery: {
      registry: {
        url: deployed.printed['url'],
        region: 'us-east-1',
        auth: { mode: 'apiKey', apiKey: deployed.printed['apiKey'] },
      },
      stage: 'dev',
      trustedHosts: ['*.example.com'],
    },
  },
});

async function run(folder: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(words, { cwd: folder });
  return exitCode === 0 ? stdout.trim() : `${exitCode}: ${stderr.trim()}`;
}

beforeAll(async () => {
  cloud = await createFolder();
  cwd = await createFolder();
  deployed = await startCommand(['dev', '--memory', '--port', '0'], { cwd: cloud });
  for (const [service, target] of [
    ['orders', 'https://orders.example.com'],
    ['users', 'https://users.example.com'],
    ['trap', 'http://localhost:9'],
  ])
    await run(cloud, 'register', service ?? '', target ?? '', '--stage', 'dev');
  await writeFile(join(cwd, 'amplify_outputs.json'), JSON.stringify(outputs()));
});
afterAll(async () => {
  await deployed.stop();
});

test('one service stands on this machine, the rest is the deployed app, and a written file makes the app use both', async () => {
  const words = [
    '--service',
    'orders=http://localhost:3000',
    '--upstream',
    'amplify_outputs.json',
    '--write',
    'app/amplify_outputs.json',
  ];
  const dev = await startCommand(['dev', '--memory', ...words], { cwd });
  const app = join(cwd, 'app');
  const forPlugins = join(cwd, '.local/discovery.json');
  const written = JSON.parse(await readFile(join(app, 'amplify_outputs.json'), 'utf8')) as ReturnType<typeof outputs>;
  expect(written).toEqual({
    auth: { user_pool_id: 'eu-west-1_abc' },
    custom: {
      discovery: {
        registry: {
          url: dev.printed['url'],
          region: 'us-east-1',
          auth: { mode: 'apiKey', apiKey: dev.printed['apiKey'] },
        },
        stage: ['local', 'dev'],
        trustedHosts: ['*.example.com', 'localhost:3000'],
        regions: ['us-east-1'],
        live: true,
      },
    },
  });
  expect(await run(app, 'resolve', 'orders')).toContain('http://localhost:3000');
  expect(await run(app, 'resolve', 'users')).toContain('https://users.example.com');
  // What the deployed registry says of this machine is another machine.
  expect(await run(app, 'resolve', 'trap')).toMatch(/^3: ServiceNotFound/);
  expect(JSON.parse(await readFile(forPlugins, 'utf8'))).toEqual(written.custom.discovery);
  await dev.stop();
  await expect(readFile(forPlugins)).rejects.toThrow('ENOENT');
});

test('a service that is no longer named is gone at the next start; others stay', async () => {
  const start = (...words: readonly string[]) => startCommand(['dev', ...words], { cwd });
  const first = await start('--service', 'orders=http://localhost:3000', '--service', 'users=http://127.0.0.1:3001');
  await run(cwd, 'register', 'billing', 'http://localhost:3002', '--stage', 'local', '--local');
  await first.stop();
  const second = await start('--service', 'users=http://127.0.0.1:3001');
  expect(await run(cwd, 'list', '--stage', 'local', '--local')).not.toContain('orders');
  expect(await run(cwd, 'list', '--stage', 'local', '--local')).toMatch(/billing.*users/s);
  await second.stop();
});

test('commands find the credentials of a local registry by its URL, whatever file names it', async () => {
  const folder = await createFolder();
  const dev = await startCommand(['dev', '--memory', '--write', 'amplify_outputs.json'], { cwd: folder });
  expect(await run(folder, 'register', 'users', 'http://localhost:3000')).toContain(
    'Registered users/default in local at http://localhost:3000 (registry from amplify_outputs.json)',
  );
  await dev.stop();
});

test('a file that names a deployed registry is not overwritten', async () => {
  const file = join(await createFolder(), 'amplify_outputs.json');
  const content = JSON.stringify({
    custom: {
      discovery: { registry: { url: 'https://registry.example.com/graphql', auth: { mode: 'apiKey', apiKey: 'da2' } } },
    },
  });
  await writeFile(file, content);
  expect(await run(cwd, 'dev', '--memory', '--write', file)).toMatch(/^2: .*names the deployed registry/s);
  expect(await readFile(file, 'utf8')).toBe(content);
});

test.each([
  [['--service', 'orders'], /NAME=URL/],
  [['--service', 'orders=https://orders.example.com'], /on this machine/],
  [['--upstream', 'none.json'], /--upstream/],
  [['--local-stage', 'a b'], /--local-stage/],
])('%s is refused', async (words, message) => {
  expect(await run(cwd, 'dev', '--memory', ...words)).toMatch(message);
});

test('two of them have two ports, and the second says so', async () => {
  const [first, second] = [
    await startCommand(['dev', '--memory'], { cwd }),
    await startCommand(['dev', '--memory'], { cwd }),
  ];
  const ports = [first, second].map(({ printed }) => Number(new URL(printed['url'] ?? '').port));
  expect(ports[1]).toBeGreaterThan(ports[0] ?? 0);
  expect(ports[0]).toBeGreaterThanOrEqual(4440);
  expect((await second.stop())?.stderr).toContain(`this registry is at ${ports[1]}`);
  await first.stop();
});

test('a program runs beside it, and ends it', async () => {
  const program = await prepareProgram();
  const folder = await createFolder();
  const asks = `fetch(JSON.parse(require('fs').readFileSync('.local/registry.json')).url).then(({ status }) => { console.log('asked', status); process.exit(3); })`;
  const { done } = startProcess(program, ['dev', '--memory', '--', process.execPath, '-e', asks], folder);
  const { exitCode, stdout } = await done;
  expect(stdout).toMatch(/asked \d{3}/);
  expect(exitCode).toBe(1);
  if (program.includes('.cache')) await rm(dirname(program), { recursive: true });
});
