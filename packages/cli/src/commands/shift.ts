import { DiscoveryError, isDiscoveryError, isName } from '@amplify-discovery/core';
import {
  findService,
  overrideEndpoint,
  registerEndpoint,
  type RegisteredEndpoint,
  type RegisterEndpointInput,
} from '@amplify-discovery/registry/operations';
import { checkNames } from '../registry/check-names.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { continueOverride } from '../registry/continue-override.ts';
import { isStackOwner } from '../registry/is-stack-owner.ts';
import { connectRegistry, getStage, type Connection } from '../registry/connect-registry.ts';
import { formatTable } from '../terminal/format-table.ts';
import { findOverrideTime, overrideTimeOptions, type OverrideTime } from './override-time.ts';
import { planShift, type WeightChange } from './plan-shift.ts';
import { noteStages } from '../registry/note-stages.ts';
import { listEndpoint, parseRegistered } from '../registry/listed-endpoint.ts';
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
    const { transport, settings, operation } = connection;
    const stage = getStage(options.stage, settings);
    const found = await context.wait(
      `Reading ${settings.url}`,
      findService(transport, service, { ...operation, withOwner: true }),
    );
    const records = found.filter((record) => record.stage === stage && record.tenant === (options.tenant ?? null));
    if (records.length === 0) {
      await noteStages([stage], connection, context);
      throw new DiscoveryError('ServiceNotFound', describeNone(service, stage, found), { service, stage });
    }
    const changes = planShift(records, shares);
    if (!options['dry-run']) {
      for (const change of changes)
        await context.wait(`Writing ${settings.url}`, writeWeight(change, time, connection));
    }
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

/** What exists instead: other tenants' endpoints in the stage, or the service in other stages. */
function describeNone(service: string, stage: string, found: readonly RegisteredEndpoint[]): string {
  const here = found.filter((record) => record.stage === stage).map(({ tenant }) => tenant ?? 'no tenant');
  const elsewhere = found.map((record) => record.stage);
  const list = (names: readonly string[]) => [...new Set(names)].slice(0, 5).join(', ');
  if (here.length > 0)
    return `No endpoint of "${service}" in "${stage}" is for that tenant; there are those of ${list(here)}`;
  const instead = elsewhere.length > 0 ? `; it is registered in ${list(elsewhere)}` : '';
  return `No endpoint of "${service}" in "${stage}"${instead}`;
}

async function writeWeight(
  change: WeightChange,
  time: OverrideTime | undefined,
  { transport, operation }: Connection,
): Promise<void> {
  const { record, weight } = change;
  const { stage, service, id } = record;
  if (time) {
    const input = { stage, service, id, ...continueOverride(record), weight, ...time };
    await overrideEndpoint(transport, input, operation);
    return;
  }
  try {
    await registerEndpoint(transport, makeInput(change), operation);
  } catch (error) {
    if (!isDiscoveryError(error) || error.code !== 'RegistryDenied' || !isStackOwner(record.owner)) throw error;
    const advice = 'Give --for and --reason to override the weight for a time, which leaves the record with its stack';
    throw new DiscoveryError('RegistryDenied', `${error.message}. ${advice}`, { service, stage, cause: error });
  }
}

/** The record with another weight; owner and token protect a newer record from being overwritten. */
function makeInput({ record, weight }: WeightChange): RegisterEndpointInput {
  const { owner, token } = record;
  return { ...listEndpoint(parseRegistered(record)), weight, owner: owner ?? '', token: token ?? '' };
}
