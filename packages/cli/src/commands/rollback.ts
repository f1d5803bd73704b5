import { createWriterError, DiscoveryError, isDiscoveryError, type Endpoint } from '@amplify-discovery/core';
import {
  deregisterEndpoint,
  findService,
  overrideEndpoint,
  registerEndpoint,
  type EndpointChange,
  type RegisteredEndpoint,
} from '@amplify-discovery/registry/operations';
import { planRollback, type RollbackStep } from '../history/plan-rollback.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { connectRegistry, getStage, type Connection } from '../registry/connect-registry.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { findOverrideTime, overrideTimeOptions } from './override-time.ts';
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
    const { endpoints } = await findStoredSnapshots(stage, options, settings.region, context).open(options.to);
    const target = endpoints.filter((endpoint) => !isExpired(endpoint, context.now()));
    const reading = readRecords(
      connection,
      stage,
      target.map(({ service }) => service),
      context.signal,
    );
    const current = await context.wait(`Reading ${settings.url}`, reading);
    const removesAdded = options['remove-added'];
    const steps = planRollback({ stage, current, target, owner: getOwner(options.owner, context), removesAdded, time });
    const writes = steps.filter((step) => step.action !== 'keep');
    if (!options.json) for (const step of steps) context.print(describeStep(step));
    const isDone =
      options.yes || (!options.json && writes.length > 0 && (await isAgreed(writes.length, stage, context)));
    if (isDone) await context.wait(`Writing ${settings.url}`, writeSteps(writes, connection));
    const written = isDone ? writes.length : 0;
    if (options.json) context.printJson({ stage, isDone, steps: steps.map(describeForJson), written });
    else if (steps.length === 0) context.note(`${stage} is already as in the snapshot.`);
    else if (isDone) context.note(`${written} of ${writes.length} steps were written.`);
    else if (writes.length > 0) context.note('Nothing was written. Use --yes to write.');
  },
});

/** The stage's records with owner and token, for the services that it has now and those in the snapshot. */
async function readRecords(
  { source, transport, operation }: Connection,
  stage: string,
  services: readonly string[],
  signal: AbortSignal,
): Promise<readonly RegisteredEndpoint[]> {
  const answer = await source.load({ stage, signal });
  const present = (answer.unchanged ? [] : answer.endpoints) as readonly Record<string, unknown>[];
  const records: RegisteredEndpoint[] = [];
  for (const service of new Set([...present.map((endpoint) => String(endpoint['service'])), ...services])) {
    const found = await findService(transport, service, { ...operation, withOwner: true });
    records.push(...found.filter((record) => record.stage === stage));
  }
  return records;
}

async function isAgreed(count: number, stage: string, { findAnswer }: CommandContext): Promise<boolean> {
  const answer = await findAnswer(`Write ${count} ${count === 1 ? 'step' : 'steps'} to ${stage}? [y/N] `);
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}

/** One at a time; a failure is reported with how many were written before it. */
async function writeSteps(
  steps: readonly Exclude<RollbackStep, { readonly action: 'keep' }>[],
  { transport, operation }: Connection,
): Promise<void> {
  for (const [done, step] of steps.entries()) {
    try {
      if (step.action === 'register') await registerEndpoint(transport, step.input, operation);
      else if (step.action === 'override') await overrideEndpoint(transport, step.input, operation);
      else requireRemoved(await deregisterEndpoint(transport, step.input, operation));
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      const { code, message, service, stage } = error;
      throw createWriterError(code, `${message} (${done} of ${steps.length} steps were written before)`, {
        service,
        stage,
        cause: error,
      });
    }
  }
}

/** A removal that no longer fits the record does nothing and succeeds; here that counts as a collision. */
function requireRemoved({ change, endpoint, service, id, stage }: EndpointChange): void {
  if (change !== 'unchanged' || endpoint === null) return;
  throw createWriterError(
    'ConcurrentChange',
    `${service}/${id} in "${stage}" has changed since it was read, so it was not removed`,
    { service, stage },
  );
}

function isExpired({ expiresAt = Infinity }: Endpoint, now: number): boolean {
  return expiresAt <= now;
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

function describeStep(step: RollbackStep): string {
  if (step.action === 'keep') return `keep       ${step.service}/${step.id}: not in the snapshot`;
  if (step.action === 'override') {
    const { service, id, until } = step.input;
    const rest = step.skipped.length > 0 ? `; not ${step.skipped.join(', ')}` : '';
    return `override   ${service}/${id ?? 'default'} (${step.fields.join(', ')}) ${until ? `until ${until}` : 'ends'}${rest}`;
  }
  const { service, id, owner } = step.input;
  if (step.action === 'deregister') return `deregister ${service}/${id ?? 'default'} of ${owner}`;
  const what = step.fields.length > 0 ? ` (${step.fields.join(', ')})` : '';
  return `register   ${service}/${id ?? 'default'} ${step.input.target}${what} for ${owner}`;
}
