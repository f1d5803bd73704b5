import {
  createBridge,
  openSource,
  purgeStage,
  runBridge,
  selectServices,
  syncStage,
  systems,
  type BridgeOptions,
  type BridgeResult,
  type SyncPlan,
} from '@amplify-discovery/bridges';
import { DiscoveryError, type Source } from '@amplify-discovery/core';
import { readStageNames } from '../registry/app-settings.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { openTargetSystem } from '../registry/open-target-system.ts';
import { createSystemContext } from '../registry/system-context.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';

const references = [...systems]
  .flatMap(([name, { address }]) => (address === undefined ? [] : [`${name}:${address}`]))
  .join(', ');

/** `discovery bridge` */
export const bridgeCommand: Command = defineCommand({
  name: 'bridge',
  summary: 'Copies the endpoints of a stage into another system, and removes only what it copied.',
  details:
    'Every copy carries a mark; what lacks it is never changed. Nothing is removed while a side can be read only in part, when FROM\n' +
    'has become empty, or when less than half of what was copied is still there: see --allow-empty and --minimum-share. What\n' +
    'TO has no words for is skipped and named.',
  arguments: [
    { name: 'FROM', help: `registry (the one that commands use), or ${references}.` },
    { name: 'TO', help: 'The same.' },
  ],
  options: {
    stage: {
      kind: 'list',
      value: 'STAGE',
      help: 'What is copied. Default: DISCOVERY_STAGE or the outputs. May be repeated.',
    },
    service: { kind: 'list', value: 'NAME', help: 'Only this service; * stands for any letters. May be repeated.' },
    mark: {
      kind: 'text',
      value: 'MARK',
      help: "Tells the copies of one bridge from all else. Needed with --service. Default: discovery/ and FROM's address.",
    },
    watch: { kind: 'flag', help: 'Go on until Ctrl-C or SIGTERM, which end it between two writes.' },
    interval: {
      kind: 'number',
      value: 'SECONDS',
      help: 'Between two questions to FROM with --watch (default: 10); else how often you run this, so that doctor can say when it has stopped.',
    },
    rate: { kind: 'number', value: 'N', help: 'Writes a second. Default: 10.' },
    'allow-empty': { kind: 'flag', help: 'Remove the last copies too when FROM is empty.' },
    'minimum-share': {
      kind: 'number',
      value: '0..1',
      help: 'Below this share of the copies nothing is removed. Default: 0.5.',
    },
    purge: { kind: 'flag', help: 'Remove every copy with the mark from TO, and copy nothing.' },
    'dry-run': { kind: 'flag', help: 'Only print the plan.' },
    ...registryOptions,
  },
  examples: [
    [
      'discovery bridge registry registry:https://b2.appsync-api.us-east-1.amazonaws.com/graphql --stage Production --dry-run',
      'what would be copied into another region',
    ],
    [
      'discovery bridge registry registry:https://b2.appsync-api.us-east-1.amazonaws.com/graphql --stage Production --watch',
      'keep the copies right',
    ],
  ],
  async run({ arguments: [from = '', to = ''], options }, context) {
    const { json, watch, purge, rate: changesPerSecond, interval: intervalSeconds } = options;
    const dryRun = options['dry-run'];
    if (watch && (dryRun || purge))
      throw new DiscoveryError('InvalidOptions', '--watch goes with neither --purge nor --dry-run');
    const minimumShare = options['minimum-share'];
    if (minimumShare !== undefined && minimumShare > 1) {
      throw new DiscoveryError('InvalidOptions', `--minimum-share: ${minimumShare} is not from 0 to 1`);
    }
    if (changesPerSecond === 0)
      throw new DiscoveryError('InvalidOptions', '--rate: at least one write in a while, not 0');
    const stages = await readStageNames(options, context);
    const { signal } = context;
    const target = await openTargetSystem(to, options, context);
    const mark = options.mark ?? (await nameMark(from, options, context));
    if (purge) {
      for (const stage of stages) {
        const purging = purgeStage({ target, mark, stage, signal, dryRun });
        const objects = await context.wait(`Reading ${target.name}`, purging);
        printPurged(
          stage,
          objects.map(({ key }) => key),
          dryRun,
          json,
          context,
        );
      }
      return undefined;
    }
    const source = await openFrom(from, options, context);
    const shared: BridgeOptions = {
      source,
      target,
      mark,
      select: selectServices(options.service),
      minimumShare,
      allowEmpty: options['allow-empty'],
      changesPerSecond,
      intervalSeconds,
      program: `discovery bridge ${context.version}`,
      sleep: context.sleep,
      now: context.now,
    };
    if (watch) {
      const onResult = (stage: string, result: BridgeResult | { readonly error: unknown }) => {
        if ('error' in result) context.note(`${stage}: ${describeError(result.error)}. It is tried again.`);
        else {
          noteStatusFault(stage, target.name, result, context);
          if (result.plan) printResult(stage, result, json, context);
        }
      };
      await runBridge({ ...shared, stages, signal, onResult });
      return undefined;
    }
    if (dryRun) {
      for (const stage of stages) {
        const planning = syncStage({ ...shared, stage, dryRun, signal });
        const { plan } = await context.wait(`Comparing ${stage} in ${target.name}`, planning);
        if (plan) printPlan(stage, plan, json, context);
      }
      return undefined;
    }
    let failed = 0;
    for (const stage of stages) {
      const onWrite = ({ kind, what, error }: { kind: string; what: string; error?: unknown }) => {
        if (error !== undefined) context.note(`${stage}: ${kind} ${what}: ${describeError(error)}`);
      };
      const copying = createBridge({ ...shared, onWrite }).sync(stage, { signal });
      const result = await context.wait(`Copying ${stage} to ${target.name}`, copying);
      noteStatusFault(stage, target.name, result, context);
      printResult(stage, result, json, context);
      failed += result.failed;
    }
    return failed > 0 ? 6 : undefined;
  },
});

