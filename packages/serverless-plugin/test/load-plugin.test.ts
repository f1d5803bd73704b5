import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build, stop } from 'esbuild';

let folder: string;
let file: string;

/** What a framework finds is the CommonJS build: all of them resolve the plugin's name with `require.resolve`. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serverless-plugin-'));
  file = join(folder, 'index.cjs');
  if (process.env.TEST_DIST) {
    file = resolve('packages/serverless-plugin/dist/cjs/index.js');
    return;
  }
  await build({
    entryPoints: [resolve('packages/serverless-plugin/src/index.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@amplify-discovery/source'],
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
  });
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

test.each([
  [
    'Serverless v3 and osls require it and take its default',
    'const found = require(file); Plugin = found.default ? found.default : found;',
  ],
  [
    'Serverless v4 imports it and takes its default',
    'const found = await import(file); Plugin = found.default || found;',
  ],
])('%s', (_, load) => {
  const code = `(async () => { const file = ${JSON.stringify(file)}; let Plugin; ${load}
    const plugin = new Plugin({ service: {} }, {}, {}); process.stdout.write(Object.keys(plugin.hooks).join()); })()`;
  const output = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  expect(output).toBe('after:aws:package:finalize:mergeCustomProviderResources,discovery:list');
});
