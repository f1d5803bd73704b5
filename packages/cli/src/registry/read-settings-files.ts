import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { localSettingsFile, parseSettingsFile, type FileSettings } from './parse-settings-file.ts';

/** A file's settings, or why it can't be used. */
export type FileReading = FileSettings | { readonly file: string; readonly fault: DiscoveryError };

const outputFiles = ['amplify_outputs.json', 'amplify_discovery.json', 'amplifyconfiguration.json', 'aws-exports.js'];
const candidates = [...outputFiles.flatMap((name) => [name, `src/${name}`]), localSettingsFile];

/**
 * The settings in a folder's files, in order of precedence. An unusable file only fails commands that would use it.
 */
export async function readSettingsFiles(folder: string): Promise<readonly FileReading[]> {
  const readings = await Promise.all(candidates.map((file) => findReading(folder, file)));
  return readings.filter((reading) => reading !== undefined);
}

async function findReading(folder: string, file: string): Promise<FileReading | undefined> {
  try {
    return parseSettingsFile(file, await readFile(join(folder, file), 'utf8'));
  } catch (error) {
    if (isDiscoveryError(error)) return { file, fault: error };
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return {
      file,
      fault: new DiscoveryError('InvalidOptions', `${file} cannot be read: ${message}`, { cause: error }),
    };
  }
}
