import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiscoveryError, throwIfAborted } from '@amplify-discovery/core';
import { parseZone } from '../service-name.ts';
import { sortUnique } from '../plan-zone-write.ts';
import type { RecordChange, RecordSet, ZoneCall, ZoneStore } from '../zone-store.ts';
import { holdLock } from './hold-lock.ts';
import { parseZoneFile, type ZoneFile } from './parse-zone-file.ts';

export interface ZoneFileOptions {
  /** Whose records they are, and the origin that the file begins with: `internal.example`. */
  readonly zone: string;
  /** The file that the server loads as the zone, or that the zone's own file includes. */
  readonly file: string;
}

/** What stands above it is somebody else's, and stays as it is but for the serial. */
const border = '; Below stand the records of discovery bridges, one a line. Write your own above this line.';
const types = new Set(['SRV', 'TXT', 'PTR', 'CNAME']);

/**
 * A zone file. A bridge's records stand below a border, sorted; what stands above is read, and kept to the letter. A change is
 * a new file in the old one's place, made under a lock and on condition that the old one is still as it was read. The serial
 * of the zone is raised if its SOA record is in the file.
 */
export function createFileStore(options: ZoneFileOptions): ZoneStore {
  const zone = parseZone(options.zone);
  const name = `zone-file:${options.file}`;

  const fail = ({ stage }: ZoneCall, cause: unknown) =>
    new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: ${(cause as Error).message}`, { stage, cause });

  /** Does what reads or writes the file; what goes wrong names it. */
  async function attempt<T>(call: ZoneCall, task: () => Promise<T>): Promise<T> {
    throwIfAborted(call.signal);
    try {
      return await task();
    } catch (error) {
      throwIfAborted(call.signal);
      throw fail(call, error);
    }
  }

  async function read(): Promise<{ readonly text: string; readonly sets: readonly RecordSet[] } & ZoneFile> {
    const text = await readIfThere(options.file);
    const parsed = parseZoneFile(text, zone);
    return { text, ...parsed, sets: toRecordSets(parsed) };
  }

  return {
    name,
    findZone: async ({ signal }) => {
      throwIfAborted(signal);
      return zone;
    },
    list: (domain, call) =>
      attempt(call, async () =>
        (await read()).sets.filter((set) => set.name === domain || set.name.endsWith(`.${domain}`)),
      ),
    find: (names, call) => attempt(call, async () => (await read()).sets.filter((set) => names.includes(set.name))),
    replace: (changes, call) =>
      attempt(call, () =>
        holdLock(options.file, call.signal, async () => {
          const present = await read();
          if (!changes.every(({ before, after }) => isAsRead(present.sets, before, after))) return false;
          return replaceFile(options.file, present.text, renderFile(present, changes));
        }),
      ),
  };
}

function isAsRead(sets: readonly RecordSet[], before: RecordSet | undefined, after: RecordSet | undefined): boolean {
  const wanted = (before ?? after) as RecordSet;
  const present = sets.find(({ name, type }) => name === wanted.name && type === wanted.type);
  return before
    ? present !== undefined && present.values.join('\n') === sortUnique(before.values).join('\n')
    : !present;
}

/** The whole file after the changes. @throws Error where one is about what stands above the border */
function renderFile({ text, records, serial }: ZoneFile & { readonly text: string }, changes: readonly RecordChange[]) {
  const found = text.indexOf(border);
  const borderAt = found < 0 ? text.length : found;
  const above = records.filter(({ at }) => at < borderAt);
  const lines = new Map<string, string>();
  const add = (name: string, ttlSeconds: number, type: string, value: string) =>
    lines.set(`${name} ${type} ${value}`, `${name}. ${ttlSeconds} IN ${type} ${value}`);
  for (const { name, ttlSeconds, type, value, at } of records) if (at > borderAt) add(name, ttlSeconds, type, value);
  for (const { before, after } of changes) {
    for (const value of before?.values ?? []) lines.delete(`${before?.name} ${before?.type} ${value}`);
    for (const { name, type, value } of above) {
      const isGoing = before?.name === name && before.type === type && !after?.values.includes(value);
      if (isGoing) throw new Error(`${name} ${type} stands above the border and is not changed: move it below`);
    }
    for (const value of after?.values ?? []) {
      const { name, type, ttlSeconds } = after as RecordSet;
      if (!above.some((one) => one.name === name && one.type === type && one.value === value))
        add(name, ttlSeconds, type, value);
    }
  }
  if (/^\$/m.test(text.slice(borderAt))) throw new Error('a line that begins with $ stands below the border');
  const kept = text.slice(0, borderAt);
  const own = kept === '' || kept.endsWith('\n') ? kept : `${kept}\n`;
  const isAbove = serial !== undefined && serial.at < borderAt;
  const head = isAbove
    ? own.slice(0, serial.at) + nextSerial(serial.text) + own.slice(serial.at + serial.text.length)
    : own;
  return `${head}${border}\n${[...lines.values()]
    .sort()
    .map((line) => `${line}\n`)
    .join('')}`;
}

/** RFC 1982: after the highest number comes the lowest. */
function nextSerial(serial: string): string {
  return String((Number(serial) + 1) % 2 ** 32 || 1);
}

/** Of a file that isn't there yet: nothing. Its folder has to be there. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    await stat(dirname(file));
    return '';
  }
}

/** False when somebody, an editor, has written it meanwhile. */
async function replaceFile(file: string, before: string, after: string): Promise<boolean> {
  const place = await realpath(file).catch(() => file);
  const mode = await stat(place).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  );
  const next = `${place}.${randomUUID()}.new`;
  const handle = await open(next, 'w', mode);
  try {
    await handle.writeFile(after, 'latin1');
    await handle.sync();
  } finally {
    await handle.close();
  }
  if ((await readIfThere(file)) !== before) {
    await unlink(next);
    return false;
  }
  await rename(next, place);
  return true;
}

function toRecordSets({ records }: ZoneFile): readonly RecordSet[] {
  const sets = new Map<string, RecordSet>();
  for (const { name, type, ttlSeconds, value } of records) {
    if (!types.has(type)) continue;
    const place = `${type} ${name}`;
    sets.set(place, { name, type, ttlSeconds, values: sortUnique([...(sets.get(place)?.values ?? []), value]) });
  }
  return [...sets.values()];
}
