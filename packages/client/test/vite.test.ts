import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Plugin } from 'vite';
import { discovery } from '../src/vite.ts';

const run = promisify(execFile);
let root: string;
/** The plugin as Vite's program loads it. */
let plugin: string;
const local = {
  registry: {
    url: 'http://127.0.0.1:4440/graphql',
    region: 'us-east-1',
    auth: { mode: 'apiKey', apiKey: 'da2-local' },
  },
  stage: ['local', 'dev'],
  trustedHosts: ['localhost:3000'],
};
const outputs = (url: string) => ({
  auth: { user_pool_id: 'eu-west-1_abc' },
  custom: { other: 1, discovery: { registry: { url, auth: { mode: 'apiKey', apiKey: 'da2' } }, stage: 'dev' } },
});
const deployed = outputs('https://registry.example.com/graphql');

beforeAll(async () => {
  const isBuilt = process.env.TEST_DIST !== undefined;
  plugin = isBuilt
    ? join(process.cwd(), 'packages/client/dist/esm/vite.js')
    : join(await realpath(await mkdtemp(join(tmpdir(), 'discovery-plugin-'))), 'vite.mjs');
  if (isBuilt) return;
  await build({
    entryPoints: [join(process.cwd(), 'packages/client/src/vite.ts')],
    outfile: plugin,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@amplify-discovery/source'],
  });
});
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'discovery-vite-')));
  await mkdir(join(root, '.local'));
  await writeFile(join(root, 'amplify_outputs.json'), JSON.stringify(deployed));
  await writeFile(join(root, 'other_outputs.json'), JSON.stringify(deployed));
  await writeFile(join(root, 'main.js'), "import outputs from './amplify_outputs.json';\nexport default outputs;\n");
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

/** Rejects with what Vite says where it fails. */
async function runVite(...words: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [
    join(process.cwd(), 'packages/client/test/run-vite.mjs'),
    plugin,
    root,
    ...words,
  ]);
  return JSON.parse(stdout);
}

test("it is a plugin of Vite's", () => {
  const typed: Plugin = discovery();
  expect(typed.name).toBe('amplify-discovery');
});

test('while discovery dev runs, the outputs of a development server name its registry, and nothing else changes', async () => {
  await writeFile(join(root, '.local/discovery.json'), JSON.stringify(local));
  expect(await runVite('serve', '/main.js', '/other_outputs.json')).toEqual([
    { ...deployed, custom: { other: 1, discovery: local } },
    deployed,
  ]);
});

test('while it does not run, they are as they were deployed', async () => {
  expect(await runVite('serve', '/main.js')).toEqual([deployed]);
});

test('settings that are malformed are refused, not half used', async () => {
  await writeFile(join(root, '.local/discovery.json'), JSON.stringify({ ...local, trusted: ['*'] }));
  await expect(runVite('serve', '/main.js')).rejects.toThrow('.local/discovery.json.trusted is not a known setting');
});

test('a production build has the deployed registry, whatever runs', async () => {
  await writeFile(join(root, '.local/discovery.json'), JSON.stringify(local));
  const code = await runVite('build');
  expect(code).toContain('https://registry.example.com/graphql');
  expect(code).not.toContain('127.0.0.1');
});

test('a production build of outputs that name this machine fails', async () => {
  await writeFile(join(root, 'amplify_outputs.json'), JSON.stringify(outputs('http://localhost:4440/graphql')));
  await expect(runVite('build')).rejects.toThrow('build with the deployed app');
});
