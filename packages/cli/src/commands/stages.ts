import { createWriterError, DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { listRules, listStages } from '@amplify-discovery/registry/operations';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { connectRegistry, type Connection } from '../registry/connect-registry.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { addOwners, readStages } from '../registry/read-stages.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { removeRecord } from '../registry/remove-record.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { findPeriodMs } from '../terminal/find-period.ts';
import { findAbandoned, type AbandonedStage } from './plan-purge.ts';

/** `discovery stages` */
export const stagesCommand: Command = defineCommand({
  name: 'stages',
  summary: 'Lists the stages that have at least one endpoint, or purges abandoned previews.',
  details:
    'With --purge: the preview stages to which nothing was deployed for too long, with the reason; asks before it removes their\n' +
    'records, and --yes answers. Previews are the stages of the rules of kind previews, or those that --stage names. Protected and\n' +
    'frozen stages are kept. Each record is removed only if it is still the one that was read. Needs IAM credentials.',
  arguments: [],
  options: {
    purge: { kind: 'flag', help: 'Remove the records of abandoned previews.' },
    stage: { kind: 'list', value: 'PATTERN', help: 'With --purge: the stages that are previews, such as "pr-*".' },
    'older-than': {
      kind: 'text',
      value: 'PERIOD',
      help: "With --purge: 14d, 12h. Default: the rule's time, else 14d.",
    },
    owner: ownerOption,
    yes: yesOption,
    ...registryOptions,
  },
  examples: [
    ['discovery stages', 'every stage of the registry'],
    ['discovery stages --purge', 'see which previews are abandoned, then decide'],
    ['discovery stages --purge --stage "pr-*" --older-than 30d --yes', 'in a pipeline that runs every night'],
  ],
  async run({ options }, context) {
    const connection = await connectRegistry(options, context, 'signed');
    const { transport, settings, operation } = connection;
    const stages = await context.wait(`Reading ${settings.url}`, listStages(transport, operation));
    if (options.purge) return purge(stages, options, connection, context);
    if (options.stage.length > 0 || options['older-than'] !== undefined)
      throw new DiscoveryError('InvalidOptions', 'discovery stages: --stage and --older-than go with --purge');
    if (options.json) context.printJson({ stages });
    else if (stages.length === 0) context.note('No stage has an endpoint yet.');
    else for (const stage of stages) context.print(stage);
  },
});

interface PurgeInput {
  readonly stage: readonly string[];
  readonly 'older-than': string | undefined;
  readonly owner: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

async function purge(
  stages: readonly string[],
  options: PurgeInput,
  connection: Connection,
  context: CommandContext,
): Promise<void> {
  const { transport, settings, operation } = connection;
  const olderThanMs = parsePeriod(options['older-than']);
  const read = async () => {
    const rules = await listRules(transport, operation);
    const { endpoints } = await addOwners(connection, await readStages(connection, stages, context.signal));
    return { rules, records: endpoints };
  };
  const { rules, records } = await context.wait(`Reading ${settings.url}`, read());
  const previews = options.stage.length > 0 ? options.stage : undefined;
  const found = findAbandoned({ records, rules, previews, olderThanMs, now: context.now() });
  const removed = found.filter(({ keptBy }) => keptBy === undefined);
  const owner = getOwner(options.owner, context);
  const write = () => removeStages(removed, owner, connection);
  const outcome =
    removed.length > 0
      ? await carryOut({ plan: found.map(describeStage), options, url: settings.url, write }, context)
      : undefined;
  if (options.json) {
    const shown = found.map(({ stage, why, keptBy, records: own }) => ({ stage, why, keptBy, endpoints: own.length }));
    context.printJson({ isDone: outcome !== undefined, stages: shown, ...outcome });
  } else if (removed.length === 0) {
    context.print(...found.map(describeStage));
    context.note(previews || rules.some(({ kind }) => kind === 'previews') ? 'No preview is abandoned.' : noPreviews);
  }
  if (!outcome) return;
  if (!options.json) context.note(`${outcome.removed} endpoints were removed.`);
  const [first] = outcome.failures;
  if (first) throw createWriterError(first.code, `${outcome.failures.length} were not removed: ${first.message}`);
}

const noPreviews =
  'Nothing says which stages are previews: give --stage, or set a rule: discovery rules set previews NAME --stage "pr-*" --seconds 604800';

function describeStage({ stage, why, keptBy, records }: AbandonedStage): string {
  const what = `${stage} (${records.length} ${records.length === 1 ? 'endpoint' : 'endpoints'}): ${why}`;
  return keptBy === undefined ? `remove  ${what}` : `keep    ${what}, but ${keptBy} keeps it`;
}

interface Removal {
  readonly removed: number;
  readonly failures: readonly DiscoveryError[];
}

/** Goes on where a record can't be removed: it may have been deployed again meanwhile. */
async function removeStages(
  stages: readonly AbandonedStage[],
  owner: string,
  connection: Connection,
): Promise<Removal> {
  let removed = 0;
  const failures: DiscoveryError[] = [];
  for (const { why, records } of stages) {
    for (const record of records) {
      try {
        const { change } = await removeRecord(connection, record, { owner, reason: `abandoned preview: ${why}` });
        if (change === 'deregistered') removed += 1;
      } catch (error) {
        if (!isDiscoveryError(error)) throw error;
        failures.push(error);
      }
    }
  }
  return { removed, failures };
}

function parsePeriod(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const period = findPeriodMs(text);
  if (period) return period;
  throw new DiscoveryError('InvalidOptions', `--older-than must be a period such as 14d or 12h: it is "${text}"`);
}
