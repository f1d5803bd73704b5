import { diffEndpoints, type EndpointDifference, type KeptSnapshot } from '@amplify-discovery/console';
import { defineCommand, type Command } from '../terminal/command.ts';
import { findStage } from '../registry/connect-registry.ts';
import { formatTable } from '../terminal/format-table.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { findNamedStage, stageArgument } from '../registry/stage-argument.ts';
import { storedSnapshotOptions } from '../history/stored-snapshot-options.ts';
import { findStoredSnapshots } from '../history/stored-snapshots.ts';

/** `discovery history` */
export const historyCommand: Command = defineCommand({
  name: 'history',
  summary: 'Lists the stored snapshots of a stage, newest first, with what changed in each.',
  details:
    "Reads the object versions in the publisher's bucket, with AWS credentials, or the snapshot files in a folder. diff and\n" +
    'rollback accept their ids.',
  arguments: [stageArgument],
  options: {
    stage: stageOption,
    limit: { kind: 'number', value: 'N', help: 'How many. Default: 10.' },
    ...storedSnapshotOptions,
    ...registryOptions,
  },
  examples: [
    ['discovery history Production --bucket my-snapshots --bucket-region eu-west-1', 'the last ten'],
    ['discovery history Production --folder snapshots --json', 'from the files in a folder, for a program'],
  ],
  async run({ arguments: [argument], options }, context) {
    const { stage, region } = await findStage(findNamedStage(argument, options.stage), options, context);
    const stored = findStoredSnapshots(stage, options, region, context);
    const limit = Math.max(1, Math.trunc(options.limit ?? 10));
    // One more, to show what changed in the last one.
    const kept = await context.wait(`Reading ${stored.place}`, stored.readHistory(limit + 1));
    const rows = kept.slice(0, limit).map((one, index) => describeVersion(one, kept.slice(index + 1)));
    if (options.json) context.printJson({ stage, snapshots: rows });
    else if (rows.length === 0) context.note(`There is no ${stored.place}, or no version of it is kept.`);
    else for (const line of formatRows(rows)) context.print(line);
    for (const { version, fault } of rows)
      if (fault !== undefined) context.note(`${version} can not be used: ${fault}`);
  },
});

interface Row {
  readonly version: string;
  readonly writtenAt: string | undefined;
  readonly sequence?: number;
  readonly revision?: string;
  readonly endpoints?: number;
  readonly added?: readonly string[];
  readonly changed?: readonly string[];
  readonly removed?: readonly string[];
  readonly fault?: string;
}

/** A version and what changed in it since the next older one that can be read. */
function describeVersion(kept: KeptSnapshot, older: readonly KeptSnapshot[]): Row {
  const { version } = kept;
  const writtenAt = kept.writtenAt === undefined ? undefined : new Date(kept.writtenAt).toISOString();
  if ('fault' in kept) return { version, writtenAt, fault: kept.fault.message };
  const { sequence, revision, endpoints } = kept.snapshot;
  const known = { version, writtenAt, sequence, revision, endpoints: endpoints.length };
  const before = older.find((one) => 'snapshot' in one);
  // Older ones exist, but none can be read.
  if (!before && older.length > 0) return known;
  const differences = diffEndpoints(before?.snapshot.endpoints ?? [], endpoints);
  const pick = (wanted: EndpointDifference['change']) =>
    differences.filter(({ change }) => change === wanted).map(({ service, id }) => `${service}/${id}`);
  return {
    ...known,
    added: pick('registered'),
    changed: pick('updated'),
    removed: pick('deregistered'),
  };
}

/** At most this many changes are named in a line. */
const namedChanges = 3;

function formatRows(rows: readonly Row[]): readonly string[] {
  const cells = rows.map(({ version, writtenAt, sequence, revision, endpoints, fault, ...changes }) => {
    const { added = [], changed = [], removed = [] } = changes;
    const names = [
      ...added.map((name) => `+${name}`),
      ...changed.map((name) => `~${name}`),
      ...removed.map((name) => `-${name}`),
    ];
    const more = names.length > namedChanges ? [`and ${names.length - namedChanges} more`] : [];
    const what = fault === undefined ? [...names.slice(0, namedChanges), ...more].join(' ') : 'can not be used';
    return [version, writtenAt, sequence, revision, endpoints, what].map((cell) => String(cell ?? ''));
  });
  return formatTable(['version', 'written', 'sequence', 'revision', 'endpoints', 'changes'], cells);
}
