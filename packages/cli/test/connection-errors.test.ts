import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { commands } from '../src/commands.ts';
import { createFolder, runCommand } from './test-shell.ts';

/** The arguments of each command that asks a registry. */
const calls: Readonly<Record<string, readonly string[]>> = {
  register: ['users', 'http://localhost:1'],
  deregister: ['users'],
  list: [],
  resolve: ['users'],
  stages: [],
  watch: [],
  shift: ['users', '--to', 'canary=10'],
  override: ['users', 'http://localhost:2', '--for', '1h', '--reason', 'test'],
  freeze: ['--reason', 'test', '--yes'],
  thaw: ['--yes'],
  rules: ['list'],
  console: [],
  doctor: [],
  typegen: [],
  snapshot: [],
  diff: ['before.json'],
  rollback: ['--to', 'before.json'],
  backup: ['backup.json'],
  export: ['nginx'],
  bridge: ['registry', 'registry:https://127.0.0.1:9/graphql', '--dry-run'],
  facade: ['prometheus'],
};
/** Or begins with a file, a bucket or a deployment. */
const offline = ['init', 'dev', 'history', 'audit', 'restore', 'verify'];

let cwd: string;
let url: string;

beforeAll(async () => {
  cwd = await createFolder();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  await new Promise((resolve) => server.close(resolve));
  const times = { issuedAt: '2030-01-01T00:00:00.000Z', expiresAt: '2030-02-01T00:00:00.000Z' };
  const document = { stage: 'dev', sequence: 1, ...times, revision: '0.0', endpoints: [] };
  await writeFile(join(cwd, 'before.json'), JSON.stringify(document));
});

test('every command is here', () => {
  expect([...Object.keys(calls), ...offline].sort()).toEqual(commands.map(({ name }) => name).sort());
});

describe.each(Object.entries(calls))('%s', (command, words) => {
  const run = (fetch?: typeof globalThis.fetch) => {
    const interrupt = new AbortController();
    return runCommand([command, ...words, '--registry', url, '--region', 'eu-west-1'], {
      cwd,
      env: { DISCOVERY_STAGE: 'dev' },
      signal: interrupt.signal,
      findCredentials: async () => async () => ({ accessKeyId: 'id', secretAccessKey: 'secret' }),
      sleep: async () => interrupt.abort(),
      ...(fetch && { fetch }),
    });
  };

  test('names the registry that does not answer, and says why', async () => {
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(command === 'watch' ? 0 : 6);
    expect(stderr).toContain(url);
    expect(stderr).toContain('ECONNREFUSED');
  });

  test('names the registry that answers with something else', async () => {
    const { stderr } = await run(async () => new Response('<html>', { status: 404 }));
    expect(stderr).toContain(url);
    expect(stderr).toContain('HTTP 404');
  });
});
