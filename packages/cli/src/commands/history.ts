import { defineCommand, type Command } from '../command.ts';
import { findStage } from '../connect-registry.ts';
import { formatTable } from '../format-table.ts';
import { diffEndpoints } from '@amplify-discovery/snapshots/history';
import { registryOptions, stageOption } from '../registry-options.ts';
import { storedSnapshotOptions } from '../stored-snapshot-options.ts';
import { findStoredSnapshots } from '../stored-snapshots.ts';

/** `discovery history` */
export const historyCommand: Command = defineCommand({
  name: 'history',
  summary: 'Lists the published snapshots of a stage, the newest first, and what changed with each.',
  details:
    "Reads the versions that the publisher's bucket keeps, with AWS credentials. diff and rollback take the versions by their ids.",
  arguments: [],
  options: {
    stage: stageOption,
    limit: { kind: 'number', value: 'N', help: 'How many. Default: 10.' },
    ...storedSnapshotOptions,
    ...registryOptions,
  },
  examples: [['discovery history --stage Production --bucket my-snapshots --bucket-region eu-west-1', 'the last ten']],
  async run({ options }, context) {
    const { stage, region } = await findStage(options.stage, options, context);
    const stored = findStoredSnapshots(stage, options, region, context);
    const store = await stored.getStore();
    const versions = await context.wait(`Listing ${stored.key}`, store.listVersions(stored.key));
    const shown = versions.slice(0, options.limit ?? 10);
    // One more, for what changed with the last one shown.
    const wanted = versions.slice(0, shown.length + 1);
    const documents = await context.wait(
      `Reading ${stored.key}`,
      Promise.all(wanted.map(({ versionId }) => stored.open(versionId))),
    );
    const rows = shown.map(({ versionId, writtenAt }, index) => {
      const { revision = '', endpoints = [] } = documents[index] ?? {};
      const before = documents[index + 1]?.endpoints ?? [];
      return {
        version: versionId,
        writtenAt: new Date(writtenAt).toISOString(),
        revision,
        endpoints: endpoints.length,
        ...count(before, endpoints),
      };
    });
    if (options.json) context.printJson({ stage, snapshots: rows });
    else if (rows.length === 0) context.note(`There is no ${stored.key}, or the bucket keeps no versions.`);
    else {
      const headings = ['version', 'written', 'endpoints', 'added', 'changed', 'removed'];
      const cells = rows.map((row) => [
        row.version,
        row.writtenAt,
        ...[row.endpoints, row.added, row.changed, row.removed].map(String),
      ]);
      for (const line of formatTable(headings, cells)) context.print(line);
    }
  },
});

function count(before: readonly unknown[], after: readonly unknown[]) {
  const differences = diffEndpoints(before, after);
  const added = differences.filter((difference) => !difference.before).length;
  const removed = differences.filter((difference) => !difference.after).length;
  return { added, changed: differences.length - added - removed, removed };
}
