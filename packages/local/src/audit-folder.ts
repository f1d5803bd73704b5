import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import type { AuditStore } from '@amplify-discovery/registry/audit';

/** Keys per page of `list`, as in S3. */
const pageSize = 1000;

export interface AuditFolder extends AuditStore {
  /** Removes an entry whose change could not be stored. */
  remove(key: string): Promise<void>;
}

/** The log of changes in a folder: one file per entry, laid out as in a bucket. */
export function createAuditFolder(folder: string): AuditFolder {
  return {
    async put(key, text) {
      const file = join(folder, ...key.split('/'));
      try {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text, { flag: 'wx' });
        return 'written';
      } catch (error) {
        if (isCode(error, 'EEXIST')) return 'present';
        // A full disk may have taken half of it.
        await rm(file, { force: true });
        const message = `Nothing was changed: the log ${folder} cannot be written (${(error as Error).message})`;
        throw new DiscoveryError('StorageFailed', message, { cause: error });
      }
    },
    async *list({ from, until }) {
      // Days sort like their keys; the keys of a day are read in one go.
      for (const day of await listDays(folder)) {
        if (`${day}/~` < from || `${day}/` >= until) continue;
        const names = await readdir(join(folder, day), { recursive: true });
        const keys = names
          .filter((name) => name.endsWith('.json'))
          .map((name) => `${day}/${name.split(sep).join('/')}`)
          .filter((key) => key >= from && key < until)
          .sort();
        for (let start = 0; start < keys.length; start += pageSize) yield keys.slice(start, start + pageSize);
      }
    },
    async get(key) {
      try {
        return await readFile(join(folder, ...key.split('/')), 'utf8');
      } catch (error) {
        if (isCode(error, 'ENOENT')) return undefined;
        throw describeUnreadable(folder, error);
      }
    },
    remove: (key) => rm(join(folder, ...key.split('/')), { force: true }),
  };
}

/** The greatest sequence number in the folder: entries go on from there, whatever the clock says. */
export async function findLastSequence(folder: string): Promise<bigint> {
  const day = (await listDays(folder)).at(-1);
  if (day === undefined) return 0n;
  const sequences = (await readdir(join(folder, day))).map((name) => /^\d{6}-(\d+)$/.exec(name)?.[1]);
  return sequences.reduce((last, text) => (BigInt(text ?? 0) > last ? BigInt(text ?? 0) : last), 0n);
}

/** `2026/11/26` and so on, in order. */
async function listDays(folder: string): Promise<readonly string[]> {
  let days: readonly string[] = [''];
  for (const pattern of [/^\d{4}$/, /^\d\d$/, /^\d\d$/]) {
    const next = await Promise.all(
      days.map(async (path) => {
        const names = await listNames(folder, path);
        return names.filter((name) => pattern.test(name)).map((name) => (path === '' ? name : `${path}/${name}`));
      }),
    );
    days = next.flat();
  }
  return [...days].sort();
}

async function listNames(folder: string, path: string): Promise<readonly string[]> {
  try {
    return await readdir(join(folder, path));
  } catch (error) {
    // Nothing has been logged yet.
    if (isCode(error, 'ENOENT')) return [];
    throw describeUnreadable(folder, error);
  }
}

function describeUnreadable(folder: string, cause: unknown): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `The log in ${folder} can't be read: ${(cause as Error).message}`, {
    cause,
  });
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
