import { describeTarget } from '@amplify-discovery/aws';
import { DiscoveryError, findFieldFault } from '@amplify-discovery/core';
import { findService, overrideEndpoint, retryConcurrentChange } from '@amplify-discovery/registry/operations';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { checkNames } from '../registry/check-names.ts';
import { continueOverride } from '../registry/continue-override.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { describeChange, listChange } from '../registry/describe-change.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { findOverrideTime, overrideTimeOptions, type OverrideTime } from '../changes/override-time.ts';

/** `discovery override` */
export const overrideCommand: Command = defineCommand({
  name: 'override',
  summary: 'Temporarily replaces the target of an endpoint, whoever owns the record.',
  details:
    'The owner stays: what is deployed in the meantime serves when the time is over, or with --end. Works during a freeze.\n' +
    'Apps call the target only if they trust its host. Shows the plan and asks before it writes, unless --yes is given.\n' +
    'Needs IAM credentials.',
  arguments: [
    { name: 'SERVICE', help: "The service's name." },
    { name: 'TARGET', help: "The new target, valid for the record's kind. Not with --end.", isOptional: true },
  ],
  options: {
    stage: stageOption,
    id: { kind: 'text', value: 'ID', help: 'Which endpoint of the service. Default: default.' },
    ...overrideTimeOptions,
    end: { kind: 'flag', help: 'End the override now.' },
    yes: yesOption,
    ...registryOptions,
  },
  examples: [
    ['discovery override users https://standby.example.com --stage Production --for 2h --reason outage', 'a standby'],
    ['discovery override users --stage Production --end', 'what was registered again'],
  ],
  async run({ arguments: [service = '', target], options }, context) {
    checkNames('SERVICE', [service]);
    const { id = 'default', end } = options;
    checkNames('--id', [id]);
    const time = getTime(target, options, context.now());
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const stage = getStage(options.stage, settings);
    const reading = findService(transport, service, { ...operation, withOwner: true });
    const found = await context.wait(`Reading ${settings.url}`, reading);
    const record = found.find((one) => one.stage === stage && one.id === id);
    const about = `${service}/${id} in ${stage}`;
    if (!record) throw new DiscoveryError('ServiceNotFound', `There is no ${about} to override`, { service, stage });
    if (end && !record.override) {
      if (options.json) context.printJson({ isDone: false, change: null });
      else context.note(`There is no override of ${about}.`);
      return;
    }
    const fault = target === undefined ? undefined : findFieldFault('target', target, record.kind);
    if (fault !== undefined) throw new DiscoveryError('InvalidOptions', `TARGET ${fault}`);
    const registered = record.override?.registered.target ?? record.target;
    const plan = [
      end
        ? `end      ${about}: ${record.target} -> ${registered}`
        : `override ${about}: ${record.target} -> ${target} until ${time?.until}`,
      `         ${record.owner ?? 'its owner'} still owns the record`,
    ];
    const { region, signingService } = describeTarget(target ?? '', record.kind);
    const values = { ...continueOverride(record), target, region, signingService };
    const input = end ? { stage, service, id } : { stage, service, id, ...values, ...time };
    const write = () => retryConcurrentChange(() => overrideEndpoint(transport, input, operation));
    const change = await carryOut({ plan, options, url: settings.url, write }, context);
    if (options.json) context.printJson({ isDone: change !== undefined, change: change ? listChange(change) : null });
    else if (change) context.print(end ? `Ended the override of ${about}` : describeChange(change, settings.origin));
  },
});

interface EndOptions {
  readonly end: boolean;
  readonly for: string | undefined;
  readonly until: string | undefined;
  readonly reason: string | undefined;
}

/** How long the override lasts; undefined where it ends now. */
function getTime(target: string | undefined, options: EndOptions, now: number): OverrideTime | undefined {
  const { end, for: duration, until, reason } = options;
  const refuse = (found: string) => new DiscoveryError('InvalidOptions', `discovery override: ${found}`);
  if (end) {
    if (target ?? duration ?? until ?? reason) throw refuse('--end takes no TARGET, --for, --until or --reason');
    return undefined;
  }
  if (target === undefined) throw refuse('TARGET is missing, or --end');
  const time = findOverrideTime('override', options, now);
  if (!time) throw refuse('give --for or --until, and --reason: an override lasts for a time');
  return time;
}
