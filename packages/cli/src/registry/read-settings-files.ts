import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import { parseSettingsFile, type FileSettings } from './parse-settings-file.ts';

const outputFiles = ['amplify_outputs.json', 'amplify_discovery.json', 'amplifyconfiguration.json', 'aws-exports.js'];

/** Where the local registry keeps its URL and credentials, from the working directory. */
export const localSettingsFile = '.local/registry.json';

const candidates = [...outputFiles.flatMap((name) => [name, `src/${name}`]), localSettingsFile];

/** What the files of a folder say about the registry, the one that counts first. */
export async function readSettingsFiles(folder: string): Promise<readonly FileSettings[]> {
  const found = await Promise.all(
    candidates.map(async (file) => {
      const text = await findText(join(folder, file), file);
      return text === undefined ? undefined : parseSettingsFile(file, text);
    }),
  );
  return found.filter((settings) => settings !== undefined);
}

async function findText(path: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DiscoveryError('InvalidOptions', `${file} cannot be read: ${message}`, { cause: error });
  }
}
