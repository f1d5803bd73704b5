import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

/** Names of members that every object has. */
const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

let registry: LocalRegistry;
let cwd: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
  ({ cwd } = await createStage(registry));
});
afterAll(() => registry.stop());

const run = (...words: string[]) => runCommand(words, { cwd, probeTarget: async () => undefined });
const readJson = async (...words: string[]) => JSON.parse((await run(...words, '--json')).stdout) as never;

test.each(names)(
  'a stage, a service, an endpoint and a key of metadata called %s are as good as any other',
  async (name) => {
    const stage = ['--stage', name];
    expect(await run('resolve', name, ...stage)).toMatchObject({ exitCode: 3 });
    const words = ['--id', name, '--metadata', `${name}=1`, '--owner', name];
    expect(await run('register', name, 'http://localhost:1', ...stage, ...words)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(await readJson('stages')).toEqual({ stages: expect.arrayContaining([name]) });

    const { endpoints }: { endpoints: { metadata: object }[] } = await readJson('list', ...stage, '--owners');
    expect(endpoints).toEqual([expect.objectContaining({ stage: name, service: name, id: name, owner: name })]);
    expect(Object.entries(endpoints[0]?.metadata ?? {})).toEqual([[name, '1']]);
    expect((await run('list', name)).stdout).toContain('http://localhost:1');
    expect((await run('resolve', name, ...stage)).stdout).toBe('http://localhost:1\n');
    expect((await run('export', 'nginx', name)).stdout).toContain('localhost:1');
    expect(await run('doctor', ...stage)).toMatchObject({ exitCode: 0 });

    await run('snapshot', name, '--out', 'before.json');
    await run('typegen', ...stage, '--out', 'types.d.ts');
    expect(await readFile(join(cwd, 'types.d.ts'), 'utf8')).toContain(`'${name}': true;`);
    await run('register', name, 'http://localhost:2', ...stage, ...words);
    await run('shift', name, ...stage, '--to', `${name}=100`);
    const { differences } = await readJson('diff', name, 'before.json', 'current');
    expect(differences).toEqual([expect.objectContaining({ service: name, id: name, fields: ['target', 'weight'] })]);
    expect(await run('rollback', name, '--to', 'before.json', '--yes')).toMatchObject({ exitCode: 0 });
    expect((await run('resolve', name, ...stage)).stdout).toBe('http://localhost:1\n');

    expect((await run('deregister', name, ...stage, '--id', name, '--owner', name)).stdout).toContain('De-registered');
    expect(await readJson('stages')).toEqual({ stages: expect.not.arrayContaining([name]) });
  },
);

test.each(names)('there is no command, option or format called %s', async (name) => {
  for (const words of [[name], ['help', name], ['list', `--${name}`], ['export', name]])
    expect(await run(...words)).toMatchObject({ exitCode: 2, stdout: '' });
});
