import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { renderDeclaration } from '../src/commands/render-declaration.ts';

// It starts the compiler, which takes seconds on a machine that is busy.
jest.setTimeout(120_000);

let folder: string;

/** Inside the workspace, so that the app finds the client package. */
beforeAll(async () => {
  await mkdir(resolve('packages/cli/.cache'), { recursive: true });
  folder = await mkdtemp(resolve('packages/cli/.cache/types-'));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    module: 'nodenext',
    types: [],
    skipLibCheck: true,
    customConditions: ['@amplify-discovery/source'],
    allowImportingTsExtensions: true,
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['app.ts', 'services.d.ts'] }),
  );
  await writeFile(join(folder, 'services.d.ts'), renderDeclaration(['user-management-service', 'orders', 'v1.jobs']));
});
afterAll(() => rm(folder, { recursive: true }));

async function compile(name: string): Promise<string> {
  const app = `import type { ServiceName } from 'amplify-discovery';\nexport const service: ServiceName = '${name}';\n`;
  await writeFile(join(folder, 'app.ts'), app);
  const run = promisify(execFile)(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder]);
  return run.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test('a name of the declaration compiles', async () => {
  expect(await compile('user-management-service')).toBe('');
  expect(await compile('v1.jobs')).toBe('');
});

test('any other name no longer does', async () => {
  expect(await compile('user-managment-service')).toContain(
    'TS2820: Type \'"user-managment-service"\' is not assignable',
  );
});
