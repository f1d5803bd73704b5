import { rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { commands } from '../src/commands.ts';
import { prepareProgram, startProcess, type ProcessOutcome } from './run-process.ts';
import { createFolder } from './test-shell.ts';

/**
 * Each command in a process of its own, where an unhandled rejection ends the process: its exit code is then 1 and its output a
 * stack trace.
 */
jest.setTimeout(60_000);

/** A failing command line of every command. */
const lines: Readonly<Record<string, readonly string[]>> = {
  init: ['--unknown'],
  dev: ['--memory', '--port', 'TAKEN'],
  console: [],
  register: ['users', 'https://api.example.com'],
  deregister: ['users'],
  list: [],
  resolve: ['users'],
  stages: [],
  watch: [],
  shift: ['users', '--to', 'default=100'],
  override: ['users', 'https://api.example.com', '--until', '1h', '--reason', 'test'],
  freeze: ['--reason', 'test'],
  thaw: [],
  rules: [],
  audit: ['--bucket', 'bucket'],
  doctor: ['--no-network'],
  typegen: ['--out', 'services.d.ts'],
  snapshot: ['--key', 'no-such-key.json'],
  history: ['--bucket', 'bucket'],
  diff: ['current', 'current'],
  rollback: ['--to', 'no-such-file.json', '--yes'],
  backup: ['backup.json'],
  restore: ['no-such-file.json', '--yes'],
  export: ['nginx'],
  bridge: ['registry', 'registry:https://127.0.0.1:9/graphql'],
  facade: ['prometheus'],
  // It would deploy.
  verify: ['--unknown'],
};

let program: string;
const running: (() => unknown)[] = [];
beforeAll(async () => {
  program = await prepareProgram();
});
afterAll(async () => {
  for (const stop of running.splice(0)) await stop();
  if (program.includes('.cache')) await rm(dirname(program), { recursive: true });
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(() => new Promise((resolve) => server.close(resolve) && server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

async function run(name: string, port: number, outputs?: string) {
  const cwd = await createFolder();
  if (outputs !== undefined) await writeFile(join(cwd, 'amplify_outputs.json'), outputs);
  running.push(() => rm(cwd, { recursive: true }));
  const words = (lines[name] ?? []).map((word) => (word === 'TAKEN' ? `${port}` : word));
  const { child, done } = startProcess(program, [name, ...words], cwd, {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    DISCOVERY_STAGE: 'dev',
    ...(outputs === undefined && { DISCOVERY_REGISTRY_URL: `http://127.0.0.1:${port}/graphql` }),
  });
  // It would go on polling. One that ends by itself gets no signal: Node takes its handlers away before it exits, and the signal
  // would then end the process without an exit code.
  child.stderr?.on('data', (chunk) => String(chunk).includes('Trying again.') && child.kill('SIGINT'));
  return done;
}

test('every command has a line that fails', () => {
  expect(Object.keys(lines)).toEqual(commands.map(({ name }) => name));
});

const hangUp: RequestListener = (request) => void request.socket.destroy();
const refuse: RequestListener = (_request, response) =>
  void response.writeHead(401).end('{"errors":[{"errorType":"UnauthorizedException"}]}');
const talkNonsense: RequestListener = (_request, response) => void response.end('<html>');

test.each(commands.map(({ name }) => [name]))(
  '%s ends with its error and nothing else, whether the registry hangs up or refuses',
  async (name) => {
    const outcomes = await Promise.all([hangUp, refuse].map(async (listener) => run(name, await serve(listener))));
    for (const outcome of outcomes) expectError(outcome, name === 'watch' ? [0] : []);
  },
);

test('so does one whose registry answers nonsense, or whose settings are broken', async () => {
  const port = await serve(talkNonsense);
  expectError(await run('list', port));
  expectError(await run('list', port, '{"custom":{"discovery":{"registry":7}}}'));
});

function expectError({ exitCode, stderr }: ProcessOutcome, more: readonly number[] = []): void {
  expect(stderr).toMatch(/^(?:[A-Z][A-Za-z]+: .+|.+ Trying again\.)$/m);
  expect(stderr).not.toMatch(/^\s+at |^Unexpected|^Node\.js v/m);
  expect([2, 3, 4, 5, 6, 7, ...more]).toContain(exitCode);
}
