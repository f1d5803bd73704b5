import { diffEndpoints, type EndpointDifference, listEndpoint } from '@amplify-discovery/console';
import {
  DiscoveryError,
  isDiscoveryError,
  parseSnapshot,
  type Endpoint,
  type Snapshot,
  type Source,
  type SourceAnswer,
} from '@amplify-discovery/core';
import { measureExpiry } from '@amplify-discovery/registry/notices';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { getStage } from '../registry/connect-registry.ts';
import { openNotices } from '../registry/open-notices.ts';
import { openReading } from '../registry/open-reading.ts';
import { registryOptions, sourceOption, stageOption } from '../registry/registry-options.ts';

/** What is asked all the same while notices arrive. What ends by itself makes none, and is asked for at that time. */
const minuteMs = 60_000;

/** `discovery watch` */
export const watchCommand: Command = defineCommand({
  name: 'watch',
  summary: 'Prints the changes of a stage as they happen, until Ctrl-C.',
  details:
    'The registry says when the stage changes, over a connection that is replaced when it is lost. Where it can’t be had, and\n' +
    'with --source, it polls every few seconds with its known revision, so an unchanged stage costs one short answer; it\n' +
    'says which. Changes that undo each other between two readings are missed. When there is no answer, it tries again.\n' +
    'With --json each change is one line of JSON.',
  arguments: [],
  options: {
    stage: stageOption,
    interval: { kind: 'number', value: 'SECONDS', help: 'Between two polls, where it polls; at least 1. Default: 5.' },
    source: sourceOption,
    ...registryOptions,
  },
  examples: [
    ['discovery watch --stage dev', 'follow a stage'],
    ['discovery watch --stage dev --interval 1 --json', 'for a program, one line of JSON a change'],
  ],
  async run({ options }, context) {
    const { interval = 5, json } = options;
    if (interval < 1)
      throw new DiscoveryError('InvalidOptions', `--interval must be at least 1 second: it is ${interval}`);
    const { source, settings, registry } = await openReading(options, context, 'read');
    const stage = getStage(options.stage, settings);
    const polling = `polling every ${interval} s`;
    const notices =
      registry &&
      (await openNotices(registry, context, {
        stages: [stage],
        onState: (isConnected, reason) =>
          context.note(
            isConnected ? 'Changes are shown as they are announced.' : `No notices (${reason}): ${polling}.`,
          ),
      }));
    let known: Snapshot | undefined;
    let isAnswering = true;
    try {
      while (!context.signal.aborted) {
        const answer = await ask(source, stage, known, context);
        if (context.signal.aborted) break;
        const hasFailed = answer instanceof Error;
        if (hasFailed && isAnswering) context.note(`${answer.message}. Trying again.`);
        if (!hasFailed && !isAnswering) context.note(`${registry ? 'The registry' : source.name} answers again.`);
        isAnswering = !hasFailed;
        if (!hasFailed && !answer.unchanged) {
          const snapshot = parseSnapshot(answer, stage, () => 'listed');
          if (known) printChanges(known, snapshot, json, context);
          else context.note(`${stage} has ${snapshot.endpoints.length} endpoints; ${polling}, Ctrl-C ends it.`);
          known = snapshot;
        }
        if (notices && !hasFailed) {
          const expiryMs = measureExpiry(known?.records ?? [], context.now());
          await notices.wait(interval * 1000, Math.min(minuteMs, expiryMs));
        } else await context.sleep(interval * 1000, context.signal);
      }
    } finally {
      notices?.close();
    }
  },
});

/** The answer, or an error after which a retry may help. */
async function ask(
  source: Source,
  stage: string,
  known: Snapshot | undefined,
  { signal }: CommandContext,
): Promise<SourceAnswer | Error> {
  try {
    return await source.load({ stage, knownRevision: known?.revision, signal });
  } catch (error) {
    if (signal.aborted || (isDiscoveryError(error) && error.retryable)) return error as Error;
    throw error;
  }
}

function printChanges(before: Snapshot, after: Snapshot, asJson: boolean, context: CommandContext): void {
  const time = new Date(context.now()).toISOString();
  for (const difference of diffEndpoints(before.endpoints, after.endpoints)) {
    const { change, fields } = difference;
    const endpoint = listEndpoint(getEndpoint(difference));
    if (asJson) context.printJson({ time, change, fields, endpoint, revision: after.revision }, true);
    else context.print(`${time} ${describe(difference)}`);
  }
}

function describe(difference: EndpointDifference): string {
  const { change, service, id, fields } = difference;
  const { target } = getEndpoint(difference);
  const what = fields.length > 0 ? ` (${fields.join(', ')})` : '';
  return `${change} ${service}/${id} ${target}${what}`;
}

/** Its current state, or its last one if it was removed. */
function getEndpoint({ before, after }: EndpointDifference): Endpoint {
  return (after ?? before) as Endpoint;
}
