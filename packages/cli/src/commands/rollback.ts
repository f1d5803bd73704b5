import { DiscoveryError } from '@amplify-discovery/core';
import { findOverrideTime, overrideTimeOptions } from '../changes/override-time.ts';
import type { RollbackStep } from '../changes/plan-rollback.ts';
import { prepareRollback } from '../changes/prepare-rollback.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { findNamedStage, stageArgument } from '../registry/stage-argument.ts';
import { storedSnapshotOptions } from '../history/stored-snapshot-options.ts';
import { findStoredSnapshots } from '../history/stored-snapshots.ts';

/** `discovery rollback` */
export const rollbackCommand: Command = defineCommand({
  name: 'rollback',
  summary: 'Returns a stage to the state in a snapshot.',
  details:
    'Shows the plan and asks before it writes, unless --yes is given. Without a terminal, or with --json, only --yes writes.\n' +
    ' Each step is an ordinary registration under the owner that holds the record now, and only if it is still\n' +
    'the record that was read (exit code 6 otherwise: run it again). Endpoints that the snapshot lacks stay, unless\n' +
    '--remove-added is given. Expired endpoints are skipped. With --for and --reason the records are overridden for a\n' +
    'time instead, even those of stacks or in a freeze. Needs IAM credentials.',
  arguments: [stageArgument],
  options: {
    to: {
      kind: 'text',
      value: 'SNAPSHOT',
      help: 'A file, or with --bucket or --folder a version that discovery history shows.',
    },
    stage: stageOption,
    yes: { kind: 'flag', help: 'Carry out the plan without asking.' },
    'remove-added': { kind: 'flag', help: 'De-register endpoints that the snapshot lacks.' },
    owner: ownerOption,
    ...overrideTimeOptions,
    ...storedSnapshotOptions,
    ...registryOptions,
  },
  examples: [
    ['discovery rollback Production --to Production.json', 'see the plan, then decide'],
    ['discovery rollback Production --to 3sL4kq --bucket my-snapshots --yes', 'go back to a published snapshot'],
  ],
  async run({ arguments: [argument], options }, context) {
    if (options.to === undefined) throw new DiscoveryError('InvalidOptions', 'discovery rollback: --to is missing');
    const time = findOverrideTime('rollback', options, context.now());
    const connection = await connectRegistry(options, context, 'signed');
    const { settings } = connection;
    const stage = getStage(findNamedStage(argument, options.stage), settings);
    const { endpoints: target } = await findStoredSnapshots(stage, options, settings.region, context).open(options.to);
    const preparing = prepareRollback(
      connection,
      { stage, target, owner: getOwner(options.owner, context), removesAdded: options['remove-added'], time },
      context,
    );
    const { steps, lines, writes, write } = await context.wait(`Reading ${settings.url}`, preparing);
    if (!options.json) context.print(...lines);
    const isDone = options.yes || (!options.json && writes > 0 && (await isAgreed(writes, stage, context)));
    if (isDone) await context.wait(`Writing ${settings.url}`, write());
    const written = isDone ? writes : 0;
    if (options.json) context.printJson({ stage, isDone, steps: steps.map(describeForJson), written });
    else if (steps.length === 0) context.note(`${stage} is already as in the snapshot.`);
    else if (isDone) context.note(`${written} of ${writes} steps were written.`);
    else if (writes > 0) context.note('Nothing was written. Use --yes to write.');
  },
});

async function isAgreed(count: number, stage: string, { findAnswer }: CommandContext): Promise<boolean> {
  const answer = await findAnswer(`Write ${count} ${count === 1 ? 'step' : 'steps'} to ${stage}? [y/N] `);
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}

function describeForJson(step: RollbackStep): object {
  const { service, id } = step.action === 'keep' ? step : step.input;
  return {
    action: step.action,
    service,
    id,
    ...(step.action === 'register' && { target: step.input.target, fields: step.fields }),
    ...(step.action === 'override' && { fields: step.fields, skipped: step.skipped, until: step.input.until }),
  };
}
