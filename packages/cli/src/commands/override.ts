import { DiscoveryError, findFieldFault } from '@amplify-discovery/core';
import { findService, overrideEndpoint, retryConcurrentChange } from '@amplify-discovery/registry/operations';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { checkNames } from '../registry/check-names.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { describeChange, listChange } from '../registry/describe-change.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { parseExpiry } from './parse-expiry.ts';

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
    for: { kind: 'text', value: 'TIME', help: 'How long: 2h, 30m, 1d.' },
    until: { kind: 'text', value: 'TIME', help: 'The same as an ISO 8601 time.' },
    reason: { kind: 'text', value: 'TEXT', help: 'Why; shown by list --owners.' },
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
    const { id = 'default', end, reason } = options;
    checkNames('--id', [id]);
    const until = parseEnd(target, options, context.now());
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
    const registered = record.override?.registeredTarget ?? record.target;
    const plan = [
      end
        ? `end      ${about}: ${record.target} -> ${registered}`
        : `override ${about}: ${record.target} -> ${target} until ${until}`,
      `         ${record.owner ?? 'its owner'} still owns the record`,
    ];
    const input = end ? { stage, service, id } : { stage, service, id, target, until, reason };
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

/** When the override ends; undefined for now. */
function parseEnd(target: string | undefined, options: EndOptions, now: number): string | undefined {
  const { end, for: duration, until, reason } = options;
  const refuse = (found: string) => new DiscoveryError('InvalidOptions', `discovery override: ${found}`);
  if (end) {
    if (target ?? duration ?? until ?? reason) throw refuse('--end takes no TARGET, --for, --until or --reason');
    return undefined;
  }
  if (target === undefined) throw refuse('TARGET is missing, or --end');
  if (!reason) throw refuse('--reason is missing');
  if ((duration === undefined) === (until === undefined))
    throw refuse('give --for or --until: an override lasts for a time');
  return parseExpiry(duration ?? until ?? '', now, duration === undefined ? '--until' : '--for');
}
