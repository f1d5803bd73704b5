import { mkdir, readdir, writeFile } from 'node:fs/promises';
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

test('the steps are printed by number, and nothing is written', async () => {
  const cwd = await makeProject('amplify/backend.ts');
  const { exitCode, stdout } = await runCommand(['init'], { cwd });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Amplify Gen 2\n {2}1\. npm install/);
  expect(stdout).toContain("defineDiscovery(backend, { services: { 'user-management-service': api } });");
  expect(await readdir(cwd, { recursive: true })).toEqual(['amplify', 'amplify/backend.ts']);
});

test('a registry is called default unless it is named', async () => {
  for (const file of ['serverless.yml', 'cdk.json']) {
    const { stdout } = await runCommand(['init'], { cwd: await makeProject(file) });
    expect(stdout).toContain('default');
    expect(stdout).not.toContain('main');
  }
});
