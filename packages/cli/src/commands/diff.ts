import { diffEndpoints, type EndpointDifference } from '@amplify-discovery/snapshots/history';
import { defineCommand, type Command } from '../command.ts';
import { connectRegistry, findStage } from '../connect-registry.ts';
import { registryOptions, stageOption } from '../registry-options.ts';
import { storedSnapshotOptions } from '../stored-snapshot-options.ts';
import { findStoredSnapshots } from '../stored-snapshots.ts';

/** `discovery diff` */
export const diffCommand: Command = defineCommand({
  name: 'diff',
  summary: 'Shows what changed from one snapshot of a stage to another, or to what the registry has now.',
  details: 'A snapshot is a file, or with --bucket the version id that discovery history shows.',
  arguments: [
    { name: 'FROM', help: 'The older snapshot.' },
    { name: 'TO', help: 'The newer one. Default: the registry, now.', isOptional: true },
  ],
  options: { stage: stageOption, ...storedSnapshotOptions, ...registryOptions },
  examples: [
    ['discovery diff Production.json --stage Production', 'what changed since a snapshot was saved'],
    ['discovery diff 3sL4kq 8xYtZ1 --stage Production --bucket my-snapshots', 'between two published ones'],
  ],
  async run({ arguments: [from = '', to], options }, context) {
    const { stage, region } = await findStage(options.stage, options, context);
    const stored = findStoredSnapshots(stage, options, region, context);
    const before = await stored.open(from);
    const differences = diffEndpoints(
      before.endpoints,
      to === undefined ? await readNow() : (await stored.open(to)).endpoints,
    );
    if (options.json) context.printJson({ stage, differences });
    else if (differences.length === 0) context.note('Nothing changed.');
    else for (const difference of differences) context.print(describeDifference(difference));

    async function readNow(): Promise<readonly unknown[]> {
      const { source, settings } = await connectRegistry(options, context, 'read');
      const answer = await context.wait(`Reading ${settings.url}`, source.load({ stage, signal: context.signal }));
      return answer.unchanged ? [] : answer.endpoints;
    }
  },
});

/** `+` came, `-` went, `~` changed: one line for people. */
function describeDifference({ service, id, before, after, fields }: EndpointDifference): string {
  if (before && after) {
    const changes = fields.map((field) => `${field}: ${textOf(before[field])} -> ${textOf(after[field])}`);
    return `~ ${service}/${id} ${changes.join(', ')}`;
  }
  return after ? `+ ${service}/${id} ${textOf(after['target'])}` : `- ${service}/${id} ${textOf(before?.['target'])}`;
}

function textOf(value: unknown): string {
  if (value == null) return 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
