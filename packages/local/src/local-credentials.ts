import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';

export interface LocalCredentials {
  readonly region: string;
  readonly apiKey: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** New random credentials that look like AWS's but are recognisably local. */
export function createLocalCredentials(region: string): LocalCredentials {
  const token = (bytes: number) => randomBytes(bytes).toString('hex');
  return {
    region,
    apiKey: `da2-local${token(12)}`,
    accessKeyId: `LOCAL${token(8).toUpperCase()}`,
    secretAccessKey: token(20),
  };
}

/**
 * The credentials that an earlier run wrote, or undefined when there is no file. Apps keep working across restarts.
 *
 * @throws DiscoveryError `InvalidOptions` when the file exists but can't be used.
 */
export async function findLocalCredentials(file: string): Promise<LocalCredentials | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, 'cannot be read', error);
  }
  let found: Record<string, unknown>;
  try {
    found = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw unusable(file, 'is not valid JSON', error);
  }
  const { region, apiKey, accessKeyId, secretAccessKey } = found;
  const isUsable = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,128}$/.test(value);
  if (!isUsable(region) || !isUsable(apiKey) || !isUsable(accessKeyId) || !isUsable(secretAccessKey)) {
    throw unusable(file, 'lacks region, apiKey, accessKeyId or secretAccessKey');
  }
  return { region, apiKey, accessKeyId, secretAccessKey };
}

/** Where a registry is found. */
export interface LocalPlaces {
  readonly url: string;
  /** Where its log of changes is; undefined without one. */
  readonly auditFolder: string | undefined;
}

/** Writes the credentials and addresses for other programs of this user, atomically, with mode 0600. */
export async function writeLocalCredentials(
  file: string,
  credentials: LocalCredentials,
  { url, auditFolder }: LocalPlaces,
): Promise<void> {
  const path = resolve(file);
  // A random name, so that nobody can have placed a link there.
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, `${JSON.stringify({ url, ...credentials, auditFolder }, null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
    await chmod(draft, 0o600);
    await rename(draft, path);
  } catch (error) {
    throw unusable(file, 'cannot be written', error);
  }
}

function unusable(file: string, found: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError(
    'InvalidOptions',
    `The credentials file "${file}" ${found}. Delete it to get new credentials, or name another file.`,
    { cause },
  );
}
