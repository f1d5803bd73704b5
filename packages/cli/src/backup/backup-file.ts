import { createHash } from 'node:crypto';
import { DiscoveryError } from '@amplify-discovery/core';
import type { BackupRow } from '@amplify-discovery/registry/operations';
import { array, literal, looseObject, object, optional, safeParse, string } from 'valibot';

/** What a registry held at a time. */
export interface Backup {
  /** ISO 8601. */
  readonly createdAt: string;
  /** The URL of the registry. */
  readonly registry: string;
  readonly rows: readonly BackupRow[];
}

const format = 'amplify-discovery-backup';
const version = 1;

const header = object({
  format: literal(format),
  createdAt: string(),
  registry: string(),
  sha256: optional(string()),
  rows: array(looseObject({ stage: string(), key: string() })),
});

/** The backup as a file: JSON with a line for each row, ordered, so that two can be compared line by line. */
export function formatBackup({ createdAt, registry, rows }: Backup): string {
  const nameOf = ({ stage, key }: BackupRow) => JSON.stringify([stage, key]);
  const sorted = rows
    .map((row) => ({ row, name: nameOf(row) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ row }) => row);
  const fields = Object.entries({ format, version, createdAt, registry, sha256: digest(sorted) });
  const lines = fields.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const list = sorted.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  return `{\n${lines.join('')}  "rows": [${list === '' ? '' : `\n${list}\n  `}]\n}\n`;
}

/**
 * The backup in a file. What its rows say is for the registry to judge; here it is made sure that the file is whole.
 *
 * @throws DiscoveryError `InvalidOptions` for what is not a backup, is damaged, or is of a later version of the format.
 */
export function parseBackup(text: string, where: string): Backup {
  const refuse = (found: string): never => {
    throw new DiscoveryError('InvalidOptions', `${where}: ${found}`);
  };
  const value = parseJson(text) ?? refuse('is not JSON: it is not a backup, or only a part of one');
  const found = value as { readonly format?: unknown; readonly version?: unknown };
  if (found.format === format && found.version !== version)
    refuse(`has version ${JSON.stringify(found.version)} of the format, and this program reads ${version}`);
  const parsed = safeParse(header, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = issue.path?.map(({ key }) => String(key)).join('.') ?? 'the file';
    return refuse(`is not a backup that "discovery backup" made: ${path}: ${issue.message}`);
  }
  const { createdAt, registry, sha256 } = parsed.output;
  // As they stand in the file: the parser moves attributes.
  const { rows } = value as { readonly rows: readonly BackupRow[] };
  if (sha256 !== undefined && sha256 !== digest(rows))
    refuse(
      'is damaged, or was edited: its rows are not those that sha256 was made of. Without sha256 it is taken as it is',
    );
  const known = new Set<string>();
  for (const { stage, key } of rows) {
    const name = JSON.stringify([stage, key]);
    if (known.has(name)) refuse(`has two rows for ${key} in ${stage}`);
    known.add(name);
  }
  return { createdAt, registry, rows };
}

function parseJson(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function digest(rows: readonly BackupRow[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest('hex');
}
