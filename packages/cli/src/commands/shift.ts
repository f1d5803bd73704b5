import { DiscoveryError, isDiscoveryError, isName } from '@amplify-discovery/core';
import { prepareShift } from '../changes/prepare-shift.ts';
import { checkNames } from '../registry/check-names.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { formatTable } from '../terminal/format-table.ts';
import { findOverrideTime, overrideTimeOptions } from '../changes/override-time.ts';
import { noteStages } from '../registry/note-stages.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';

/** `discovery shift` */
export const shiftCommand: Command = defineCommand({
  name: 'shift',
  summary: "Shifts traffic between a service's endpoints by their weights.",
  details:
    'The endpoints in --to get their percentage, the others share the rest as before. Each record is written for its own\n' +
    'owner, and only if it has not changed since it was read (exit code 6 otherwise: run it again). The next deployment that\n' +
    'changes or renews the record sets its own weight again. With --for and --reason the weights are overridden for a time\n' +
    'instead, even those of stacks or in a freeze. Needs IAM credentials.',
  arguments: [{ name: 'SERVICE', help: "The service's name." }],
  options: {
    to: { kind: 'list', value: 'ID=PERCENT', help: 'This endpoint\u2019s share of the traffic.' },
    stage: stageOption,
    tenant: {
      kind: 'text',
      value: 'TENANT',
      help: "Shift among this tenant's endpoints. Default: those without a tenant.",
    },
    ...overrideTimeOptions,
    'dry-run': { kind: 'flag', help: 'Print the plan and write nothing.' },
    ...registryOptions,
  },
  examples: [
    ['discovery shift users --stage Production --to canary=10', 'send a tenth to the canary'],
    ['discovery shift users --stage Production --to canary=100 --dry-run', 'see what sending all to it would change'],
  ],
  async run({ arguments: [service = ''], options }, context) {
    checkNames('SERVICE', [service]);
    const shares = parseShares(options.to);
    const time = findOverrideTime('shift', options, context.now());
    const connection = await connectRegistry(options, context, 'signed');
    const { settings } = connection;
    const stage = getStage(options.stage, settings);
    const preparing = prepareShift(connection, { service, stage, tenant: options.tenant, shares, time });
    const { changes, write } = await context
      .wait(`Reading ${settings.url}`, preparing)
      .catch(async (error: unknown) => {
        if (isDiscoveryError(error) && error.code === 'ServiceNotFound') await noteStages([stage], connection, context);
        throw error;
      });
    if (!options['dry-run']) await context.wait(`Writing ${settings.url}`, write());
    const written = changes.map(({ record, weight }) => ({ id: record.id, from: record.weight, to: weight }));
    if (options.json) context.printJson({ service, stage, isDryRun: options['dry-run'], changes: written });
    else if (written.length === 0) context.note('The weights are already so.');
    else
      context.print(
        ...formatTable(
          ['id', 'from', 'to'],
          written.map(({ id, from, to }) => [id, String(from), String(to)]),
        ),
      );
  },
});

function parseShares(pairs: readonly string[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const pair of pairs) {
    const [, id = '', percent = ''] = /^(.+)=(\d{1,3}(?:\.\d)?)$/.exec(pair) ?? [];
    if (!isName(id) || shares.has(id))
      throw new DiscoveryError(
        'InvalidOptions',
        `--to: "${pair}" is not ID=PERCENT, such as canary=10 or canary=0.5, once for each id`,
      );
    shares.set(id, Number(percent));
  }
  if (shares.size === 0)
    throw new DiscoveryError('InvalidOptions', 'discovery shift: --to is missing, such as --to canary=10');
  return shares;
}
