import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DiscoveryError, isName } from '@amplify-discovery/core';

export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface LocalCredentials extends AccessKeys {
  readonly region: string;
  readonly apiKey: string;
  /** Those of other identities, by their names. */
  readonly identities?: Readonly<Record<string, AccessKeys>> | undefined;
}

/** New random credentials that look like AWS's but are recognisably local. */
export function createLocalCredentials(region: string): LocalCredentials {
  return { region, apiKey: `da2-local${createToken(12)}`, ...createAccessKeys() };
}

/** The credentials with access keys for each of the names: those that it has, and new ones. */
export function addIdentities(credentials: LocalCredentials, names: readonly string[]): LocalCredentials {
  const malformed = names.find((name) => !isName(name));
  if (malformed !== undefined)
    throw new DiscoveryError('InvalidOptions', `The identity "${malformed}" must be 1 to 128 of A-Z a-z 0-9 . _ -`);
  const known = new Map(Object.entries(credentials.identities ?? {}));
  const identities = Object.fromEntries(names.map((name) => [name, known.get(name) ?? createAccessKeys()]));
  return { ...credentials, identities };
}

function createAccessKeys(): AccessKeys {
  return { accessKeyId: `LOCAL${createToken(8).toUpperCase()}`, secretAccessKey: createToken(20) };
}

function createToken(bytes: number): string {
  return randomBytes(bytes).toString('hex');
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
  const { region, apiKey, accessKeyId, secretAccessKey, identities } = found;
  const isUsable = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,128}$/.test(value);
  if (!isUsable(region) || !isUsable(apiKey) || !isUsable(accessKeyId) || !isUsable(secretAccessKey)) {
    throw unusable(file, 'lacks region, apiKey, accessKeyId or secretAccessKey');
  }
  const kept = Object.entries(Object(identities) as Record<string, Partial<AccessKeys> | null>).flatMap(
    ([name, keys]): [string, AccessKeys][] => {
      const { accessKeyId: id, secretAccessKey: secret } = keys ?? {};
      return isUsable(id) && isUsable(secret) ? [[name, { accessKeyId: id, secretAccessKey: secret }]] : [];
    },
  );
  return { region, apiKey, accessKeyId, secretAccessKey, identities: Object.fromEntries(kept) };
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
  const { identities = {}, ...own } = credentials;
  const written = { url, ...own, ...(Object.keys(identities).length > 0 && { identities }), auditFolder };
  // A random name, so that nobody can have placed a link there.
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, `${JSON.stringify(written, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
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
