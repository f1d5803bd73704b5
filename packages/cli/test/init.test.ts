import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createFolder, runCommand } from './test-shell.ts';

async function makeProject(...files: string[]): Promise<string> {
  const cwd = await createFolder();
  for (const file of files) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), 'mine');
  }
  return cwd;
}

test.each([
  [['amplify/backend.ts'], ['gen2']],
  [['amplify/.config/project-config.json'], ['gen1']],
  [['serverless.yml'], ['serverless']],
  [['serverless.ts'], ['serverless']],
  [['cdk.json'], ['cdk']],
  [
    ['amplify/backend.ts', 'serverless.yaml'],
    ['gen2', 'serverless'],
  ],
  [['package.json'], ['none']],
])('a project with %j is %j', async (files, kinds) => {
  const { exitCode, stdout } = await runCommand(['init', '--json'], { cwd: await makeProject(...files) });
  expect(exitCode).toBe(0);
  const { projects } = JSON.parse(stdout) as { projects: { kind: string; steps: string[] }[] };
  expect(projects.map(({ kind }) => kind)).toEqual(kinds);
  for (const { steps } of projects) expect(steps.length).toBeGreaterThan(0);
});

test('without --write nothing is written', async () => {
  const cwd = await makeProject('amplify/backend.ts');
  const { stdout } = await runCommand(['init'], { cwd });
  expect(stdout).toContain('amplify/discovery.ts: not written, --write writes it');
  await expect(readFile(join(cwd, 'amplify/discovery.ts'))).rejects.toThrow('ENOENT');
});

test('--write writes the starter, once, and touches nothing that is there', async () => {
  const cwd = await makeProject('amplify/backend.ts');
  expect((await runCommand(['init', '--write'], { cwd })).stdout).toContain('amplify/discovery.ts: written');
  expect(await readFile(join(cwd, 'amplify/discovery.ts'), 'utf8')).toContain('defineDiscovery(backend, { services })');
  await writeFile(join(cwd, 'amplify/discovery.ts'), 'edited');
  expect((await runCommand(['init', '--write'], { cwd })).stdout).toContain('was there, left as it is');
  expect(await readFile(join(cwd, 'amplify/discovery.ts'), 'utf8')).toBe('edited');
  expect(await readFile(join(cwd, 'amplify/backend.ts'), 'utf8')).toBe('mine');
});
