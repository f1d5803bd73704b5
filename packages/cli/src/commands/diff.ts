import { diffEndpoints, type EndpointDifference, listEndpoint } from '@amplify-discovery/console';
import { DiscoveryError, parseSnapshot, type Endpoint } from '@amplify-discovery/core';
import { defineCommand, type Command } from '../terminal/command.ts';
import { connectRegistry, findStage } from '../registry/connect-registry.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { findNamedStage, stageArgument } from '../registry/stage-argument.ts';
import { storedSnapshotOptions } from '../history/stored-snapshot-options.ts';
import { findStoredSnapshots } from '../history/stored-snapshots.ts';

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
    if (options.json) context.printJson({ stage, differences: differences.map(listDifference) });
    else if (differences.length === 0) context.note('Nothing changed.');
    else for (const difference of differences) context.print(describeDifference(difference));

    async function readNow(): Promise<readonly Endpoint[]> {
      const { source, settings } = await connectRegistry(options, context, 'read');
      const answer = await context.wait(`Reading ${settings.url}`, source.load({ stage, signal: context.signal }));
      const { endpoints, rejected } = parseSnapshot(answer, stage, () => 'listed');
      for (const { message } of rejected) context.note(`Left out: ${message}`);
      return endpoints;
    }
  },
});

function listDifference({ before, after, ...difference }: EndpointDifference): object {
  return { ...difference, before: before && listEndpoint(before), after: after && listEndpoint(after) };
}

/** One line for people: `+` was registered, `-` deregistered, `~` updated. */
function describeDifference({ service, id, before, after, fields }: EndpointDifference): string {
  const name = `${service}/${id}`;
  if (!before) return `+ ${name} ${after?.target}`;
  if (!after) return `- ${name} ${before.target}`;
  const [old, now] = [listEndpoint(before), listEndpoint(after)];
  return `~ ${name} ${fields.map((field) => `${field}: ${textOf(old[field])} -> ${textOf(now[field])}`).join(', ')}`;
}

function textOf(value: unknown): string {
  if (value == null) return 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
