import { spawn } from 'node:child_process';
import { text as readText } from 'node:stream/consumers';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { parse } from 'yaml';
import { fillServers } from '../src/commands/fill-servers.ts';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

let registry: LocalRegistry;
let cwd: string;
let stage: string;

beforeAll(async () => {
  registry = await startLocalRegistry({ publicByDefault: false });
});
afterAll(() => registry.stop());
beforeEach(async () => {
  ({ cwd, stage } = await createStage(registry));
});

const run = (...words: string[]) =>
  runCommand([...words, ...(words[0] === 'export' ? ['--trusted-host', '*.example.com'] : [])], {
    cwd,
    env: { DISCOVERY_STAGE: stage },
  });
const readJson = async (file: string) => JSON.parse(await readFile(join(cwd, file), 'utf8'));
const address = ['--url', 'https://api.example.com'];

/** What OpenAPI's own schemas say, in a process of its own: the validator is an ES module. */
async function validate(text: string): Promise<unknown> {
  const program = spawn(process.execPath, ['packages/cli/test/validate-openapi.mjs'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  program.stdin.end(text);
  return JSON.parse(await readText(program.stdout));
}

const yaml = `# Orders, kept by hand
openapi: 3.1.0
info: { title: Orders, version: 1.2.0 } # the API's
servers:
  - url: http://localhost:3000
paths: {}
`;

test('the API catalog and the list of MCP servers have what is public, and are written only when they change', async () => {
  await run('register', 'users', 'https://users.example.com', '--public');
  await run('register', 'internal', 'https://internal.example.com');
  const words = ['export', 'api-catalog', ...address, '--out', 'api-catalog'];
  expect((await run(...words)).stdout).toBe('api-catalog: written\n');
  expect((await run(...words)).stdout).toBe('api-catalog: up to date\n');
  expect(await readJson('api-catalog')).toEqual({
    linkset: [
      {
        anchor: 'https://api.example.com/.well-known/api-catalog',
        item: [{ href: 'https://users.example.com', title: 'users' }],
      },
    ],
  });
  const list = await run('export', 'mcp', ...address);
  expect(JSON.parse(list.stdout)).toEqual({ servers: [], metadata: { count: 0 } });
});

test('nothing is written when nothing is public, so that a mistyped name replaces no file', async () => {
  await run('register', 'internal', 'https://internal.example.com');
  await writeFile(join(cwd, 'kept'), 'as it was');
  for (const words of [[], ['--service', 'internal']]) {
    const { exitCode, stderr } = await run('export', 'api-catalog', ...address, '--out', 'kept', ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('is public') });
  }
  expect(await readFile(join(cwd, 'kept'), 'utf8')).toBe('as it was');
});

test.each([
  [['api-catalog'], 'api-catalog needs --url, the https address at whose root the file will be'],
  [['mcp', '--url', 'https://api.example.com/mcp'], 'it is "https://api.example.com/mcp"'],
  [['openapi', '--service', 'users'], 'openapi needs --document FILE and one --service SERVICE'],
  [['openapi', '--document', 'orders.yaml'], 'openapi needs --document FILE and one --service SERVICE'],
  [['openapi', '--service', 'users', '--document', 'missing.yaml'], '--document: ENOENT'],
])('%j is refused with what is needed', async (words, message) => {
  await run('register', 'users', 'https://users.example.com', '--public');
  const { exitCode, stdout, stderr } = await run('export', ...words);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
});

test('a description gets the service\u2019s addresses as its servers; comments stay, and a validator accepts it', async () => {
  await run('register', 'orders', 'https://orders.example.com/prod', '--public', '--version', '1.2.0');
  await run('register', 'orders', 'https://next.example.com', '--public', '--id', 'next');
  await writeFile(join(cwd, 'orders.yaml'), yaml);
  const words = ['export', 'openapi', '--service', 'orders', '--document', 'orders.yaml', '--out', 'orders.yaml'];
  expect((await run(...words)).stdout).toBe('orders.yaml: written\n');
  expect((await run(...words)).stdout).toBe('orders.yaml: up to date\n');
  const text = await readFile(join(cwd, 'orders.yaml'), 'utf8');
  expect(text).toMatch(
    /^# Orders, kept by hand\nopenapi: 3.1.0\ninfo: \{ title: Orders, version: 1.2.0 \} # the API's\n/,
  );
  expect(parse(text).servers).toEqual([
    { url: 'https://orders.example.com/prod', description: `${stage}, 1.2.0` },
    { url: 'https://next.example.com', description: `${stage}, next` },
  ]);
  expect(await validate(text)).toEqual({ valid: true });
});

describe('fillServers', () => {
  const servers = [{ url: 'https://orders.example.com', description: 'prod' }];

  test('keeps JSON as JSON', async () => {
    const before = { openapi: '3.0.3', info: { title: 'Orders', version: '1.0.0' }, paths: {} };
    const text = fillServers(JSON.stringify(before), servers, 'orders.json');
    expect(JSON.parse(text)).toEqual({ ...before, servers });
    expect(await validate(text)).toEqual({ valid: true });
  });

  test('a description that YAML could break stays one', async () => {
    const hostile = [{ url: "https://a.example.com/'#: x", description: '\n- url: "https://evil.example.com' }];
    expect(parse(fillServers(yaml, hostile, 'orders.yaml')).servers).toEqual(hostile);
  });

  test.each([
    ['swagger: "2.0"', 'orders must be an OpenAPI 3 description: it has no "openapi"'],
    ['{"openapi":"2.0"}', 'orders must be an OpenAPI 3 description: its "openapi" is "2.0"'],
    ['[]', 'orders must be an OpenAPI 3 description: it has no "openapi"'],
    ['', 'orders must be an OpenAPI 3 description: it has no "openapi"'],
    ['a: b: c', 'orders: Nested mappings are not allowed in compact mappings'],
    ['{"__proto__":{"openapi":"3.0.0"}}', 'orders must be an OpenAPI 3 description: it has no "openapi"'],
  ])('%j is refused with what is missing', (text, message) => {
    expect(() => fillServers(text, servers, 'orders')).toThrow(
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }),
    );
  });
});