type Options = Parameters<typeof connectRegistry>[0] & { readonly stage: readonly string[] };

/**
 * The mark of a bridge that copies all of FROM. It has FROM's address, so that the bridges of two registries into one system
 * don't take each other's copies for their own.
 */
async function nameMark(
  from: string,
  options: Options & { readonly service: readonly string[] },
  context: CommandContext,
): Promise<string> {
  if (options.service.length > 0) {
    throw new DiscoveryError(
      'InvalidOptions',
      '--service: give the bridge a --mark of its own, or another one of the same registry would remove its copies',
    );
  }
  const address = from === 'registry' ? (await connectRegistry(options, context, 'prefer-signed')).settings.url : from;
  return `discovery/${address.replace(/^registry:/, '').replace(/[^\w.:/-]/g, '-')}`;
}

async function openFrom(reference: string, options: Options, context: CommandContext): Promise<Source> {
  if (reference !== 'registry') return openSource(reference, createSystemContext(options, context));
  return (await connectRegistry(options, context, 'signed')).source;
}

function printPlan(stage: string, plan: SyncPlan, asJson: boolean, context: CommandContext): void {
  const puts = plan.puts.map(({ service, id, target }) => ({ service, id, target }));
  const removals = plan.removals.map(({ key }) => key);
  const skipped = listSkipped(plan.skipped);
  if (asJson) {
    context.printJson({ stage, puts, removals, skipped, unchanged: plan.unchanged, withheld: plan.withheld }, true);
    return;
  }
  context.print(
    ...puts.map(({ service, id, target }) => `write ${service}/${id} ${target}`),
    ...removals.map((key) => `remove ${key}`),
  );
  printRemarks(stage, plan, skipped, context);
  context.note(`${stage}: ${puts.length} to write, ${removals.length} to remove, ${plan.unchanged} right as they are.`);
}

function noteStatusFault(stage: string, target: string, { statusFault }: BridgeResult, { note }: CommandContext): void {
  if (statusFault === undefined) return;
  note(
    `${stage}: ${target} doesn't take what the bridge says about itself, so doctor can't see it: ${describeError(statusFault)}`,
  );
}

function printResult(stage: string, result: BridgeResult, asJson: boolean, context: CommandContext): void {
  const { plan, written, removed, failed } = result;
  const skipped = listSkipped(result.skipped);
  if (asJson) {
    const unchanged = plan?.unchanged;
    context.printJson({ stage, written, removed, failed, skipped, unchanged, withheld: plan?.withheld }, true);
    return;
  }
  if (plan) printRemarks(stage, plan, skipped, context);
  context.print(`${stage}: ${written} written, ${removed} removed, ${failed} failed, ${skipped.length} skipped`);
}

function listSkipped(skipped: BridgeResult['skipped']) {
  return skipped.map(({ endpoint: { service, id }, reason }) => ({ service, id, reason }));
}

function printRemarks(
  stage: string,
  { withheld }: SyncPlan,
  skipped: ReturnType<typeof listSkipped>,
  context: CommandContext,
): void {
  for (const { service, id, reason } of skipped) context.note(`${stage}: ${service}/${id} is skipped: ${reason}`);
  if (withheld)
    context.note(`${stage}: ${countCopies(withheld.removals)} not removed: ${withheldReasons[withheld.reason]}`);
}

const withheldReasons: Readonly<Record<NonNullable<SyncPlan['withheld']>['reason'], string>> = {
  incomplete: 'a side could be read only in part',
  empty: 'FROM is empty. If that is right: --allow-empty',
  smaller: 'FROM has much less than was copied. If that is right: --minimum-share 0',
};

function printPurged(
  stage: string,
  keys: readonly string[],
  isPlan: boolean,
  asJson: boolean,
  context: CommandContext,
) {
  if (asJson) context.printJson({ stage, [isPlan ? 'toRemove' : 'removed']: keys }, true);
  else {
    if (isPlan) context.print(...keys.map((key) => `remove ${key}`));
    context.print(`${stage}: ${countCopies(keys.length)} ${isPlan ? 'to remove' : 'removed'}`);
  }
}

const countCopies = (count: number) => `${count} ${count === 1 ? 'copy' : 'copies'}`;
const describeError = (error: unknown) => (error instanceof Error ? error.message : String(error));
