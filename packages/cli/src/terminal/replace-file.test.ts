import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createFolder } from '../../test/test-shell.ts';
import { replaceFile } from './replace-file.ts';

test('the new content replaces the old', async () => {
  const folder = await createFolder();
  await replaceFile('--out', join(folder, 'file'), 'old');
  await replaceFile('--out', join(folder, 'file'), new TextEncoder().encode('new'));
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['file']);
});

test('a failure names the option and leaves nothing behind', async () => {
  const folder = await createFolder();
  await mkdir(join(folder, 'taken'));
  await expect(replaceFile('--out', join(folder, 'taken'), 'x')).rejects.toMatchObject({
    code: 'InvalidOptions',
    message: expect.stringMatching(/^--out: /),
  });
  expect(await readdir(folder)).toEqual(['taken']);
});
