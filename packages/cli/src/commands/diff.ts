import { DiscoveryError } from '@amplify-discovery/core';
import { diffEndpoints, type EndpointDifference } from '../history/diff-snapshots.ts';
import { defineCommand, type Command } from '../command.ts';
import { connectRegistry, findStage } from '../connect-registry.ts';
import { registryOptions, stageOption } from '../registry-options.ts';
import { findNamedStage, stageArgument } from '../stage-argument.ts';
import { storedSnapshotOptions } from '../stored-snapshot-options.ts';
import { findStoredSnapshots } from '../stored-snapshots.ts';

/** `discovery diff` */
export const diffCommand: Command = defineCommand({
  name: 'diff',
  summary: 'Shows what changed from one snapshot of a stage to another, or to what the registry has now.',
  details:
    'A snapshot is a file, with --bucket or --folder a version that discovery history shows, or current: the registry, now.\n' +
    'With three arguments the first one is the stage.',
  arguments: [
    stageArgument,
    { name: 'FROM', help: 'The older snapshot.', isOptional: true },
    { name: 'TO', help: 'The newer one. Default: current.', isOptional: true },
  ],
  options: { stage: stageOption, ...storedSnapshotOptions, ...registryOptions },
  examples: [
    ['discovery diff Production Production.json current', 'what changed since a snapshot was saved'],
    ['discovery diff Production 3sL4kq 8xYtZ1 --bucket my-snapshots', 'between two published ones'],
    ['discovery diff before.json --stage Production --json', 'the same for a program'],
  ],
  async run({ arguments: words, options }, context) {
    const [argument, from, to = 'current'] = words.length > 2 ? words : [undefined, ...words];
    if (from === undefined)
      throw new DiscoveryError('InvalidOptions', 'discovery diff: FROM is missing. See: discovery diff --help');
    const { stage, region } = await findStage(findNamedStage(argument, options.stage), options, context);
    const stored = findStoredSnapshots(stage, options, region, context);
    const read = async (reference: string) =>
      reference === 'current' ? readNow() : (await stored.open(reference)).endpoints;
    const differences = diffEndpoints(await read(from), await read(to));
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
