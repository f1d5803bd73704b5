import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { replaceFile } from './replace-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replace-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the new content replaces the old', async () => {
  await replaceFile('--out', join(folder, 'deep/file'), 'old');
  await replaceFile('--out', join(folder, 'deep/file'), new TextEncoder().encode('new'));
  expect(await readFile(join(folder, 'deep/file'), 'utf8')).toBe('new');
  expect(await readdir(join(folder, 'deep'))).toEqual(['file']);
});

test('a failure names the option and leaves nothing behind', async () => {
  await mkdir(join(folder, 'taken'));
  await expect(replaceFile('--out', join(folder, 'taken'), 'x')).rejects.toMatchObject({
    code: 'InvalidOptions',
    message: expect.stringMatching(/^--out: /),
  });
  expect(await readdir(folder)).toEqual(['taken']);
});

test.each(['a file', 'a link'])('%s at the name of the draft is neither written through nor removed', async (kind) => {
  const [victim, draft] = [join(folder, 'victim'), join(folder, 'file.guessed.tmp')];
  await writeFile(victim, 'precious');
  await (kind === 'a link' ? symlink(victim, draft) : writeFile(draft, 'theirs'));
  await expect(replaceFile('--out', join(folder, 'file'), 'x', () => 'guessed')).rejects.toThrow('EEXIST');
  expect(await readFile(victim, 'utf8')).toBe('precious');
  expect((await readdir(folder)).sort()).toEqual(['file.guessed.tmp', 'victim']);
});

test('every draft has another name', async () => {
  const path = join(folder, 'file');
  await Promise.all(Array.from({ length: 20 }, (_, number) => replaceFile('--out', path, String(number))));
  expect(await readdir(folder)).toEqual(['file']);
});

test('a link at the path is replaced by the file, and what it pointed to stays as it was', async () => {
  const [victim, path] = [join(folder, 'victim'), join(folder, 'file')];
  await writeFile(victim, 'precious');
  await symlink(victim, path);
  await replaceFile('--out', path, 'new');
  expect((await lstat(path)).isFile()).toBe(true);
  expect([await readFile(path, 'utf8'), await readFile(victim, 'utf8')]).toEqual(['new', 'precious']);
});

test('the new file keeps the permissions of the old one', async () => {
  const path = join(folder, 'file');
  await replaceFile('--out', path, 'old');
  await chmod(path, 0o600);
  await replaceFile('--out', path, 'new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
