import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiscoveryError, isLocalHost, type DiscoveryConfig } from '@amplify-discovery/core';
import { describeFileError } from '../terminal/describe-file-error.ts';
import { replaceFile } from '../terminal/replace-file.ts';

/**
 * Writes an outputs file whose `custom.discovery` are these settings: the given outputs, else what the file has already.
 *
 * @throws DiscoveryError `InvalidOptions` for a file that names a deployed registry, which would be lost, or can't be read or
 * written.
 */
export async function writeAppSettings(
  cwd: string,
  file: string,
  settings: DiscoveryConfig,
  outputs: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const present = await readOutputs(cwd, file);
  const { custom = {} } = present as { readonly custom?: Readonly<Record<string, unknown>> };
  const { url } = ((custom['discovery'] as DiscoveryConfig | undefined) ?? {}).registry ?? {};
  if (url !== undefined && !isOnThisMachine(url))
    throw new DiscoveryError(
      'InvalidOptions',
      `--write: ${file} names the deployed registry ${url}: choose another file, and import that one in development`,
    );
  const base = outputs ?? present;
  const own = { ...(base as { custom?: object }).custom, discovery: settings };
  await replaceFile('--write', resolve(cwd, file), `${JSON.stringify({ ...base, custom: own }, null, 2)}\n`);
}

async function readOutputs(cwd: string, file: string): Promise<object> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw describeFileError('--write', error);
  }
  try {
    return Object(JSON.parse(text)) as object;
  } catch (cause) {
    throw new DiscoveryError('InvalidOptions', `--write: ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function isOnThisMachine(url: string): boolean {
  return URL.canParse(url) && isLocalHost(new URL(url).hostname);
}
