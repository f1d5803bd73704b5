import { DiscoveryError } from '@amplify-discovery/core';
import { listRules, setRule } from '@amplify-discovery/registry/operations';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { checkNames } from '../registry/check-names.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { describeRule } from '../registry/describe-rule.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { nameFreeze } from './plan-freeze.ts';

/** `discovery freeze` */
export const freezeCommand: Command = defineCommand({
  name: 'freeze',
  summary: 'Blocks changes to a service, or a whole stage, until it is thawed.',
  details:
    'Deployments that would change it fail with the reason and are rolled back; endpoints go on serving, and discovery\n' +
    'override still works. Shows the rule and asks before it writes, unless --yes is given. Needs IAM credentials.',
  arguments: [{ name: 'SERVICE', help: 'Only this service. Default: the whole stage.', isOptional: true }],
  options: {
    stage: stageOption,
    reason: { kind: 'text', value: 'TEXT', help: 'Why; shown to whoever is stopped.' },
    yes: yesOption,
    ...registryOptions,
  },
  examples: [
    ['discovery freeze users --stage Production --reason incident-42', 'one service'],
    ['discovery freeze --stage Production --reason release', 'a stage'],
  ],
  async run({ arguments: [service], options }, context) {
    if (service !== undefined) checkNames('SERVICE', [service]);
    const { reason } = options;
    if (!reason) throw new DiscoveryError('InvalidOptions', 'discovery freeze: --reason is missing');
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const stage = getStage(options.stage, settings);
    const rules = await context.wait(`Reading ${settings.url}`, listRules(transport, operation));
    const name = nameFreeze(rules, { stage, service });
    const services = service === undefined ? undefined : [service];
    const input = { kind: 'freeze', name, stages: [stage], services, reason } as const;
    const plan = [`set     ${describeRule(input)}`];
    const write = () => setRule(transport, input, operation);
    const rule = await carryOut({ plan, options, url: settings.url, write }, context);
    if (options.json) context.printJson({ isDone: rule !== undefined, rule: rule ?? input });
  },
});
