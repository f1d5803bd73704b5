import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';

/** The command as npm links it: the built file. `npm test` builds it first. */
const command = fileURLToPath(new URL('../dist/esm/main.js', import.meta.url));
const running = new Set<ChildProcess>();
let folder: string;

beforeAll(async () => {
  if (!existsSync(command)) throw new Error(`${command} is missing: run npm run build`);
  folder = await mkdtemp(join(tmpdir(), 'local-command-'));
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Starts the command in the test's folder. `line` waits for a printed line, `ended` for the end. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [command, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const ended = once(child, 'close').then(([exitCode]): Ended => {
    running.delete(child);
    return { exitCode: exitCode as number | null, output, errors };
  });
  return {
    ended,
    stop: (signal: 'SIGINT' | 'SIGTERM') => child.kill(signal),
    async untilReady(): Promise<string> {
      while (!output.includes('Ctrl-C')) {
        const end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
        if (end && !end.output.includes('Ctrl-C')) throw new Error(`ended with ${end.exitCode}: ${end.errors}`);
      }
      return output;
    },
  };
}

const find = (output: string, label: string) => new RegExp(`^${label}\\s+(.+)$`, 'm').exec(output)?.[1];

test('prints where the registry is and how to reach it, and Ctrl-C ends it with 0', async () => {
  const program = start('--port', '0');
  const output = await program.untilReady();
  const url = String(find(output, 'Registry'));
  const apiKey = String(find(output, 'API key \\(read\\)'));
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
  expect(find(output, 'Credentials file')).toBe('.local/registry.json');
  expect(find(output, 'Data')).toBe('in memory');
  const source = registrySource({ transport: apiKeyTransport({ url, apiKey }) });
  expect(await source.load({ stage: 'dev', signal: AbortSignal.timeout(10_000) })).toEqual({
    revision: '0.0',
    endpoints: [],
  });

  program.stop('SIGINT');
  expect(await program.ended).toMatchObject({ exitCode: 0, errors: '' });
  await expect(fetch(url)).rejects.toThrow();
});

test('keeps what it prints in a file for this user alone, and uses it at the next start', async () => {
  const first = start('--port', '0', '--credentials', 'kept/registry.json', '--data', 'data');
  const printed = await first.untilReady();
  const file = join(folder, 'kept/registry.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    url: find(printed, 'Registry'),
    region: find(printed, 'Region'),
    apiKey: find(printed, 'API key \\(read\\)'),
    accessKeyId: find(printed, 'Access key id'),
    secretAccessKey: find(printed, 'Secret access key'),
  });
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(find(printed, 'Data')).toBe('data');
  first.stop('SIGTERM');
  expect(await first.ended).toMatchObject({ exitCode: 0 });

  const second = start('--port', '0', '--credentials', 'kept/registry.json', '--data', 'data');
  const again = await second.untilReady();
  expect(find(again, 'Secret access key')).toBe(find(printed, 'Secret access key'));
  second.stop('SIGINT');
  await second.ended;
});

test('a second start on the same port says what to do and ends with 1, and the first goes on', async () => {
  const first = start('--port', '0');
  const url = String(find(await first.untilReady(), 'Registry'));
  const { port } = new URL(url);
  const { exitCode, output, errors } = await start('--port', port).ended;
  expect(exitCode).toBe(1);
  expect(output).toBe('');
  expect(errors).toBe(
    `InvalidOptions: Port ${port} on 127.0.0.1 is taken by another program. Choose another one, or 0 for any.\n`,
  );
  expect((await fetch(url, { method: 'POST' })).status).toBeLessThan(500);
  first.stop('SIGINT');
  expect(await first.ended).toMatchObject({ exitCode: 0 });
});

test('--help tells each option, and a wrong one is refused with a pointer to it', async () => {
  const help = await start('--help').ended;
  expect(help).toMatchObject({ exitCode: 0, errors: '' });
  for (const option of ['--port', '--data', '--credentials']) expect(help.output).toContain(option);
  const wrong = await start('--prot', '1').ended;
  expect(wrong).toMatchObject({ exitCode: 1, output: '' });
  expect(wrong.errors).toContain('See --help');
});
