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
  const declared = renderDeclaration(['user-management-service', 'v1.jobs', 'constructor', '__proto__']);
  await writeFile(join(folder, 'services.d.ts'), declared);
});
afterAll(() => rm(folder, { recursive: true }));

test('names in the declaration compile, and no others do', async () => {
  const names = ['user-management-service', 'v1.jobs', 'constructor', '__proto__', 'user-managment-service'];
  const lines = names.map((name, index) => `export const service${index}: ServiceName = '${name}';`);
  const app = ["import type { ServiceName } from 'amplify-discovery';", ...lines];
  await writeFile(join(folder, 'app.ts'), app.join('\n'));
  const compiling = promisify(execFile)(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder]);
  const faults = await compiling.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  expect(faults.match(/error TS/g)).toHaveLength(1);
  expect(faults).toContain('TS2820: Type \'"user-managment-service"\' is not assignable');
});
