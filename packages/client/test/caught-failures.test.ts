import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleApp } from './bundle-app.ts';
import { startFailures } from './start-failures.ts';
import { waysToFail, type Client } from './ways-to-fail.ts';

let failures: Awaited<ReturnType<typeof startFailures>>;
let folder: string;
let app: string;
beforeAll(async () => {
  failures = await startFailures();
  app = await bundleApp(
    `import * as api from 'amplify-discovery/api';
     import * as client from 'amplify-discovery';
     import * as v5 from 'amplify-discovery/v5';
     import { waysToFail } from './ways-to-fail.ts';
     globalThis.app = { client: { ...client, ...api, ...v5 }, waysToFail };`,
    'iife',
  );
  folder = await mkdtemp(join(tmpdir(), 'caught-failures-'));
});
afterAll(async () => {
  await failures.stop();
  await rm(folder, { recursive: true });
});

/** Runs an app that fails in every way, each time from its first module on. Nothing listens for unhandled rejections: Node ends it. */
async function runApp(): Promise<string> {
  await writeFile(
    join(folder, 'main.mjs'),
    `const start = new Function(${JSON.stringify(app)});
     start();
     for (const way of Object.keys(globalThis.app.waysToFail)) {
       start();
       const { client, waysToFail } = globalThis.app;
       try {
         await waysToFail[way](client, ${JSON.stringify(failures.servers)});
         console.log(way + ': did not fail');
       } catch (error) {
         console.log(way + ': caught');
       }
       await new Promise(setImmediate);
     }`,
  );
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, 'main.mjs')]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return stdout + stderr;
}

describe('a failure that the app catches', () => {
  test('does not end a Node process', async () => {
    expect((await runApp()).trim().split('\n')).toEqual(Object.keys(waysToFail).map((way) => `${way}: caught`));
  });

  // Jest fails a test that leaves a rejection unhandled.
  test.each(Object.keys(waysToFail))('does not fail a Jest test: %s', async (way) => {
    // From the first module on: a bundle starts far faster than Jest loads all modules of Amplify anew.
    // oxlint-disable-next-line typescript/no-implied-eval -- it is the app as a page runs it
    new Function(app)();
    const { app: started } = globalThis as unknown as { app: { client: Client; waysToFail: typeof waysToFail } };
    await expect(started.waysToFail[way]?.(started.client, failures.servers)).rejects.toThrow();
    // Node looks for unhandled rejections when its microtasks are done.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
